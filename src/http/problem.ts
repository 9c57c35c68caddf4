import { type FieldError, GateError, type GateErrorCode, NotDurable } from '../domain/errors.ts';
import type { Answer } from './answer.ts';

/**
 * The only table of status codes, and the only place where something thrown becomes an answer. What
 * is not a GateError or HttpError is a defect: it is told nothing but the request id (the log has the
 * rest), because messages of defects may hold addresses, queries or secrets.
 */
export type ProblemCode = GateErrorCode | TransportCode;

type TransportCode =
  | 'foreign-origin'
  | 'method-not-allowed'
  | 'not-acceptable'
  | 'request-timeout'
  | 'payload-too-large'
  | 'unsupported-media-type'
  | 'expectation-failed'
  | 'headers-too-large'
  | 'internal-error';

export const PROBLEMS: Readonly<Record<ProblemCode, { readonly status: number; readonly title: string }>> = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Not authenticated' },
  forbidden: { status: 403, title: 'Not allowed' },
  'foreign-origin': { status: 403, title: 'Foreign origin' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'not-acceptable': { status: 406, title: 'Not acceptable' },
  'request-timeout': { status: 408, title: 'The request did not come in time' },
  'in-use': { status: 409, title: 'Still in use' },
  conflict: { status: 409, title: 'The state does not allow it' },
  'precondition-failed': { status: 412, title: 'Precondition failed' },
  'idempotency-mismatch': { status: 422, title: 'The Idempotency-Key was used for another question' },
  'payload-too-large': { status: 413, title: 'Body too large' },
  'unsupported-media-type': { status: 415, title: 'Media type not supported' },
  'expectation-failed': { status: 417, title: 'Expectation cannot be met' },
  'headers-too-large': { status: 431, title: 'Headers too large' },
  'internal-error': { status: 500, title: 'Internal error' },
  unavailable: { status: 503, title: 'Unavailable' },
};

/** What only HTTP knows of. */
export class HttpError extends Error {
  readonly code: TransportCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: TransportCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'HttpError';
    this.code = code;
    this.headers = headers;
  }
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ProblemCode;
  readonly errors?: readonly FieldError[];
}

/** True when it is the service that failed, not the caller. */
export function isOurs(error: unknown): boolean {
  return PROBLEMS[classify(error).code].status >= 500;
}

/** Anything thrown as an answer. */
export function problemAnswer(error: unknown, requestId: string): Answer {
  const { code, detail, errors, headers } = classify(error);
  const { status, title } = PROBLEMS[code];
  const problem: Problem = {
    type: `urn:ringgate:problem:${code}`,
    title,
    status,
    detail,
    instance: requestId,
    code,
    ...(errors.length === 0 ? {} : { errors }),
  };
  return { status, json: problem, type: 'application/problem+json', headers: { ...HEADERS[code], ...headers } };
}

const HEADERS: Readonly<Partial<Record<ProblemCode, Readonly<Record<string, string>>>>> = {
  unauthenticated: { 'WWW-Authenticate': 'Bearer realm="ringgate"' },
  unavailable: { 'Retry-After': '5' },
};

const INTERNAL = 'Something went wrong here. The log has the details under this request id.';
const AWAY = 'The service cannot do this at the moment. Please try again.';
const unsafe = ({ message }: NotDurable) => `The service records nothing now: ${message}.`;

/** However much is wrong with a request, telling it takes a fraction of what sending it took. */
const MOST = { errors: 100, pointer: 500, detail: 4000 };

interface Classified {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;
}

function classify(error: unknown): Classified {
  if (error instanceof HttpError && error.code !== 'internal-error') {
    return { code: error.code, detail: error.message, errors: [], headers: error.headers };
  }
  if (error instanceof GateError) {
    if (error instanceof NotDurable) return { code: error.code, detail: unsafe(error), errors: [], headers: {} };
    if (error.code === 'unavailable') return { code: error.code, detail: AWAY, errors: [], headers: {} };
    const told = error.errors.slice(0, MOST.errors);
    const errors = told.map(({ pointer, message }) => ({ pointer: cut(pointer, MOST.pointer), message }));
    return { code: error.code, detail: cut(error.message, MOST.detail), errors, headers: {} };
  }
  return { code: 'internal-error', detail: INTERNAL, errors: [], headers: {} };
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`.toWellFormed();
}
