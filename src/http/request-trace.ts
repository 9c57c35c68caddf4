import type { RequestHandler, Response } from 'express';

/** What is known of a request for its log line and its metrics. */
export interface RequestTrace {
  readonly requestId: string;
  operationId: string | null;
  caller: string | null;
}

/** An id from outside is taken over only when it cannot do harm in a log, a header or a record. */
const SANE = /^[A-Za-z0-9][A-Za-z0-9._-]{7,99}$/;

/** Gives every request an id, takes over a sane one, and echoes it. */
export function traceRequests(newId: () => string): RequestHandler {
  return (req, res, next) => {
    const sent = req.get('x-request-id');
    const requestId = sent !== undefined && SANE.test(sent) ? sent : newId();
    const trace: RequestTrace = { requestId, operationId: null, caller: null };
    res.locals.trace = trace;
    res.setHeader('X-Request-Id', requestId);
    next();
  };
}

export function traceOf(res: Response): RequestTrace {
  return res.locals.trace as RequestTrace;
}

export function requestIdOf(res: Response): string {
  return traceOf(res).requestId;
}
