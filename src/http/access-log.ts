import type { RequestHandler } from 'express';
import { traceOf } from './request-trace.ts';

export interface AccessLog {
  readonly log: { info(obj: object, msg: string): void };
  readonly metrics: { request(operationId: string, status: number, seconds: number): void };
  readonly monotonicMs: () => number;
}

/**
 * One line and one sample per request, when its answer is out. Only what is listed here is logged:
 * no query, no header and no body, because those are where secrets stand. A path that is no
 * operation's counts as `unknown`, so that nobody can fill the metrics with names.
 */
export function accessLog({ log, metrics, monotonicMs }: AccessLog): RequestHandler {
  return (req, res, next) => {
    const started = monotonicMs();
    const path = req.path.slice(0, 300);
    const { method, ip } = req;
    res.once('close', () => {
      const { requestId, operationId, caller } = traceOf(res);
      const ms = monotonicMs() - started;
      const status = res.writableFinished ? res.statusCode : 499;
      metrics.request(operationId ?? 'unknown', status, ms / 1000);
      const verdict = res.getHeader('gate-verdict') ?? null;
      log.info({ requestId, method, path, operationId, status, verdict, caller, ip, ms: Math.round(ms) }, 'request');
    });
    next();
  };
}
