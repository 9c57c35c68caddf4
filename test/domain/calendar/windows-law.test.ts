import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowsAround } from '../../../src/domain/calendar/windows-around.ts';
import { windowsBetween } from '../../../src/domain/calendar/windows-between.ts';
import type { FreezeDocument, FreezeEnd, Weekday } from '../../../src/domain/freeze.ts';
import { checkFreeze } from '../../../src/domain/freeze-check.ts';
import { intervalsOf, walkClock } from '../../support/freeze-oracle.ts';
import { aFreeze } from '../../support/freezes.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const;

/** Zones with an instant at which their clocks change, or for Kathmandu nothing happens. */
const CHANGES = [
  { zone: 'Europe/Berlin', at: '2026-03-29T01:00:00Z' },
  { zone: 'Europe/Berlin', at: '2026-10-25T01:00:00Z' },
  { zone: 'America/New_York', at: '2026-03-08T07:00:00Z' },
  { zone: 'America/New_York', at: '2026-11-01T06:00:00Z' },
  { zone: 'Australia/Lord_Howe', at: '2026-04-04T15:00:00Z' },
  { zone: 'Australia/Lord_Howe', at: '2026-10-03T15:30:00Z' },
  { zone: 'America/Santiago', at: '2026-04-05T03:00:00Z' },
  { zone: 'America/Santiago', at: '2026-09-06T04:00:00Z' },
  { zone: 'Africa/Cairo', at: '2026-04-23T22:00:00Z' },
  { zone: 'Africa/Cairo', at: '2026-10-29T21:00:00Z' },
  { zone: 'Pacific/Apia', at: '2011-12-30T10:00:00Z' },
  { zone: 'Asia/Kathmandu', at: '2026-03-29T01:00:00Z' },
] as const;

/** A recurrence, and the same in words that need no library: is this local minute a start? */
interface Rule {
  readonly recurrence: NonNullable<FreezeDocument['recurrence']>;
  readonly isStart: (local: number, first: number) => boolean;
}

const isSameTime = (local: number, first: number) => local % DAY === first % DAY;
const isAmong = (local: number, hours: readonly number[], minutes: readonly number[]) =>
  hours.includes(new Date(local).getUTCHours()) && minutes.includes(new Date(local).getUTCMinutes());
const daysBetween = (local: number, first: number) => Math.floor(local / DAY) - Math.floor(first / DAY);
const mondayOf = (local: number) => Math.floor(local / DAY) - ((new Date(local).getUTCDay() + 6) % 7);
const some = (most: number, least = 0) =>
  fc.uniqueArray(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 3 });

const rule = (recurrence: Rule['recurrence'], isStart: Rule['isStart']): Rule => ({ recurrence, isStart });

const rules: fc.Arbitrary<Rule> = fc.oneof(
  fc
    .integer({ min: 1, max: 3 })
    .map((n) =>
      rule(
        { rrule: `FREQ=DAILY;INTERVAL=${n}` },
        (at, first) => isSameTime(at, first) && daysBetween(at, first) % n === 0,
      ),
    ),
  fc
    .integer({ min: 1, max: 90 })
    .map((count) =>
      rule(
        { rrule: `FREQ=DAILY;COUNT=${count}` },
        (at, first) => isSameTime(at, first) && daysBetween(at, first) < count,
      ),
    ),
  fc.tuple(fc.integer({ min: 1, max: 2 }), some(6)).map(([n, days]) =>
    rule({ rrule: `FREQ=WEEKLY;INTERVAL=${n};BYDAY=${days.map((day) => WEEKDAYS[day])}` }, (at, first) => {
      const isWeek = ((mondayOf(at) - mondayOf(first)) / 7) % n === 0;
      return isSameTime(at, first) && isWeek && days.includes(new Date(at).getUTCDay());
    }),
  ),
  fc
    .tuple(some(31, 1), fc.constantFrom('MONTHLY', 'DAILY'))
    .map(([days, freq]) =>
      rule(
        { rrule: `FREQ=${freq};BYMONTHDAY=${days}` },
        (at, first) => isSameTime(at, first) && days.includes(new Date(at).getUTCDate()),
      ),
    ),
  fc
    .tuple(some(23), some(59))
    .map(([hours, minutes]) =>
      rule({ rrule: `FREQ=DAILY;BYHOUR=${hours};BYMINUTE=${minutes}` }, (at) => isAmong(at, hours, minutes)),
    ),
  fc
    .tuple(fc.constantFrom(1, 5, 7), fc.boolean())
    .map(([n, minutely]) =>
      rule(
        { rrule: minutely ? `FREQ=MINUTELY;INTERVAL=${n * 60}` : `FREQ=HOURLY;INTERVAL=${n}` },
        (at, first) => (at - first) % (n * HOUR) === 0,
      ),
    ),
  fc.tuple(some(59), some(23), fc.option(some(31, 1)), fc.option(some(6))).map(([minutes, hours, dates, days]) =>
    rule({ cron: `${minutes} ${hours} ${dates ?? '*'} * ${days ?? '*'}` }, (at) => {
      const isDate = dates?.includes(new Date(at).getUTCDate());
      const isWeekday = days?.includes(new Date(at).getUTCDay());
      const isDay = dates && days ? isDate || isWeekday : (isDate ?? isWeekday ?? true);
      return Boolean(isDay) && isAmong(at, hours, minutes);
    }),
  ),
);

/** Quarters of an hour, most of them where clocks change. */
const time = fc
  .tuple(
    fc.oneof(fc.constantFrom(0, 1, 2, 3, 23), fc.integer({ min: 0, max: 23 })),
    fc.constantFrom('00', '15', '30', '45'),
  )
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
const ends: fc.Arbitrary<FreezeEnd> = fc.oneof(
  fc.integer({ min: 1, max: 3 * 1440 }).map((minutes) => ({ duration: `${minutes}m` })),
  time.map((at) => ({ time: at })),
  fc.tuple(fc.constantFrom<Weekday[]>(...WEEKDAYS), time).map(([weekday, at]) => ({ weekday, time: at })),
);

const cases = fc.record({
  change: fc.constantFrom(...CHANGES),
  kind: fc.constantFrom('freeze' as const, 'allow' as const),
  rule: rules,
  daysBefore: fc.integer({ min: 0, max: 60 }),
  startTime: time,
  end: ends,
  asked: fc.array(fc.integer({ min: -1440, max: 1439 }), { minLength: 6, maxLength: 6 }),
});

/** The instants at which two ways of telling differ. */
function differences(minutes: readonly number[], one: (at: number) => boolean, other: (at: number) => boolean) {
  return minutes.filter((at) => one(at) !== other(at)).map((at) => new Date(at).toISOString());
}

describe('whether an instant lies in a window', () => {
  const clocks = new Map(CHANGES.map(({ zone, at }) => [at + zone, walkClock(zone, Date.parse(at))]));
  const iso = (at: number) => new Date(at).toISOString();

  it('is the same when it is asked for, when windows are listed, and when a clock is walked minute by minute', () => {
    fc.assert(
      fc.property(cases, ({ change, kind, rule, daysBefore, startTime, end, asked }) => {
        const { zone: timeZone, at: changesAt } = change;
        const changed = Date.parse(changesAt);
        const start = `${iso(changed - daysBefore * DAY).slice(0, 10)}T${startTime}:00`;
        const first = Date.parse(`${start}Z`);
        const document = aFreeze({ kind, timeZone, start, recurrence: rule.recurrence, end });
        const clock = clocks.get(changesAt + timeZone) ?? walkClock(timeZone, changed);
        const intervals = intervalsOf(clock, kind, (at) => at >= first && rule.isStart(at, first), end);
        const isInside = (at: number) => intervals.some(([from, to]) => from <= at && at < to);
        const isListed = (at: number) => spans.some(([from, to]) => from <= at && at < to);
        const minutes = Array.from({ length: 2880 }, (_, i) => changed - DAY + i * MINUTE);

        const { windows, complete } = windowsBetween(document, iso(changed - DAY), iso(changed + DAY), 5000);
        const spans = windows.map((each) => [Date.parse(each.start), Date.parse(each.end)] as const);
        const isAccepted = checkFreeze(document).length === 0;
        expect(complete || !isAccepted).toBe(true);
        expect(differences(minutes, isListed, isInside)).toEqual([]);
        for (const at of asked.slice(isAccepted ? 0 : 5).map((minute) => changed + minute * MINUTE)) {
          const { active, next, known } = windowsAround(document, iso(at));
          expect([known || !isAccepted, active !== null]).toEqual([true, isInside(at)]);
          if (!known) continue;
          if (active !== null) expect(windows).toContainEqual(active);
          expect(next).toEqual(windows.find((each) => each.start > iso(at)) ?? next);
        }
      }),
      { numRuns: 100 },
    );
  }, 120_000);
});
