/**
 * The one error type that domain and app throw on purpose. Codes are a closed union; what each
 * means in HTTP is decided once, in http/problem.ts. Anything else that is thrown is a defect.
 */
export type GateErrorCode =
  | 'invalid-request' // the caller's input is wrong; `errors` names each field
  | 'unauthenticated' // no credential, or one that is unknown, expired or revoked
  | 'forbidden' // known, but not allowed; the message names the missing right
  | 'not-found'
  | 'precondition-failed' // If-Match or If-None-Match did not hold
  | 'idempotency-mismatch' // the key was used for another question
  | 'in-use' // something else refers to it; `errors` names the users
  | 'conflict' // the state does not allow it, or it changed under the caller
  | 'unavailable'; // the store cannot be reached or did not answer in time

/** One field that is wrong: `pointer` is an RFC 6901 JSON Pointer into the body, or `/query/name`, `/path/name`. */
export interface FieldError {
  readonly pointer: string;
  readonly message: string;
}

/** The pointer of a field inside the value that `parent` points at (RFC 6901 §3). */
export function pointerTo(parent: string, name: string): string {
  return `${parent}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The message for a name that nobody knows, with those that are known. */
export function unknownAmong(names: readonly string[]): string {
  return names.length === 0 ? 'is not known' : `is not known; known are ${names.join(', ')}`;
}

export class GateError extends Error {
  readonly code: GateErrorCode;
  readonly errors: readonly FieldError[];

  constructor(code: GateErrorCode, message: string, errors: readonly FieldError[] = [], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'GateError';
    this.code = code;
    this.errors = errors;
  }
}

/** Nothing can be recorded, because what is acknowledged would not survive a crash of the database. */
export class NotDurable extends GateError {
  /** @param reason a clause for whoever asks, such as "the database runs with fsync off". */
  constructor(reason: string, cause?: unknown) {
    super('unavailable', `${reason}, so a crash would lose what is acknowledged`, [], cause);
  }
}

/** Shorthand for input that is wrong in one or several named fields. */
export function invalid(errors: readonly FieldError[]): GateError {
  const detail = errors.map((e) => `${e.pointer}: ${e.message}`).join('; ');
  return new GateError('invalid-request', detail, errors);
}
