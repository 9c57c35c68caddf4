import { destination } from 'pino';

/** Where lines go; anything with `write`. */
export interface LogSink {
  write(line: string): void;
}

/** Bytes that are written without waiting for the turn to end; as much as the library writes at once. */
const ROOM = 16_000;

/**
 * Standard output, to which the lines of one turn of the event loop are written together: asking the
 * system costs more than a line, and under load a turn answers many. What a process that ends by
 * itself has said last is written as it ends.
 */
export function standardOutput(): LogSink {
  const out = destination({ fd: process.stdout.fd, sync: true, minLength: ROOM });
  let due = false;
  const flush = () => {
    due = false;
    out.flushSync();
  };
  process.once('exit', flush);
  return {
    write(line) {
      out.write(line);
      if (!due) setImmediate(flush);
      due = true;
    },
  };
}
