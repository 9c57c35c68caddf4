import { expect, it } from 'vitest';
import type { Provider, Reading } from '../../src/providers/ask.ts';
import { inTurn } from '../../src/providers/in-turn.ts';
import { QUESTION } from './asking.ts';

const MAIN: Provider = { name: 'main', document: { kind: 'prometheus', url: 'http://a' } };
const NEVER = new AbortController().signal;
const GOOD: Reading = { measurement: { kind: 'value', value: '1' }, infos: [] };

function heldBack(limits: Parameters<typeof inTurn>[1] = {}) {
  const running = { now: 0, most: 0, all: 0 };
  const gate = Promise.withResolvers<void>();
  const ask = inTurn(async () => {
    running.now += 1;
    running.all += 1;
    running.most = Math.max(running.most, running.now);
    await gate.promise;
    running.now -= 1;
    return GOOD;
  }, limits);
  return { running, ask, open: gate.resolve };
}

it('answers every question of a gate with many more than there are places', async () => {
  const { running, ask, open } = heldBack();
  const all = Array.from({ length: 240 }, () => ask(MAIN, QUESTION, NEVER));
  open();
  expect((await Promise.all(all)).every((reading) => reading === GOOD)).toBe(true);
  expect(running).toMatchObject({ most: 8, all: 240 });
});

it('refuses with a reason of its own what would wait behind too many, and only at that provider', async () => {
  const { ask, open } = heldBack({ maxConcurrent: 2, longestQueue: 3 });
  const first = Array.from({ length: 5 }, () => ask(MAIN, QUESTION, NEVER));
  expect((await ask(MAIN, QUESTION, NEVER))?.measurement).toEqual({
    kind: 'unavailable',
    reason: 'overloaded',
    detail: '3 questions to it are waiting already',
  });
  const other = ask({ ...MAIN, name: 'other' }, QUESTION, NEVER);
  open();
  expect(await Promise.all([...first, other])).toEqual(Array.from({ length: 6 }, () => GOOD));
  expect(await ask(MAIN, QUESTION, NEVER)).toBe(GOOD);
});

it('does not ask what nobody waits for any more, and says so', async () => {
  const { running, ask, open } = heldBack({ maxConcurrent: 1 });
  const first = ask(MAIN, QUESTION, NEVER);
  const abandoned = new AbortController();
  const second = ask(MAIN, QUESTION, abandoned.signal);
  abandoned.abort();
  expect(await second).toBeNull();
  open();
  expect(await first).toBe(GOOD);
  expect(running.all).toBe(1);
});

it('lets a query that was sent go on when nobody waits any more', async () => {
  const { ask, open } = heldBack();
  const abandoned = new AbortController();
  const sent = ask(MAIN, QUESTION, abandoned.signal);
  await Promise.resolve();
  abandoned.abort();
  open();
  expect(await sent).toBe(GOOD);
});
