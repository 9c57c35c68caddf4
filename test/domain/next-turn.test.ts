import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/domain/decision.ts';
import type { Facts } from '../../src/domain/facts.ts';
import { type Finding, holds, passes } from '../../src/domain/finding.ts';
import { evaluationInstant, msOf } from '../../src/domain/instant.ts';
import { nextTurn } from '../../src/domain/next-turn.ts';

const AT = '2026-11-22T10:00:03.000Z';

function turn(findings: readonly Finding[], delays: Readonly<Record<string, string>> = {}, at = AT) {
  const measurements = Object.keys(delays).map((provider) => ({ provider }));
  const providers = Object.fromEntries(Object.entries(delays).map(([name, delay]) => [name, { delay }]));
  return nextTurn({ at, measurements, providers } as unknown as Facts, { findings } as unknown as Decision);
}

const baking = (until: string) => holds({ check: 'bake', ring: 'canary' }, 'baking', 'by-time', {}, until);

describe('the next instant at which a hold may turn by itself', () => {
  it('is the first at which something clears', () => {
    expect(turn([baking('2026-11-22T10:20:00.000Z'), baking('2026-11-22T10:10:00.000Z')])).toEqual({
      byTime: '2026-11-22T10:10:00.000Z',
      bucket: null,
    });
  });

  it('is none where only a person can do something, and for what does not count or is over', () => {
    const over = baking('2026-11-22T09:00:00.000Z');
    const idle: Finding = { ...baking('2026-11-22T10:10:00.000Z'), countedAs: null };
    const halted = holds({ check: 'halt' }, 'halted', 'by-person', {});
    expect(turn([over, idle, halted, passes({ check: 'order' }, 'open')])).toEqual({ byTime: null, bucket: null });
  });

  it('is the next bucket where data is missing or something is measured', () => {
    const missing = holds({ check: 'measured', ring: 'canary' }, 'nothing-measured', 'by-data', {});
    expect(turn([missing]).bucket).toBe('2026-11-22T10:00:10.000Z');
    expect(turn([], { main: '0s' }).bucket).toBe('2026-11-22T10:00:10.000Z');
    expect(turn([], { main: '15s' }).bucket).toBe('2026-11-22T10:00:05.000Z');
    expect(turn([], { main: '0s', late: '15s' }).bucket).toBe('2026-11-22T10:00:05.000Z');
  });

  it('is always the first instant at which a provider is asked about a newer one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 300 }), (ms, seconds) => {
        const at = new Date(msOf(AT) + ms).toISOString();
        const { bucket } = turn([], { main: `${seconds}s` }, at);
        const delay = seconds * 1000;
        const now = evaluationInstant(at, delay);
        expect(bucket !== null && bucket > at).toBe(true);
        expect(evaluationInstant(bucket ?? '', delay) > now).toBe(true);
        expect(evaluationInstant(new Date(msOf(bucket ?? '') - 1).toISOString(), delay)).toBe(now);
      }),
    );
  });
});
