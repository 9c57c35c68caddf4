import { pino, stdTimeFunctions } from 'pino';
import { type LogSink, standardOutput } from './standard-output.ts';

/**
 * JSON lines on standard output. What may stand in a line is a closed list, and only plain values:
 * a header, a body or a configuration that someone passes by accident never reaches the log, so no
 * credential does. A new field is added here, on purpose.
 */
const FIELDS = [
  'batch',
  'caller',
  'callerKind',
  'cause',
  'checks',
  'code',
  'decision',
  'durationMs',
  'engine',
  'err',
  'ip',
  'kind',
  'method',
  'operationId',
  'outcome',
  'override',
  'provider',
  'reason',
  'release',
  'requestId',
  'ring',
  'seconds',
  'signal',
  'source',
  'stage',
  'state',
  'status',
  'subject',
  'url',
  'verdict',
  'version',
] as const;

type Field = (typeof FIELDS)[number];
export type LogFields = { readonly [F in Field]?: F extends 'err' ? unknown : string | number | boolean | null };

/** The part of a pino logger that ringgate uses. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** Written whatever the level, like the address that the service listens on. */
  announce(fields: LogFields, message: string): void;
}

const LONGEST = 500;

export function createLog(level: string, sink: LogSink = standardOutput()): Log {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: allowed },
    serializers: { err: describe },
  };
  const log = pino(options, sink);
  const always = log.child({}, { level: 'info' });
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
    announce: (fields, message) => always.info(fields, message),
  };
}

function allowed(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const value = fields[field];
    if (value === undefined) continue;
    if (field === 'err') kept[field] = value;
    else if (typeof value === 'string') kept[field] = value.slice(0, LONGEST);
    else if (value === null || typeof value === 'number' || typeof value === 'boolean') kept[field] = value;
  }
  return kept;
}

/** Name, message and stack only: errors of clients carry whole requests, with their headers, in further properties. */
function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const cause = error.cause instanceof Error ? { cause: describe(error.cause) } : {};
  return { name: error.name, message: error.message.slice(0, LONGEST), stack: error.stack?.slice(0, 4000), ...cause };
}
