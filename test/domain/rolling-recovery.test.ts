import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeToRollingRecovery } from '../../src/domain/rolling-recovery.ts';

const OBJECTIVE = { target: 0.99, wanted: 0.1 };
const DAY = 1440;

/** One event count a minute, newest first; windows of it, in minutes for milliseconds. */
const windowOf = (minutes: readonly { bad: number; total: number }[], windowMs: number) => {
  const part = minutes.slice(0, windowMs);
  const sum = (field: 'bad' | 'total') => part.reduce((all, each) => all + each[field], 0);
  return { windowMs, bad: sum('bad'), total: sum('total') };
};

describe('The time until a rolling budget has recovered', () => {
  it('is when enough of an old incident has left, and not before an incident of today can', () => {
    const period = 30 * DAY;
    const quiet = { bad: 0, total: 100 };
    const spent = 0.02 * 100 * period;
    const present = { windowMs: 60, bad: 0, total: 6000 };
    const whole = { windowMs: period, bad: spent, total: 100 * period };
    // Spread evenly, 0.02 − 0.009 of 0.02 have to go.
    expect(timeToRollingRecovery([whole], present, OBJECTIVE)).toBeCloseTo((period * 0.011) / 0.02, 6);
    const today = [{ windowMs: DAY, bad: spent, total: quiet.total * DAY }, whole];
    const wait = timeToRollingRecovery(today, present, OBJECTIVE) ?? 0;
    expect(wait).toBeCloseTo(period - DAY + (DAY * 0.011) / 0.02, 6);
  });

  it('is not known at a rate that spends the budget anew', () => {
    const whole = { windowMs: 1000, bad: 100, total: 1000 };
    expect(timeToRollingRecovery([whole], { windowMs: 10, bad: 1, total: 10 }, OBJECTIVE)).toBeNull();
    expect(timeToRollingRecovery([whole], { windowMs: 10, bad: 0, total: 10 }, OBJECTIVE)).not.toBeNull();
  });

  it('is that of every minute counted by itself, where windows are known for each', () => {
    const minute = fc.nat(20).chain((total) => fc.record({ bad: fc.nat(total), total: fc.constant(total) }));
    const minutes = fc.array(minute, { minLength: 2, maxLength: 40 });
    // A share that no counts meet exactly, so that rounding decides nothing.
    const objective = { target: 0.99, wanted: 0.1234567 };
    const allowed = (1 - objective.wanted) * 0.01;
    const law = (past: readonly { bad: number; total: number }[], now: { bad: number; total: number }) => {
      const present = { windowMs: 1, ...now };
      const known = past.map((_, i) => windowOf(past, i + 1));
      const left = (x: number) => {
        const old = windowOf(past, past.length - x);
        return old.bad + now.bad * x <= allowed * (old.total + now.total * x);
      };
      const first = Array.from({ length: past.length + 1 }, (_, x) => x).find(left);
      const wait = timeToRollingRecovery(known, present, objective);
      if (first === undefined) expect(wait).toBeNull();
      else expect(first === 0 ? wait : Math.ceil((wait ?? Number.NaN) - 1e-6)).toBe(first);
    };
    fc.assert(fc.property(minutes, minute, law), { numRuns: 100 });
  });
});
