import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePromql } from '../../src/domain/promql.ts';
import { findMistake } from '../../src/domain/promql-check.ts';
import { sliceQuery, slicesWithin, unknownSlicesQuery } from '../../src/domain/slice-queries.ts';

const term = (metric: string, presence: string | null = null) => [
  { query: `sum(increase(${metric}[5m]))`, scale: 1, presence },
];
const COUNTS = { bad: term('e', 'count(last_over_time(e[5m]))'), total: term('r') };
const BAD = '(((sum(increase(e[5m]))) or 0 * ((sum(increase(r[5m])))) unless on () count(last_over_time(e[5m]))))';
const SOME = '(((sum(increase(r[5m])))) > 0)';
const SHARE = `(${BAD} / ${SOME})`;

describe('A query over slices of time', () => {
  it.each([
    ['bad', { window: '5m', target: 0.95 }, `sum_over_time((${SHARE} > bool 0.05)[59m59s:5m])`],
    ['bad', { window: '5m' }, `sum_over_time((${SHARE})[59m59s:5m])`],
    ['total', { window: '5m' }, `count_over_time((${SHARE})[59m59s:5m])`],
  ] as const)('counts the %s slices of %j', (part, slices, text) => {
    expect(sliceQuery(part, COUNTS, slices, 3_600_000)).toBe(text);
  });

  it.each(['bad', 'good', 'total'] as const)('is PromQL for %s events, whatever is counted', (part) => {
    const several = [...term('g'), { query: 'sum(increase(h[5m]))', scale: -2, presence: 'count(h)' }];
    for (const counts of [COUNTS, { good: term('g'), total: several }, { good: several, total: term('r') }]) {
      for (const target of [undefined, 0.5, 1]) {
        const slices = { window: '5m', ...(target !== undefined && { target }) };
        for (const text of [sliceQuery(part, counts, slices, 1000), unknownSlicesQuery(counts, slices, 1000)]) {
          const query = parsePromql(text);
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
