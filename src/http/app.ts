import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Ports } from '../app/ports.ts';
import { GateError } from '../domain/errors.ts';
import { accessLog } from './access-log.ts';
import type { BoundOperation, Contract } from './contract.ts';
import { dispatch } from './dispatch.ts';
import { problemAnswer } from './problem.ts';
import { requestIdOf, traceRequests } from './request-trace.ts';
import { allHandlers } from './routes/all-handlers.ts';
import { send } from './send.ts';

/** What the HTTP side needs from the composition root. */
export interface HttpContext {
  readonly ports: Ports;
  readonly log: {
    info(obj: object, msg: string): void;
    warn(obj: object, msg: string): void;
    error(obj: object, msg: string): void;
  };
  readonly metrics: {
    text(): Promise<string>;
    readonly contentType: string;
    request(operationId: string, status: number, seconds: number): void;
  };
  /** What loadContract gave; loading takes a while, so it is done once. */
  readonly contract: Contract;
  /** The address that the service listens on. */
  readonly boundHost: string;
  /** Express's `trust proxy`: a hop count or a list of networks; false trusts nobody. */
  readonly trustProxy: string | number | false;
  readonly isDraining: () => boolean;
  /** In tests: an answer that openapi.yaml does not describe becomes a loud 500. */
  readonly checkResponses?: boolean;
}

/** The service as an Express application. Throws when openapi.yaml and the handlers do not fit. */
export function createApp(context: HttpContext): Express {
  const { contract } = context;
  const bound = contract.bind(allHandlers(context, contract.document.text));
  const dispatchContext = {
    ports: context.ports,
    boundHost: context.boundHost,
    log: context.log,
    validateResponse: context.checkResponses === true ? contract.validateResponse : null,
  };
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', false);
  app.set('trust proxy', context.trustProxy);
  app.use(traceRequests(() => context.ports.runtime.newId()));
  app.use(accessLog({ ...context, monotonicMs: () => context.ports.runtime.monotonicMs() }));
  app.use(closeWhileDraining(context.isDraining));
  app.use(securityHeaders());
  const router = express.Router({ caseSensitive: true, strict: true });
  for (const [path, operations] of byPath(bound)) router.all(path, dispatch(dispatchContext, operations));
  app.use(router);
  app.use(notFound);
  app.use(unexpected(context.log));
  return app;
}

function byPath(bound: readonly BoundOperation[]): ReadonlyMap<string, readonly BoundOperation[]> {
  return Map.groupBy(bound, ({ operation }) => operation.path.replace(/\{(\w+)\}/g, ':$1'));
}

/** Nothing here is a page: no script, style, frame or form of anybody's may come from it. */
function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    referrerPolicy: { policy: 'no-referrer' },
  });
}

function closeWhileDraining(isDraining: () => boolean): RequestHandler {
  return (_req, res, next) => {
    if (isDraining()) res.setHeader('Connection', 'close');
    next();
  };
}

const notFound: RequestHandler = (_req, res) => {
  send(
    res,
    problemAnswer(
      new GateError('not-found', 'There is nothing at this path; GET /docs shows what there is.'),
      requestIdOf(res),
    ),
  );
};

/** What did not come from an operation: a path that cannot be decoded, or a defect. */
function unexpected(log: HttpContext['log']): ErrorRequestHandler {
  return (error, _req, res, _next) => {
    const requestId = requestIdOf(res);
    if (error instanceof URIError) {
      const wrong = { pointer: '/path', message: 'cannot be decoded' };
      send(res, problemAnswer(new GateError('invalid-request', 'The path cannot be decoded.', [wrong]), requestId));
      return;
    }
    log.error({ err: error, requestId }, 'request failed');
    if (res.headersSent) res.destroy();
    else send(res, problemAnswer(error, requestId));
  };
}
