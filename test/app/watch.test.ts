import { describe, expect, it } from 'vitest';
import type { Revisions } from '../../src/app/ports.ts';
import { Watch } from '../../src/app/watch.ts';
import { FakeTime, rest, stateOf } from '../support/fake-time.ts';

const stays = new AbortController().signal;

/** A watch over numbers that the test sets, and what it asked for. */
function aWatch(most?: number) {
  const time = new FakeTime();
  const numbers: Record<string, number> = {};
  const asked: string[][] = [];
  let answer = async (): Promise<Revisions> => ({ ...numbers });
  const revisions = (scopes: readonly string[]) => {
    asked.push([...scopes]);
    return answer();
  };
  const watch = new Watch({ revisions }, time.runtime, most);
  const answerWith = (next: typeof answer) => {
    answer = next;
  };
  return { time, numbers, asked, watch, answerWith };
}

describe('the watch over revisions', () => {
  it('asks for nothing while nobody waits', async () => {
    const { time, asked, watch } = aWatch();
    await time.pass(10_000);
    expect(asked).toEqual([]);
    const woken = watch.sleep({ global: 0 }, 600, stays);
    await time.pass(10_000);
    expect(await woken).toBe('time');
    expect(asked).toHaveLength(2);
    expect(time.pending).toBe(0);
  });

  it('asks for all scopes at once, and wakes only whom a higher number concerns', async () => {
    const { time, asked, watch, numbers } = aWatch();
    const a = watch.sleep({ global: 1, 'service/a': 4 }, 60_000, stays);
    const b = watch.sleep({ global: 1, 'service/b': 7 }, 60_000, stays);
    Object.assign(numbers, { global: 1, 'service/a': 5, 'service/b': 7 });
    await time.pass(250);
    expect(asked).toEqual([['global', 'service/a', 'service/b']]);
    expect(await stateOf(a)).toBe('changed');
    expect(await stateOf(b)).toBe('pending');
  });

  it('never asks twice at once, however long the store takes', async () => {
    const { time, asked, watch, answerWith } = aWatch();
    const slow = Promise.withResolvers<Revisions>();
    answerWith(() => slow.promise);
    const woken = watch.sleep({ global: 1 }, 60_000, stays);
    await time.pass(20_000);
    expect(asked).toHaveLength(1);
    slow.resolve({ global: 2 });
    expect(await woken).toBe('changed');
  });

  it('is not woken by an answer that is older than what is known', async () => {
    const { time, watch, answerWith } = aWatch();
    const slow = Promise.withResolvers<Revisions>();
    answerWith(() => slow.promise);
    const early = watch.sleep({ global: 1 }, 60_000, stays);
    await time.pass(250);
    const late = watch.sleep({ global: 3 }, 60_000, stays);
    slow.resolve({ global: 2 });
    expect(await early).toBe('changed');
    expect(await stateOf(late)).toBe('pending');
  });

  it('wakes everybody in another history of the database, also where its numbers are lower, and nobody where there is none', async () => {
    const { time, watch, answerWith } = aWatch();
    const woken = watch.sleep({ history: 9, global: 5 }, 60_000, stays);
    answerWith(async () => ({ history: 0, global: 3 }));
    await time.pass(1000);
    expect(await stateOf(woken)).toBe('pending');
    answerWith(async () => ({ history: 4, global: 3 }));
    await time.pass(250);
    expect(await stateOf(woken)).toBe('changed');
  });

  it('goes on after the store did not answer', async () => {
    const { time, watch, answerWith } = aWatch();
    answerWith(() => Promise.reject(new Error('away')));
    const woken = watch.sleep({ global: 1 }, 60_000, stays);
    await time.pass(5000);
    expect(await stateOf(woken)).toBe('pending');
    answerWith(async () => ({ global: 2 }));
    await time.pass(250);
    expect(await stateOf(woken)).toBe('changed');
  });

  it('lets go of whoever leaves, and of everybody when it is released', async () => {
    const { time, watch } = aWatch();
    const leaving = new AbortController();
    const gone = watch.sleep({ global: 1 }, 60_000, leaving.signal);
    const patient = watch.sleep({ global: 1 }, 60_000, stays);
    leaving.abort();
    expect(await gone).toBe('gone');
    watch.release();
    expect(await patient).toBe('released');
    expect(await watch.sleep({ global: 1 }, 60_000, stays)).toBe('released');
    await time.pass(250);
    await rest();
    expect(time.pending).toBe(0);
  });

  it('has a limited number of places', () => {
    const { watch } = aWatch(2);
    const leave = watch.enter();
    expect(watch.enter()).not.toBeNull();
    expect(watch.enter()).toBeNull();
    leave?.();
    expect(watch.enter()).not.toBeNull();
    expect(watch.size).toBe(2);
  });
});
