import type { Request, RequestHandler, Response } from 'express';
import type { Ports, Principal, RequestContext } from '../app/ports.ts';
import type { Answer } from './answer.ts';
import { principalFor, tokenInBody } from './authenticate.ts';
import { type ResponseCheck, reasonsAgainst } from './check-response.ts';
import type { BoundOperation } from './contract.ts';
import { refuseForeignPage } from './door.ts';
import { HttpError, isOurs, type Problem, problemAnswer } from './problem.ts';
import { queryOf, refuseCredentials } from './read-query.ts';
import type { RequestParts } from './read-request.ts';
import { type RequestTrace, requestIdOf, traceOf } from './request-trace.ts';
import { send } from './send.ts';

export interface DispatchContext {
  readonly ports: Ports;
  /** The address that the service listens on. */
  readonly boundHost: string;
  readonly log: { error(obj: object, msg: string): void };
  /** In tests: an answer that the document does not describe becomes a loud 500. */
  readonly validateResponse: ResponseCheck | null;
}

/** One handler for all methods of a path, so that HEAD and OPTIONS never run a GET. */
export function dispatch(context: DispatchContext, operations: readonly BoundOperation[]): RequestHandler {
  const byMethod = new Map(operations.map((bound) => [bound.operation.method.toUpperCase(), bound]));
  const allow = [...byMethod.keys()].join(', ');
  return async (req, res) => {
    const bound = byMethod.get(req.method);
    if (bound === undefined) {
      const error = new HttpError('method-not-allowed', `This takes ${allow}.`, { Allow: allow });
      send(res, problemAnswer(error, requestIdOf(res)));
      return;
    }
    const trace = traceOf(res);
    trace.operationId = bound.id;
    const given = await answer(context, bound, req, res, trace);
    if (!res.closed) send(res, checked(context, bound, given, trace));
  };
}

/** Nobody sees it: the caller has gone. What the access log calls it. */
const CLOSED = 499;

/** Whoever closes the connection before the answer does not want it any more. */
function closingOf(res: Response): AbortSignal {
  const gone = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort();
  });
  return gone.signal;
}

/**
 * The order is: credential in the address, which page sends it, who calls, may they, is it well-formed, do it; only the body of a
 * webhook that cannot send a header is read before it is known who sends it. Where an
 * operation can say what its failure means (the gate holds), everything that is ours goes there, as
 * soon as it is known what was asked.
 */
async function answer(
  context: DispatchContext,
  bound: BoundOperation,
  req: Request,
  res: Response,
  trace: RequestTrace,
): Promise<Answer> {
  let known: RequestContext | null = null;
  let parts: RequestParts | null = null;
  const signal = closingOf(res);
  try {
    refuseCredentials(queryOf(req.originalUrl));
    refuseForeignPage(req.headers, req.host, bound.operation);
    if (tokenMayBeInBody(bound, req)) parts = await bound.read(req, res);
    const authorization = req.headers.authorization ?? tokenInBody(parts?.body);
    const principal = await principalFor(context, { ...req.headers, authorization }, bound.operation);
    known = { principal, requestId: trace.requestId, ip: req.ip ?? null };
    trace.caller = nameOf(principal);
    const prefersText = negotiate(req, bound);
    parts ??= await bound.read(req, res);
    return await bound.handle({ ...parts, context: known, prefersText, signal } as never);
  } catch (error) {
    if (signal.aborted && error === signal.reason) return { status: CLOSED };
    return refusal(context, bound, req, res, { error, known, parts, signal, requestId: trace.requestId });
  }
}

function tokenMayBeInBody({ operation }: BoundOperation, req: Request): boolean {
  const asksForFlagger = /(?:^|&)view=flagger-/.test(queryOf(req.originalUrl));
  return operation.takesTokenInBody && asksForFlagger && req.headers.authorization === undefined;
}

interface Failure {
  readonly error: unknown;
  readonly known: RequestContext | null;
  readonly parts: RequestParts | null;
  readonly signal: AbortSignal;
  readonly requestId: string;
}

async function refusal(
  context: DispatchContext,
  bound: BoundOperation,
  req: Request,
  res: Response,
  failure: Failure,
): Promise<Answer> {
  const { error, known, requestId } = failure;
  const ours = isOurs(error);
  if (ours) context.log.error({ err: error, requestId, operationId: bound.id }, 'request failed');
  const problem = challenging(problemAnswer(error, requestId), bound);
  if (problem.status === 401 || problem.status === 403) {
    context.ports.events.refused({ requestId, reason: (problem.json as Problem).code });
  }
  if (bound.failed === null || (!ours && problem.status !== 409)) return problem;
  try {
    const prefersText = negotiate(req, bound);
    const parts = failure.parts ?? (await bound.read(req, res));
    return bound.failed({ ...parts, context: known, prefersText, signal: failure.signal } as never, error);
  } catch (second) {
    return problemAnswer(second, requestId);
  }
}

/** Programs that can only do Basic send nothing until they are told that it is taken. */
function challenging(problem: Answer, { operation }: BoundOperation): Answer {
  if (problem.status !== 401 || !operation.takesBasic) return problem;
  const bearer = problem.headers?.['WWW-Authenticate'];
  const both = `Basic realm="ringgate", charset="UTF-8", ${bearer}`;
  return { ...problem, headers: { ...problem.headers, 'WWW-Authenticate': both } };
}

/** True when the caller prefers plain text. @throws HttpError `not-acceptable`. */
function negotiate(req: Request, { produces, operation }: BoundOperation): boolean {
  const json = produces.includes('application/json');
  if (!json || operation.rights.includes('public')) return false;
  const best = req.accepts([...produces]);
  if (best === false) throw new HttpError('not-acceptable', `This is served as ${produces.join(' or ')}.`);
  return best === 'text/plain';
}

function checked(context: DispatchContext, bound: BoundOperation, given: Answer, trace: RequestTrace): Answer {
  if (context.validateResponse === null) return given;
  const reasons = reasonsAgainst(context.validateResponse, bound.id, given);
  if (reasons.length === 0) return given;
  context.log.error({ reasons, requestId: trace.requestId, operationId: bound.id }, 'answer is not as documented');
  const problem = problemAnswer(new Error('undocumented answer'), trace.requestId);
  return { ...problem, json: { ...(problem.json as object), detail: `UNDOCUMENTED ANSWER: ${reasons.join('; ')}` } };
}

function nameOf(principal: Principal): string {
  return principal.id ?? principal.kind;
}
