import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { msOf } from '../../src/domain/instant.ts';
import { CALENDAR_UNITS, type CalendarUnit, courseOf, periodAt } from '../../src/domain/slo-period.ts';

const period = (calendar: CalendarUnit, timeZone: string, at: string) => {
  const { start, end } = periodAt({ calendar, timeZone }, at);
  return [start, end].map((each) => each.replace(':00.000Z', 'Z'));
};

describe('a period', () => {
  it('that rolls ends now', () => {
    expect(periodAt('30d', '2026-03-31T12:00:00.000Z')).toEqual({
      start: '2026-03-01T12:00:00.000Z',
      end: '2026-03-31T12:00:00.000Z',
    });
  });

  it.each<[CalendarUnit, string, string, string, string]>([
    ['month', 'Europe/Berlin', '2026-03-31T21:59:59Z', '2026-02-28T23:00Z', '2026-03-31T22:00Z'],
    ['month', 'Europe/Berlin', '2026-03-31T22:00:00Z', '2026-03-31T22:00Z', '2026-04-30T22:00Z'],
    ['day', 'Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z'],
    ['day', 'Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z'],
    ['week', 'America/New_York', '2026-11-02T04:59:00Z', '2026-10-26T04:00Z', '2026-11-02T05:00Z'],
    ['quarter', 'UTC', '2026-05-20T00:00:00Z', '2026-04-01T00:00Z', '2026-07-01T00:00Z'],
    ['quarter', 'UTC', '2026-12-31T23:00:00Z', '2026-10-01T00:00Z', '2027-01-01T00:00Z'],
    ['year', 'Asia/Kolkata', '2026-01-01T00:00:00Z', '2025-12-31T18:30Z', '2026-12-31T18:30Z'],
    // Midnight does not exist on this day, so it begins at one.
    ['day', 'Africa/Cairo', '2026-04-24T12:00:00Z', '2026-04-23T22:00Z', '2026-04-24T21:00Z'],
  ])('by %s in %s at %s runs from %s to %s', (unit, zone, at, start, end) => {
    expect(period(unit, zone, at)).toEqual([start, end]);
  });

  it('of a calendar holds every instant exactly once: the end of one is the start of the next', () => {
    const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/Santiago', 'Australia/Lord_Howe', 'Africa/Cairo');
    const at = fc
      .integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) })
      .map((ms) => new Date(ms).toISOString());
    fc.assert(
      fc.property(fc.constantFrom(...CALENDAR_UNITS), zone, at, (calendar, timeZone, now) => {
        const { start, end } = periodAt({ calendar, timeZone }, now);
        expect(start <= now && now < end).toBe(true);
        expect(periodAt({ calendar, timeZone }, end).start).toBe(end);
        expect(periodAt({ calendar, timeZone }, start)).toEqual({ start, end });
      }),
    );
  });

  it('goes on rolling, or has some time left', () => {
    expect(courseOf('7d', '2026-03-31T12:00:00.000Z')).toEqual({ kind: 'rolling', lengthMs: 7 * 86_400_000 });
    const window = { calendar: 'day', timeZone: 'UTC' } as const;
    const elapsedMs = msOf('2026-03-31T06:00:00.000Z') - msOf('2026-03-31T00:00:00.000Z');
    expect(courseOf(window, '2026-03-31T06:00:00.000Z')).toEqual({
      kind: 'calendar',
      elapsedMs,
      leftMs: 3 * elapsedMs,
    });
  });
});
