/**
 * Requests made from openapi.yaml alone: every operation with valid, nearly valid and hostile
 * parameters and bodies. What is nearly valid has one thing wrong and knows which field that is.
 */
import type { Role } from '../../src/app/ports.ts';
import { ROLES, rightsOf } from '../../src/app/rights.ts';
import type { ContractDocument, JsonObject, Operation, Parameter } from '../../src/http/document.ts';
import { resolve } from '../../src/http/document.ts';
import { hugeBodies } from './hostile-bodies.ts';
import type { Dice } from './hostile-dice.ts';
import { IMPOSSIBLE, type Impossible } from './hostile-meanings.ts';
import { aFieldValue, aPathName, IN_SIX_HOURS } from './hostile-names.ts';
import { type SchemaValues, schemaValues } from './hostile-schema.ts';
import { type Draft, hostile, isJson, nearValid, type Twist, textOf } from './hostile-twists.ts';

export type Caller = Role | 'nobody' | 'garbage' | 'expired';
export const KINDS = ['valid', 'near-valid', 'hostile'] as const;
export type Kind = (typeof KINDS)[number];

export interface HostileRequest {
  readonly kind: Kind;
  /** What is special about it, for messages. */
  readonly what: string;
  readonly operation: Operation;
  readonly caller: Caller;
  /** True when the caller has one of the rights that the operation asks for. */
  readonly mayAsk: boolean;
  readonly method: string;
  /** As it stands in the request line, one character per byte. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | null;
  /** One of these must be named by a 400; null when nothing in particular. */
  readonly pointers: readonly string[] | null;
  /** The only status a caller with the right may get; null when several are right. */
  readonly status: number | null;
}

export const CALLERS: readonly Caller[] = [...ROLES, 'nobody', 'garbage', 'expired'];

const AN_INSTANT = '2026-11-22T10:00:00Z';

export interface RequestSource {
  next(): HostileRequest;
}

/** An endless row of requests, the same for the same dice. Operations come in turn. */
export function hostileRequests(contract: ContractDocument, dice: Dice): RequestSource {
  const values = schemaValues(contract.root);
  const drafts = draftsFrom(contract, values);
  const twists = { 'near-valid': nearValid(values), hostile: hostile(values) };
  let turn = 0;
  return {
    next() {
      const operation = contract.operations[turn++ % contract.operations.length] as Operation;
      const caller = callerFor(dice, operation);
      const draft = drafts(dice, operation);
      const kind: Kind = dice.pick(['valid', 'near-valid', 'near-valid', 'hostile', 'hostile']);
      if (kind === 'valid') return written(kind, maybeBare(dice, draft, operation), operation, caller);
      const made = twistOne(dice, draft, operation, twists[kind]);
      if (made && kind === 'near-valid') keepToOneFault(draft, operation);
      return written(made ? kind : 'valid', draft, operation, caller);
    },
  };
}

/** Once for each operation with a body: every field emptied in turn, no document at all, and bodies that are large in every way. */
export function* fixedRequests(contract: ContractDocument, dice: Dice): Generator<HostileRequest> {
  const drafts = draftsFrom(contract, schemaValues(contract.root));
  for (const operation of contract.operations) {
    if (operation.body === null) continue;
    const able = CALLERS.filter((each) => mayAsk(each, operation));
    const caller = able.length === 0 ? 'nobody' : dice.pick(able);
    const draft = drafts(dice, operation);
    const needed = operation.parameters.filter(({ in: where, required }) => where === 'query' && required);
    const query = draft.query.filter(([name]) => needed.some((parameter) => parameter.name === name));
    const plain = { ...draft, query, headers: [] };
    const of = (change: Partial<Draft>) => written('near-valid', { ...plain, ...change }, operation, caller);
    if (isJson(operation) && !operation.body.signed)
      yield* wrongDocuments(of, examplesOf(contract.root, operation, operation.body.type) as readonly object[]);
    const impossible = IMPOSSIBLE[operation.id];
    if (impossible !== undefined) yield impossibly(plain, impossible, operation, caller);
    yield of({ type: 'text/plain', what: 'text for the body', status: 415 });
    for (const [what, rawBody] of hugeBodies(operation.body.limit)) {
      yield of({ rawBody, what, status: rawBody.length > operation.body.limit ? 413 : 400 });
    }
  }
}

/** Of things that are there, so that nothing else is wrong. */
function impossibly(plain: Draft, { what, body, pointer }: Impossible, operation: Operation, caller: Caller) {
  const path = { service: 'cart', rule: 'latency', freeze: 'impossible' };
  return written('near-valid', { ...plain, path, body, what, pointers: [pointer], status: 400 }, operation, caller);
}

function* wrongDocuments(
  of: (change: Partial<Draft>) => HostileRequest,
  examples: readonly object[],
): Generator<HostileRequest> {
  for (const body of [null, 1, 'text', [], true]) {
    yield of({ body, what: `${JSON.stringify(body)} for the body`, pointers: [''], status: 400 });
  }
  for (const example of examples) {
    for (const field of Object.keys(example)) {
      const what = `null for ${field}`;
      yield of({ body: { ...example, [field]: null }, what, pointers: [`/${field}`], status: 400 });
    }
  }
}

/** Half of the requests that need no body come without one. */
function maybeBare(dice: Dice, draft: Draft, { body }: Operation): Draft {
  return body === null || body.required || dice.chance(0.5) ? draft : { ...draft, body: undefined };
}

/** What stands in the query is looked at first, and some values there are at the edge: beside a wrong body it would be the one that is told. */
function keepToOneFault(draft: Draft, operation: Operation): void {
  if (draft.pointers === null || draft.pointers.some((pointer) => /^\/(query|path|header)/.test(pointer))) return;
  const needed = new Set(operation.parameters.flatMap(({ name, required }) => (required ? [name] : [])));
  draft.query = draft.query.filter(([name]) => needed.has(name));
}

function twistOne(dice: Dice, draft: Draft, operation: Operation, twists: readonly Twist[]): boolean {
  for (let tries = 0; tries < 10; tries++) if (dice.pick(twists)(dice, draft, operation)) return true;
  return false;
}

function callerFor(dice: Dice, operation: Operation): Caller {
  const able = CALLERS.filter((caller) => mayAsk(caller, operation));
  return able.length > 0 && dice.chance(0.65) ? dice.pick(able) : dice.pick(CALLERS);
}

export function mayAsk(caller: Caller, { rights }: Operation): boolean {
  if (rights.includes('public')) return true;
  if (caller === 'nobody' || caller === 'garbage' || caller === 'expired') return false;
  return rights.some((right) => right !== 'public' && right !== 'signed' && rightsOf(caller).includes(right));
}

function draftsFrom(contract: ContractDocument, values: SchemaValues) {
  return (dice: Dice, operation: Operation): Draft => {
    const of = (where: Parameter['in']) => operation.parameters.filter((parameter) => parameter.in === where);
    // The address is judged before the body: beside a body that is to be refused it has to be in order.
    const calm = (name: string) => (operation.body !== null && name === 'at' ? AN_INSTANT : undefined);
    const value = ({ name, schema }: Parameter) =>
      String(calm(name) ?? aFieldValue(dice, name) ?? values.valid(dice, schema));
    const query = of('query').filter(({ required }) => required || dice.chance(0.25));
    const header = of('header').filter(() => dice.chance(0.1));
    return {
      path: Object.fromEntries(of('path').map((each) => [each.name, aPathName(dice, each.name) ?? value(each)])),
      query: query.map((each) => [each.name, value(each)]),
      rawQuery: '',
      headers: header.map(({ name }) => [name, dice.pick(['*', '"0000"', 'W/"x", "y"'])]),
      ...(operation.body === null ? { body: undefined, type: 'application/json' } : bodyFor(dice, operation)),
      rawBody: null,
      what: 'valid',
      pointers: null,
      status: null,
    };
  };
  function bodyFor(dice: Dice, operation: Operation): { readonly body: unknown; readonly type: string } {
    const types = Object.keys(operation.body?.media ?? {});
    const type = types.length > 1 ? dice.pick(types) : (types[0] ?? '');
    const examples = examplesOf(contract.root, operation, type);
    if (!isJson(operation)) return { body: dice.pick(examples), type };
    const body = dice.chance(0.5) ? ahead(dice.pick(examples)) : values.valid(dice, operation.body?.schema ?? {});
    return { body, type };
  }
}

/** An example's end lay ahead on the day it was written; it has to on every day. */
function ahead(example: unknown): unknown {
  return Object.hasOwn(example as object, 'expiresAt') ? { ...(example as object), expiresAt: IN_SIX_HOURS } : example;
}

/** The bodies that the document itself shows for an operation, in one of its media types. */
function examplesOf(root: JsonObject, { path, method }: Operation, type: string): readonly unknown[] {
  const item = (root.paths as Record<string, JsonObject>)[path]?.[method] as JsonObject;
  const content = resolve(root, item.requestBody ?? {}).content as Record<string, JsonObject>;
  const examples = Object.values((content[type]?.examples ?? {}) as JsonObject);
  return examples.map((example) => resolve(root, example ?? {}).value);
}

// ---- As bytes -----------------------------------------------------------------------------------------

function written(kind: Kind, draft: Draft, operation: Operation, caller: Caller): HostileRequest {
  const { what, pointers, status } = draft;
  const target = targetOf(draft, operation);
  const body = draft.rawBody ?? (draft.body === undefined ? null : Buffer.from(textOf(draft.body, operation)));
  const typed: [string, string][] = body === null || draft.type === null ? [] : [['Content-Type', draft.type]];
  const headers = [...typed, ...draft.headers];
  const method = operation.method.toUpperCase();
  return {
    kind,
    what,
    operation,
    caller,
    mayAsk: mayAsk(caller, operation),
    method,
    target,
    headers,
    body,
    pointers,
    status,
  };
}

function targetOf({ path, query, rawQuery }: Draft, operation: Operation): string {
  const filled = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = path[name] ?? '';
    return value.startsWith('\0raw') ? value.slice(4) : encodeURIComponent(value).replaceAll('%40', '@');
  });
  const pairs = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  const all = [...pairs, ...(rawQuery === '' ? [] : [rawQuery])].join('&');
  return all === '' ? filled : `${filled}?${all}`;
}

/** The bytes of a request; `close` asks for the connection to end with the answer. */
export function bytesOf(
  { method, target, headers, body }: Pick<HostileRequest, 'method' | 'target' | 'headers' | 'body'>,
  token: string | null,
): Buffer {
  const own = new Set(headers.map(([name]) => name.toLowerCase()));
  const framing: [string, string][] = body === null ? [] : [['Content-Length', String(body.length)]];
  const bearer: [string, string][] =
    token === null || own.has('authorization') ? [] : [['Authorization', `Bearer ${token}`]];
  const all = [['Host', 'gate.example'], ...bearer, ...headers, ...framing, ['Connection', 'close']];
  const head = `${method} ${target} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body ?? Buffer.alloc(0)]);
}
