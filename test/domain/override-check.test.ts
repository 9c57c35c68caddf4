import { describe, expect, it } from 'vitest';
import { checkOverride, type OverrideWish } from '../../src/domain/override-check.ts';

const ground = { at: '2026-11-22T10:00:00.000Z', rings: ['canary', 'early'], rules: ['errors'] };
const wish: OverrideWish = {
  rings: ['early'],
  checks: ['bake', 'rule/errors', '*'],
  reason: 'the fix for incident 4711 cannot wait',
  expiresAt: '2026-11-22T12:00:00Z',
};
const wrong = (change: Partial<OverrideWish>) => checkOverride({ ...wish, ...change }, ground);
const pointers = (change: Partial<OverrideWish>) => wrong(change).map(({ pointer }) => pointer);

describe('An override', () => {
  it('may name every check that can be waived', () => {
    const checks = ['freeze', 'halt', 'order', 'bake', 'occupancy', 'approval', 'measured', 'rollback', 'rule'];
    expect(wrong({ checks })).toEqual([]);
    expect(wrong({})).toEqual([]);
  });

  it.each([['artifact'], ['state'], ['everything'], ['rule/'], ['rule/latency'], ['Bake'], ['']])(
    'may not name the check "%s"',
    (check) => expect(pointers({ checks: ['bake', check] })).toEqual(['/checks/1']),
  );

  it('says which rules and rings there are', () => {
    expect(wrong({ checks: ['rule/latency'] })[0]?.message).toContain('there are errors');
    expect(wrong({ rings: ['moon'] })).toEqual([
      { pointer: '/rings/0', message: 'there is no such ring; the plan has canary, early' },
    ]);
  });

  it('names nothing twice, and something', () => {
    expect(pointers({ rings: ['early', 'early'], checks: ['bake', 'halt', 'bake'] })).toEqual([
      '/rings/1',
      '/checks/2',
    ]);
    expect(pointers({ rings: [], checks: [] })).toEqual(['/rings', '/checks']);
  });

  it('needs a reason of twenty characters that are no mere space', () => {
    expect(pointers({ reason: `${'x'.repeat(19)}   ` })).toEqual(['/reason']);
    expect(pointers({ reason: 'x'.repeat(20) })).toEqual([]);
  });

  it.each([
    ['now', '2026-11-22T10:00:00Z', ['/expiresAt']],
    ['in a moment', '2026-11-22T10:00:00.001Z', []],
    ['in a day', '2026-11-23T11:00:00+01:00', []],
    ['in more than a day', '2026-11-23T10:00:00.001Z', ['/expiresAt']],
    ['never', '2026-13-01T10:00:00Z', ['/expiresAt']],
  ])('that ends %s is judged by the instant', (_, expiresAt, expected) => {
    expect(pointers({ expiresAt })).toEqual(expected);
  });

  it('hears of everything that is wrong at once', () => {
    expect(pointers({ rings: ['moon'], checks: ['x'], reason: '', expiresAt: '' })).toHaveLength(4);
  });
});
