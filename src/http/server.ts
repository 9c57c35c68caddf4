import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Express, Request, Response } from 'express';
import { invalid } from '../domain/errors.ts';
import type { HttpContext } from './app.ts';
import { HttpError, problemAnswer } from './problem.ts';
import { refuseUnreadable, wireForm } from './unreadable.ts';

/** A sender has 10 s for the head and 30 s for all of a request; this is looked at every 5 s. */
const TIMEOUTS = {
  keepAliveTimeout: 65_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5000,
};

export type ServerContext = Pick<HttpContext, 'ports' | 'log' | 'metrics'> & { readonly app: Express };

/**
 * The application behind Node's HTTP parser. What Node would refuse by itself, with a bare status line, is
 * refused here instead, as a problem like all others: the caller learns what to do, and the log has its id.
 */
export function createGateServer(context: ServerContext, timeouts: ServerOptions = TIMEOUTS): Server {
  const { app } = context;
  const server = createServer({ ...timeouts, requireHostHeader: false }, (req, res) => {
    if (req.httpVersion === '1.1' && req.headers.host === undefined) refuse(context, req, res, NO_HOST);
    else app(req as Request, res as Response, () => refuse(context, req, res, NO_PATH));
  });
  server.on('checkExpectation', (req, res) => refuse(context, req, res, UNKNOWN_EXPECTATION));
  refuseUnreadable(server, (error, ip) => told(context, error, ip));
  return server;
}

const NO_HOST = invalid([{ pointer: '/header/Host', message: 'is missing' }]);
/** Express gives up at once, without any of our handlers, where it finds no path. */
const NO_PATH = invalid([{ pointer: '/path', message: 'cannot be read' }]);
const UNKNOWN_EXPECTATION = new HttpError(
  'expectation-failed',
  'Only `Expect: 100-continue` can be met. Send the request without this header.',
);

function refuse(context: ServerContext, req: IncomingMessage, res: ServerResponse, error: Error): void {
  const answer = told(context, error, req.socket.remoteAddress);
  const { headers, text } = wireForm(answer);
  res.writeHead(answer.status, headers).end(text);
}

/** Gives a refusal an id and puts it into the log and the metrics. */
function told({ ports, log, metrics }: ServerContext, error: Error, ip: string | undefined) {
  const requestId = ports.runtime.newId();
  const answer = problemAnswer(error, requestId);
  metrics.request('unreadable', answer.status, 0);
  log.info({ requestId, status: answer.status, reason: error.message, ip: ip ?? null }, 'unreadable request');
  return answer;
}
