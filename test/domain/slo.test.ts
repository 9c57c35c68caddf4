import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BURN_PRESETS, burnPreset } from '../../src/domain/burn-presets.ts';
import {
  badLeft,
  badRatio,
  burnRate,
  type Events,
  eventsFor,
  exceedsBoth,
  factorFor,
  highestBurnRate,
  type PeriodCourse,
  remainingBudget,
  sumOf,
  timeToExhaustion,
  timeToRecovery,
} from '../../src/domain/slo.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const total = fc.integer({ min: 1, max: 1_000_000 });
const events: fc.Arbitrary<Events> = total.chain((n) => fc.record({ bad: fc.nat(n), total: fc.constant(n) }));
const target = fc.constantFrom(0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999);
const close = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(b)));

describe('counts of events', () => {
  it.each([
    ['nothing bad', { bad: 0, total: 10 }, 0.999, 0, 1],
    ['exactly the budget', { bad: 1, total: 1000 }, 0.999, 1, 0],
    ['a tenth of the budget', { bad: 3, total: 30_000 }, 0.999, 0.1, 0.9],
    ['twice the budget', { bad: 2, total: 100 }, 0.99, 2, -1],
    ['everything bad', { bad: 7, total: 7 }, 0.9, 10, -9],
    ['numbers that binary fractions cannot hold', { bad: 144, total: 10_000 }, 0.999, 14.4, -13.4],
  ])('give for %s the burn rate and the budget to the digit', (_what, counts, objective, burn, remaining) => {
    expect(burnRate(counts, objective)).toBe(burn);
    expect(remainingBudget(counts, objective)).toBe(remaining);
  });

  it('say nothing when there are none: neither good nor bad', () => {
    const none = { bad: 0, total: 0 };
    expect([badRatio(none), burnRate(none, 0.99), remainingBudget(none, 0.99)]).toEqual([null, null, null]);
  });

  it('are added up, never averaged: a quiet window does not weigh like a busy one', () => {
    const windows = [
      { bad: 60, total: 1000 },
      { bad: 11, total: 20 },
    ];
    close(badRatio(sumOf(windows)) ?? 0, 71 / 1020);
    const mean = windows.reduce((sum, each) => sum + (badRatio(each) ?? 0), 0) / 2;
    expect(mean).toBeGreaterThan(4 * (badRatio(sumOf(windows)) ?? 0));
  });

  it('tell how many more may be bad', () => {
    expect(badLeft({ bad: 3, total: 10_000 }, 0.999)).toBe(7);
    expect(badLeft({ bad: 30, total: 10_000 }, 0.999)).toBe(-20);
  });

  it('are enough from a tenth of the rule of three on', () => {
    expect([0.9, 0.99, 0.995, 0.999, 0.9999].map(eventsFor)).toEqual([3, 30, 60, 300, 3000]);
  });
});

describe('laws of the burn rate', () => {
  it('it grows with every bad event and the budget shrinks', () => {
    fc.assert(
      fc.property(events, target, (counts, objective) => {
        fc.pre(counts.bad < counts.total);
        const more = { ...counts, bad: counts.bad + 1 };
        expect(burnRate(more, objective)).toBeGreaterThan(burnRate(counts, objective) ?? 0);
        expect(remainingBudget(more, objective)).toBeLessThan(remainingBudget(counts, objective) ?? 0);
      }),
    );
  });

  it('it does not depend on the amount of traffic', () => {
    fc.assert(
      fc.property(events, target, fc.integer({ min: 1, max: 1000 }), (counts, objective, k) => {
        const scaled = { bad: counts.bad * k, total: counts.total * k };
        expect(burnRate(scaled, objective)).toBe(burnRate(counts, objective));
      }),
    );
  });

  it('burnt and left are always the whole, and a stricter target burns faster', () => {
    fc.assert(
      fc.property(events, target, (counts, objective) => {
        close((burnRate(counts, objective) ?? 0) + (remainingBudget(counts, objective) ?? 0), 1);
        const stricter = (1 + objective) / 2;
        expect(burnRate(counts, stricter)).toBeGreaterThanOrEqual(burnRate(counts, objective) ?? 0);
      }),
    );
  });

  it('never exceeds the highest, so a factor from there on can never fire', () => {
    fc.assert(
      fc.property(events, target, (counts, objective) => {
        const burn = burnRate(counts, objective);
        expect(burn).toBeLessThanOrEqual(highestBurnRate(objective));
        expect(exceedsBoth(highestBurnRate(objective), burn, burn)).toBe(false);
      }),
    );
    expect(highestBurnRate(0.9)).toBe(10);
    expect(highestBurnRate(0.93)).toBeLessThan(14.4);
    expect(highestBurnRate(0.9306)).toBeGreaterThan(14.4);
  });

  it('of windows put together lies between those of the parts, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(events, { minLength: 1, maxLength: 8 }), target, (windows, objective) => {
        const all = burnRate(sumOf(windows), objective) ?? 0;
        const each = windows.map((window) => burnRate(window, objective) ?? 0);
        expect(all).toBeGreaterThanOrEqual(Math.min(...each) - 1e-9);
        expect(all).toBeLessThanOrEqual(Math.max(...each) + 1e-9);
        expect(burnRate(sumOf([...windows].reverse()), objective)).toBe(all);
      }),
    );
  });
});

describe('a pair of windows', () => {
  it.each([
    [14.5, 14.5, true],
    [14.4, 14.5, false],
    [14.5, 14.4, false],
    [null, 99, false],
    [99, null, false],
  ])('with %s over the long and %s over the short one exceeds 14.4: %s', (long, short, fires) => {
    expect(exceedsBoth(14.4, long, short)).toBe(fires);
  });

  it('can be turned round, and fires at every lower factor too', () => {
    const rate = fc.option(fc.double({ min: 0, max: 1000, noNaN: true }));
    fc.assert(
      fc.property(rate, rate, fc.double({ min: 0, max: 500, noNaN: true }), (a, b, factor) => {
        expect(exceedsBoth(factor, a, b)).toBe(exceedsBoth(factor, b, a));
        if (exceedsBoth(factor, a, b)) expect(exceedsBoth(factor / 2, a, b)).toBe(true);
      }),
    );
  });

  it('has in the presets the published factors', () => {
    expect(burnPreset('google-30d').map((pair) => pair.factor)).toEqual([14.4, 6, 3, 1]);
    const of28 = burnPreset('google-28d').map((pair) => Number(pair.factor.toFixed(4)));
    expect(of28).toEqual([13.44, 5.6, 2.8, 0.9333]);
    expect(burnPreset('google-30d').map(({ long, short }) => `${long}/${short}`)).toEqual([
      '1h/5m',
      '6h/30m',
      '1d/2h',
      '3d/6h',
    ]);
    expect(Object.keys(BURN_PRESETS)).toEqual(['google-30d', 'google-28d']);
  });

  it('has a factor that spends its share of the budget within the long window', () => {
    expect(factorFor(0.02, 30 * DAY, HOUR)).toBe(14.4);
    const perHour = 1000;
    const bad = 14.4 * 0.001 * perHour;
    close(1 - (remainingBudget({ bad, total: perHour * 720 }, 0.999) ?? 0), 0.02);
  });
});

describe('the time until the budget is gone', () => {
  const rolling: PeriodCourse = { kind: 'rolling', lengthMs: 30 * DAY };

  it('is the period over the burn rate for a whole budget', () => {
    expect(timeToExhaustion(1, 14.4, rolling)).toBeCloseTo((30 * DAY) / 14.4, 3);
    expect(timeToExhaustion(0.5, 10, rolling)).toBeCloseTo(1.5 * DAY, 3);
  });

  it('is not known when it is gone already or lasts at this rate', () => {
    expect(timeToExhaustion(0, 5, rolling)).toBeNull();
    expect(timeToExhaustion(-0.2, 5, rolling)).toBeNull();
    expect(timeToExhaustion(0.5, 0.5, rolling)).toBeNull();
    expect(timeToExhaustion(1, 0, rolling)).toBeNull();
    expect(timeToExhaustion(1, 1, { kind: 'calendar', elapsedMs: DAY, leftMs: DAY })).toBeNull();
  });

  const share = fc.double({ min: 0.01, max: 1, noNaN: true });
  const burning = fc.double({ min: 0.02, max: 100, noNaN: true });

  it('leaves exactly nothing of a rolling period from which nothing has left', () => {
    fc.assert(
      fc.property(share, burning, (remaining, burn) => {
        const ms = timeToExhaustion(remaining, burn, rolling);
        if (ms === null) return;
        expect(ms).toBeLessThanOrEqual(30 * DAY * 1.000001);
        close(remaining - (burn * ms) / (30 * DAY), 0);
      }),
    );
  });

  it('leaves exactly nothing of a calendar period whose traffic goes on as it was', () => {
    fc.assert(
      fc.property(share, burning, fc.integer({ min: 1, max: 29 }), (remaining, burn, days) => {
        const elapsedMs = days * DAY;
        const leftMs = 30 * DAY - elapsedMs;
        const ms = timeToExhaustion(remaining, burn, { kind: 'calendar', elapsedMs, leftMs });
        if (ms === null) return;
        expect(ms).toBeLessThan(leftMs);
        close(((1 - remaining) * elapsedMs + burn * ms) / (elapsedMs + ms), 1);
      }),
    );
  });

  it('until it is back is never longer than a calendar period goes on', () => {
    const calendar = { kind: 'calendar', elapsedMs: 10 * DAY, leftMs: 20 * DAY } as const;
    expect(timeToRecovery(0, 0.5, 0, calendar)).toBeCloseTo(10 * DAY, 3);
    expect(timeToRecovery(-9, 0.5, 0, calendar)).toBe(20 * DAY);
    expect(timeToRecovery(0, 0.1, 5, calendar)).toBe(20 * DAY);
  });
});
