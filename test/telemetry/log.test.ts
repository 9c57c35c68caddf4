import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/telemetry/log.ts';

function linesOf(level: string, write: (log: ReturnType<typeof createLog>) => void) {
  const lines: string[] = [];
  write(createLog(level, { write: (line) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('writes one JSON object per line, with level, time and message', () => {
    const [line] = linesOf('info', (log) => log.info({ requestId: 'r-1', status: 200 }, 'answered'));
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.+Z$/),
      requestId: 'r-1',
      status: 200,
      msg: 'answered',
    });
  });

  it('drops every field that is not on its list, and objects in those that are', () => {
    const careless = {
      requestId: 'r-1',
      authorization: 'Bearer hunter2',
      url: { password: 'hunter2' },
      headers: { cookie: 'hunter2' },
    };
    const [line] = linesOf('info', (log) => log.info(careless as never, 'answered'));
    expect(JSON.stringify(line)).not.toContain('hunter2');
    expect(line).toHaveProperty('requestId', 'r-1');
  });

  it('keeps name, message, stack and cause of an error, but nothing that a client hung on it', () => {
    const error = Object.assign(new Error('no answer', { cause: new TypeError('reset') }), {
      config: { headers: 'hunter2' },
    });
    const [line] = linesOf('info', (log) => log.error({ err: error }, 'failed'));
    expect(line).toMatchObject({
      level: 'error',
      err: { name: 'Error', message: 'no answer', cause: { name: 'TypeError' } },
    });
    expect(JSON.stringify(line)).not.toContain('hunter2');
  });

  it('cannot be made to write a second line, nor a very long one', () => {
    const [line, ...more] = linesOf('info', (log) =>
      log.info({ reason: `a\n{"level":"fatal"}${'x'.repeat(9999)}` }, 'refused'),
    );
    expect(more).toEqual([]);
    expect(String(line?.reason).length).toBe(500);
  });

  it('obeys its level, except for announcements', () => {
    const lines = linesOf('silent', (log) => {
      log.error({}, 'hidden');
      log.announce({ url: 'http://127.0.0.1:1' }, 'listening');
    });
    expect(lines.map((line) => line.msg)).toEqual(['listening']);
  });
});
