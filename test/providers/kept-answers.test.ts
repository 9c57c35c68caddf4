import { expect, it } from 'vitest';
import { createKeptAnswers } from '../../src/providers/kept-answers.ts';

const value = { measurement: { kind: 'value', value: '1' }, infos: [] } as const;
const failed = { measurement: { kind: 'deadline-exceeded' }, infos: [] } as const;

it('keeps a bounded number of answers, the newest', () => {
  const kept = createKeptAnswers(() => 0, 3);
  for (const key of ['a', 'b', 'c', 'd', 'e']) kept.put(key, value, 0);
  expect(kept.size).toBe(3);
  expect(['a', 'b', 'c', 'd', 'e'].filter((key) => kept.get(key) !== undefined)).toEqual(['c', 'd', 'e']);
});

it('lets go of what is over when something new comes, without being asked for it', () => {
  let now = 0;
  const kept = createKeptAnswers(() => now);
  for (let i = 0; i < 1000; i += 1) kept.put(`old ${i}`, i % 2 === 0 ? value : failed, 0);
  expect(kept.size).toBe(1000);
  now = 10_000;
  kept.put('new', value, now);
  expect(kept.size).toBe(1);
});

it('has an answer once, however often it is put', () => {
  const kept = createKeptAnswers(() => 0);
  kept.put('a', failed, 0);
  kept.put('a', value, 0);
  expect(kept.size).toBe(1);
  expect(kept.get('a')).toBe(value);
});
