import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedShare, badRatio, type Events, sumOf } from '../../src/domain/slo.ts';
import { ratioTimeslices, timeslices } from '../../src/domain/timeslices.ts';

const EMPTY = { bad: 0, total: 0 };
const events: fc.Arbitrary<Events> = fc
  .integer({ min: 1, max: 1000 })
  .chain((total) => fc.record({ bad: fc.nat(total), total: fc.constant(total) }));
const slices = fc.array(fc.oneof({ weight: 4, arbitrary: events }, { weight: 1, arbitrary: fc.constant(EMPTY) }), {
  maxLength: 50,
});
const sliceTarget = fc.constantFrom(0.5, 0.9, 0.95, 0.99, 1);
const minutesOf = (days: number) => days * 24 * 60;

describe('slices of time', () => {
  it('count as bad below their target, and only then', () => {
    const each = [
      { bad: 5, total: 100 },
      { bad: 6, total: 100 },
      { bad: 0, total: 1 },
      { bad: 1, total: 1 },
    ];
    expect(timeslices(each, 0.95)).toEqual({ badShare: 0.5, counted: 4, empty: 0 });
  });

  it('weigh the same however much happened in them', () => {
    const each = [
      { bad: 0, total: 1_000_000 },
      { bad: 1, total: 2 },
    ];
    expect(ratioTimeslices(each)).toEqual({ badShare: 0.25, counted: 2, empty: 0 });
  });

  it('in which nothing happened are left out on both sides and reported', () => {
    expect(timeslices([EMPTY, { bad: 1, total: 1 }, EMPTY], 0.9)).toEqual({ badShare: 1, counted: 1, empty: 2 });
    expect(ratioTimeslices([EMPTY])).toEqual({ badShare: null, counted: 0, empty: 1 });
    expect(timeslices([], 1)).toEqual({ badShare: null, counted: 0, empty: 0 });
  });

  it('have the published budgets: 1008 bad minutes of two weeks at 95 %, 5 min 2.4 s of a week at 99.95 %', () => {
    expect(minutesOf(14) * allowedShare(0.95)).toBeCloseTo(16 * 60 + 48, 9);
    expect(minutesOf(7) * 60 * allowedShare(0.9995)).toBeCloseTo(302.4, 9);
  });

  it('keep their laws: order and empty slices change nothing, a worse slice never helps', () => {
    fc.assert(
      fc.property(slices, sliceTarget, fc.nat(), (all, target, seed) => {
        const turned = [...all.slice(seed % (all.length + 1)), ...all.slice(0, seed % (all.length + 1))];
        for (const method of [ratioTimeslices, (some: readonly Events[]) => timeslices(some, target)]) {
          const { badShare, counted, empty } = method(all);
          expect(method([...turned, EMPTY]).badShare ?? -1).toBeCloseTo(badShare ?? -1, 9);
          expect(counted + empty).toBe(all.length);
          const worse = all.map((slice, i) => (i === 0 ? { ...slice, bad: slice.total } : slice));
          expect(method(worse).badShare ?? 0).toBeGreaterThanOrEqual((badShare ?? 0) - 1e-9);
        }
      }),
    );
  });

  it('of equal traffic come to the same as counting occurrences, and a target of 1 is the strictest', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 1, maxLength: 40 }), sliceTarget, (bads, target) => {
        const all = bads.map((bad) => ({ bad, total: 100 }));
        expect(ratioTimeslices(all).badShare).toBeCloseTo(badRatio(sumOf(all)) ?? -1, 9);
        expect(timeslices(all, 1).badShare).toBeGreaterThanOrEqual(timeslices(all, target).badShare ?? 2);
      }),
    );
  });
});
