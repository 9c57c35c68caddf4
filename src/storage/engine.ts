import { GateError, NotDurable } from '../domain/errors.ts';

/** One SQL statement. A name makes PostgreSQL keep its plan for the connection's life. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Runs statements inside one open transaction. */
export interface Session {
  run<T>(statement: Statement): Promise<readonly T[]>;
  /** Long texts as one value of the type text[], in the form that costs the least. */
  texts(values: readonly string[]): unknown;
}

export interface PoolStats {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

/** What the stores need of a database; PostgreSQL and PGlite each fulfil it in a file of their own. */
export interface Engine {
  /** False where a statement's name is of no use. */
  readonly keepsPlans: boolean;
  /** Rejects with GateError('unavailable'). */
  read<T>(statement: Statement): Promise<readonly T[]>;
  /** Like `read`, on the writer's own connections: not behind a queue of readers. */
  check<T>(statement: Statement): Promise<readonly T[]>;
  /**
   * Does the work in a transaction, then what it gives together with COMMIT, in one round trip where
   * the engine can. Resolves after COMMIT. Rejects with the driver's own error when nothing was
   * written, and with CommitInDoubt when it cannot be known.
   */
  transact(work: (session: Session) => Promise<readonly Statement[]>): Promise<void>;
  /** Hears of every connection that was lost. What it led to may be something else now. */
  onLost(listener: () => void): void;
  /** Leaves every connection once nothing uses it any more; what comes next opens new ones. */
  reconnect(): void;
  stats(): PoolStats;
  close(): Promise<void>;
}

/** The connection was lost while COMMIT, or what is sent with it, was on its way: the transaction may or may not stand. */
export class CommitInDoubt extends Error {
  constructor(cause: unknown) {
    super('The outcome of COMMIT is unknown', { cause });
    this.name = 'CommitInDoubt';
  }
}

/** The store's only error for callers. Says nothing about the inside; the cause is for the log. */
export function unavailable(cause?: unknown): GateError {
  if (cause instanceof GateError) return cause;
  if (codeOf(cause) === NOT_DURABLE) return new NotDurable((cause as Error).message, cause);
  return new GateError('unavailable', 'The store did not answer', [], cause);
}

/** The SQLSTATE of require_durability(). */
const NOT_DURABLE = 'RG001';

/** For the operator, at start: which kind of failure, but neither address nor credentials. */
export function cannotOpen(what: string, error: unknown): GateError {
  if (error instanceof GateError) return error;
  return new GateError('unavailable', `${what} cannot be opened (${codeOf(error) ?? 'no answer'})`, [], error);
}

/** SQLSTATE (`57P01`) or system error (`ECONNREFUSED`) of whatever a driver threw. */
export function codeOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
}

/** True when the error is not the server's answer to the statement, or is its farewell: COMMIT may have been carried out. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error);
  return code === null || !/^[0-9A-Z]{5}$/.test(code) || /^(08|57P0)/.test(code);
}

/** True when a connection that had been open was found dead: another one may well work. */
export function wasDropped(error: unknown): boolean {
  const message = error instanceof Error ? error.message : '';
  return (
    /^(08|57P0|ECONNRESET|EPIPE)/.test(codeOf(error) ?? '') || /terminated unexpectedly|not queryable/.test(message)
  );
}
