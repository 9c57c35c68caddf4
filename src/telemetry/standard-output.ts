import { destination } from 'pino';

/** Where lines go; anything with `write`. */
export interface LogSink {
  write(line: string): void;
}

/**
 * Standard output, to which the lines of one turn of the event loop are written together: asking the
 * system costs more than a line, and under load a turn answers many. What a process that ends by
 * itself has said last is written as it ends.
 */
export function standardOutput(): LogSink {
  const out = destination({ fd: process.stdout.fd, sync: true });
  let lines = '';
  const flush = () => {
    const text = lines;
    lines = '';
    if (text !== '') out.write(text);
  };
  process.once('exit', flush);
  return {
    write(line) {
      if (lines === '') setImmediate(flush);
      lines += line;
    },
  };
}
