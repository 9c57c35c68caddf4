import type { Request, Response } from 'express';
import { type FieldError, invalid } from '../domain/errors.ts';
import type { RequestHeaders } from './answer.ts';
import type { Operation, Parameter } from './document.ts';
import { readBody } from './read-body.ts';
import { queryOf, readQuery } from './read-query.ts';
import type { Check, Schemas } from './schemas.ts';

/** The parts of a request that the contract describes, validated. */
export interface RequestParts {
  readonly path: unknown;
  readonly query: unknown;
  readonly headers: RequestHeaders;
  readonly body: unknown;
}

export type RequestReader = (req: Request, res: Response) => Promise<RequestParts>;

/** Reads the requests of an operation. The reader throws GateError `invalid-request` naming every field that is wrong. */
export function requestReader(schemas: Schemas, operation: Operation): RequestReader {
  const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = operation.parameters.filter((parameter) => parameter.in === 'query');
  const inHeader = operation.parameters.filter((parameter) => parameter.in === 'header');
  const checks = { path: check(schemas, inPath), query: check(schemas, inQuery), header: check(schemas, inHeader) };
  const bodyOf = bodyReader(schemas, operation);
  return async (req, res) => {
    const path = { ...req.params };
    const query = readQuery(queryOf(req.originalUrl), inQuery);
    const header = headersOf(req, inHeader);
    const errors = [
      ...below('/path', checks.path(path)),
      ...below('/query', checks.query(query)),
      ...below('/header', checks.header(header)),
    ];
    if (errors.length > 0) throw invalid(errors);
    const headers: RequestHeaders = {
      ifMatch: header['If-Match'] ?? null,
      ifNoneMatch: header['If-None-Match'] ?? null,
      idempotencyKey: header['Idempotency-Key'] ?? null,
      githubEvent: header['X-GitHub-Event'] ?? null,
      githubDelivery: header['X-GitHub-Delivery'] ?? null,
      githubSignature: header['X-Hub-Signature-256'] ?? null,
    };
    return { path, query, headers, body: await bodyOf(req, res) };
  };
}

function check(schemas: Schemas, parameters: readonly Parameter[]): Check {
  return schemas.check({
    type: 'object',
    additionalProperties: false,
    required: parameters.filter((parameter) => parameter.required).map((parameter) => parameter.name),
    properties: Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.schema])),
  });
}

function bodyReader(schemas: Schemas, operation: Operation): BodyReader {
  const { body } = operation;
  if (body === null) return async () => undefined;
  const checks = new Map(Object.entries(body.media).map(([type, schema]) => [type, schemas.check(schema)]));
  return async (req, res) => {
    const read = await readBody(req, res, body);
    if (read === undefined && !body.required) return undefined;
    if (read === undefined) throw invalid([{ pointer: '', message: `a body of ${body.type} is needed` }]);
    const errors = body.signed ? [] : (checks.get(read.type)?.(read.value) ?? []);
    if (errors.length > 0) throw invalid(errors);
    return read.value;
  };
}

type BodyReader = (req: Request, res: Response) => Promise<unknown>;

function headersOf(req: Request, parameters: readonly Parameter[]): Record<string, string> {
  const sent = parameters.map(({ name }) => [name, req.get(name)] as const);
  return Object.fromEntries(sent.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function below(where: string, errors: readonly FieldError[]): readonly FieldError[] {
  return errors.map(({ pointer, message }) => ({ pointer: `${where}${pointer}`, message }));
}
