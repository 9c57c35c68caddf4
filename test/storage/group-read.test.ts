import { describe, expect, it } from 'vitest';
import { GroupRead } from '../../src/storage/group-read.ts';

/** A database that answers when it is told to, and what it was asked. */
function aDatabase() {
  const reads: { keys: readonly string[]; answer(): void; fail(): void }[] = [];
  const clock = { ms: 0 };
  const shared = new GroupRead<string, string>({
    nameOf: (key) => key,
    monotonicMs: () => clock.ms,
    read: (keys) => {
      const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
      reads.push({
        keys,
        answer: () => resolve(keys.map((key) => `${key} of read ${reads.length}`)),
        fail: () => reject(new Error('cut off')),
      });
      return promise;
    },
  });
  return { reads, clock, ask: (key: string) => shared.get(key) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('A group read', () => {
  it('serves nobody from a statement that was sent before they came', async () => {
    const { reads, ask } = aDatabase();
    const early = [ask('a'), ask('b')];
    await turn();
    const sent = reads.length;
    const late = ask('a');
    await turn();
    for (const read of reads) read.answer();
    await Promise.all(early);
    await turn();
    for (const read of reads) read.answer();
    await expect(late).resolves.toMatch(new RegExp(`read (${sent + 1}|${sent + 2})`));
    expect(reads.length).toBeGreaterThan(sent);
  });

  it('answers all that came meanwhile with one statement, and asks for the same only once', async () => {
    const { reads, ask } = aDatabase();
    const first = [ask('x'), ask('y')];
    await turn();
    const sent = reads.length;
    const rest = ['a', 'b', 'a', 'c', 'a'].map((key) => ask(key));
    for (let i = 0; i < 4; i++) {
      for (const read of reads) read.answer();
      await turn();
    }
    await Promise.all(first);
    expect((await Promise.all(rest)).map((answer) => answer[0])).toEqual(['a', 'b', 'a', 'c', 'a']);
    expect(reads.slice(sent).map(({ keys }) => keys)).toEqual([['a', 'b', 'c']]);
  });

  it('tells a failure to those who shared it, and to nobody after them', async () => {
    const { reads, ask } = aDatabase();
    const failing = ask('a');
    await turn();
    reads[0]?.fail();
    await expect(failing).rejects.toThrow('cut off');
    const next = ask('a');
    await turn();
    reads[1]?.answer();
    await expect(next).resolves.toMatch(/^a/);
  });

  it('does not ask for those who have waited for too long, nor lets a crowd wait', async () => {
    const { reads, clock, ask } = aDatabase();
    const flying = ask('x');
    await turn();
    const waiting = Array.from({ length: 2048 }, () => ask('a').catch((error) => error.code));
    await expect(ask('b')).rejects.toMatchObject({ code: 'unavailable' });
    clock.ms = 2001;
    for (const read of reads) read.answer();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['unavailable']));
    await flying;
    expect(reads).toHaveLength(1);
  });
});
