import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePromql } from '../../src/domain/promql.ts';
import { findMistake } from '../../src/domain/promql-check.ts';
import { sliceQuery, slicesWithin } from '../../src/domain/slice-queries.ts';

const TEXTS = { bad: 'sum(increase(e[5m]))', total: 'sum(increase(r[5m]))' };
const OVER = { windowMs: 3_600_000, absentBadMeansZero: true };

describe('A query over slices of time', () => {
  it.each([
    [
      'bad',
      { window: '5m', target: 0.95 },
      'sum_over_time(((((sum(increase(e[5m]))) or 0 * (sum(increase(r[5m])))) / ((sum(increase(r[5m]))) > 0)) > bool 0.05)[59m59s:5m])',
    ],
    [
      'bad',
      { window: '5m' },
      'sum_over_time(((((sum(increase(e[5m]))) or 0 * (sum(increase(r[5m])))) / ((sum(increase(r[5m]))) > 0)))[59m59s:5m])',
    ],
    [
      'total',
      { window: '5m' },
      'count_over_time(((((sum(increase(e[5m]))) or 0 * (sum(increase(r[5m])))) / ((sum(increase(r[5m]))) > 0)))[59m59s:5m])',
    ],
  ] as const)('counts the %s slices of %j', (part, slices, text) => {
    expect(sliceQuery(part, TEXTS, slices, OVER)).toBe(text);
  });

  it.each(['bad', 'good', 'total'] as const)('is PromQL for %s events, whatever is counted', (part) => {
    for (const texts of [TEXTS, { good: 'sum(increase(g[5m]))', total: TEXTS.total }]) {
      for (const target of [undefined, 0.5, 1]) {
        for (const absentBadMeansZero of [true, false]) {
          const slices = { window: '5m', ...(target !== undefined && { target }) };
          const query = parsePromql(sliceQuery(part, texts, slices, { windowMs: 1000, absentBadMeansZero }));
          expect({ errorAt: query.errorAt, mistake: findMistake(query) }).toEqual({ errorAt: null, mistake: null });
        }
      }
    }
  });

  it('knows how many slices end within a window, but not where it begins', () => {
    const law = (at: number, window: number, slice: number) => {
      const ends = Array.from({ length: window }, (_, i) => at - i).filter((second) => second % slice === 0);
      expect(slicesWithin(new Date(at * 1000).toISOString(), window * 1000, slice * 1000)).toBe(ends.length);
    };
    const seconds = fc.integer({ min: 1_000_000, max: 2_000_000 });
    fc.assert(fc.property(seconds, fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 10, max: 900 }), law));
  });
});
