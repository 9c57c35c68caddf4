import { describe, expect, it } from 'vitest';
import { windowsBetween } from '../../../src/domain/calendar/windows-between.ts';
import type { FreezeDocument, FreezeEnd } from '../../../src/domain/freeze.ts';
import { aFreeze, weekly } from '../../support/freezes.ts';

/** `2026-03-27T17:00Z/2026-03-30T06:00Z`: the windows that overlap the days from `from` to `to`. */
function listed(document: FreezeDocument, from: string, to: string): string[] {
  const { windows, complete } = windowsBetween(document, `${from}T00:00:00.000Z`, `${to}T00:00:00.000Z`, 100);
  expect(complete).toBe(true);
  return windows.map(({ start, end }) => `${short(start)}/${short(end)}`);
}

function short(at: string): string {
  expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z$/);
  return `${at.slice(0, 16)}Z`;
}

/**
 * Weekly freezes of 62 hours over both changes of a year. By zone: when they begin, how they end on the clock, and for
 * each change its three weekends: start, end on the clock, end after exactly 62 hours.
 *
 * Worked out by hand from the rules of the zones in 2026:
 * Berlin     +1 to +2 on Sun 29 Mar 01:00Z, back on Sun 25 Oct 01:00Z
 * New York   -5 to -4 on Sun  8 Mar 07:00Z, back on Sun 1 Nov 06:00Z
 * Lord Howe  +11 to +10:30 on Sat 4 Apr 15:00Z, back on Sat 3 Oct 15:30Z
 * Santiago   -3 to -4 on Sun 5 Apr 03:00Z (midnight), back on Sun 6 Sep 04:00Z (midnight)
 * Cairo      +2 to +3 on Thu 23 Apr 22:00Z (midnight), back on Thu 29 Oct 21:00Z (midnight)
 * Kathmandu  +5:45 always
 * Apia       -10 to +14 on 30 Dec 2011 10:00Z: no clock there ever showed Friday the 30th
 */
const GOLDEN: readonly {
  readonly zone: string;
  readonly start: string;
  readonly end: FreezeEnd;
  readonly days: readonly [string, string];
  readonly weekends: readonly (readonly [start: string, clockEnd: string, exactEnd: string])[];
}[] = [
  {
    zone: 'Europe/Berlin',
    start: '2026-01-02T18:00:00',
    end: { weekday: 'MO', time: '08:00' },
    days: ['2026-03-18', '2026-04-08'],
    weekends: [
      ['2026-03-20T17:00Z', '2026-03-23T07:00Z', '2026-03-23T07:00Z'],
      ['2026-03-27T17:00Z', '2026-03-30T06:00Z', '2026-03-30T07:00Z'],
      ['2026-04-03T16:00Z', '2026-04-06T06:00Z', '2026-04-06T06:00Z'],
    ],
  },
  {
    zone: 'Europe/Berlin',
    start: '2026-01-02T18:00:00',
    end: { weekday: 'MO', time: '08:00' },
    days: ['2026-10-14', '2026-11-04'],
    weekends: [
      ['2026-10-16T16:00Z', '2026-10-19T06:00Z', '2026-10-19T06:00Z'],
      ['2026-10-23T16:00Z', '2026-10-26T07:00Z', '2026-10-26T06:00Z'],
      ['2026-10-30T17:00Z', '2026-11-02T07:00Z', '2026-11-02T07:00Z'],
    ],
  },
  {
    zone: 'America/New_York',
    start: '2026-01-02T18:00:00',
    end: { weekday: 'MO', time: '08:00' },
    days: ['2026-02-25', '2026-03-18'],
    weekends: [
      ['2026-02-27T23:00Z', '2026-03-02T13:00Z', '2026-03-02T13:00Z'],
      ['2026-03-06T23:00Z', '2026-03-09T12:00Z', '2026-03-09T13:00Z'],
      ['2026-03-13T22:00Z', '2026-03-16T12:00Z', '2026-03-16T12:00Z'],
    ],
  },
  {
    zone: 'America/New_York',
    start: '2026-01-02T18:00:00',
    end: { weekday: 'MO', time: '08:00' },
    days: ['2026-10-21', '2026-11-11'],
    weekends: [
      ['2026-10-23T22:00Z', '2026-10-26T12:00Z', '2026-10-26T12:00Z'],
      ['2026-10-30T22:00Z', '2026-11-02T13:00Z', '2026-11-02T12:00Z'],
      ['2026-11-06T23:00Z', '2026-11-09T13:00Z', '2026-11-09T13:00Z'],
    ],
  },
  {
    zone: 'Australia/Lord_Howe',
    start: '2026-01-02T18:00:00',
    end: { weekday: 'MO', time: '08:00' },
    days: ['2026-03-26', '2026-04-14'],
    weekends: [
      ['2026-03-27T07:00Z', '2026-03-29T21:00Z', '2026-03-29T21:00Z'],
      ['2026-04-03T07:00Z', '2026-04-05T21:30Z', '2026-04-05T21:00Z'],
      ['2026-04-10T07:30Z', '2026-04-12T21:30Z', '2026-04-12T21:30Z'],
    ],
  },
  {
    zone: 'Australia/Lord_Howe',
    start: '2026-01-02T18:00:00',
    end: { weekday: 'MO', time: '08:00' },
    days: ['2026-09-23', '2026-10-14'],
    weekends: [
      ['2026-09-25T07:30Z', '2026-09-27T21:30Z', '2026-09-27T21:30Z'],
      ['2026-10-02T07:30Z', '2026-10-04T21:00Z', '2026-10-04T21:30Z'],
      ['2026-10-09T07:00Z', '2026-10-11T21:00Z', '2026-10-11T21:00Z'],
    ],
  },
  {
    zone: 'America/Santiago',
    start: '2026-01-02T18:00:00',
    end: { weekday: 'MO', time: '08:00' },
    days: ['2026-03-25', '2026-04-15'],
    weekends: [
      ['2026-03-27T21:00Z', '2026-03-30T11:00Z', '2026-03-30T11:00Z'],
      ['2026-04-03T21:00Z', '2026-04-06T12:00Z', '2026-04-06T11:00Z'],
      ['2026-04-10T22:00Z', '2026-04-13T12:00Z', '2026-04-13T12:00Z'],
    ],
  },
  {
    zone: 'America/Santiago',
    start: '2026-01-02T18:00:00',
    end: { weekday: 'MO', time: '08:00' },
    days: ['2026-08-26', '2026-09-16'],
    weekends: [
      ['2026-08-28T22:00Z', '2026-08-31T12:00Z', '2026-08-31T12:00Z'],
      ['2026-09-04T22:00Z', '2026-09-07T11:00Z', '2026-09-07T12:00Z'],
      ['2026-09-11T21:00Z', '2026-09-14T11:00Z', '2026-09-14T11:00Z'],
    ],
  },
  {
    zone: 'Africa/Cairo',
    start: '2026-01-01T18:00:00',
    end: { weekday: 'SU', time: '08:00' },
    days: ['2026-04-15', '2026-05-06'],
    weekends: [
      ['2026-04-16T16:00Z', '2026-04-19T06:00Z', '2026-04-19T06:00Z'],
      ['2026-04-23T16:00Z', '2026-04-26T05:00Z', '2026-04-26T06:00Z'],
      ['2026-04-30T15:00Z', '2026-05-03T05:00Z', '2026-05-03T05:00Z'],
    ],
  },
  {
    zone: 'Africa/Cairo',
    start: '2026-01-01T18:00:00',
    end: { weekday: 'SU', time: '08:00' },
    days: ['2026-10-21', '2026-11-11'],
    weekends: [
      ['2026-10-22T15:00Z', '2026-10-25T05:00Z', '2026-10-25T05:00Z'],
      ['2026-10-29T15:00Z', '2026-11-01T06:00Z', '2026-11-01T05:00Z'],
      ['2026-11-05T16:00Z', '2026-11-08T06:00Z', '2026-11-08T06:00Z'],
    ],
  },
  {
    zone: 'Asia/Kathmandu',
    start: '2026-01-02T18:00:00',
    end: { weekday: 'MO', time: '08:00' },
    days: ['2026-03-25', '2026-04-08'],
    weekends: [
      ['2026-03-27T12:15Z', '2026-03-30T02:15Z', '2026-03-30T02:15Z'],
      ['2026-04-03T12:15Z', '2026-04-06T02:15Z', '2026-04-06T02:15Z'],
    ],
  },
  {
    // The Friday that never was begins, by its earlier reading, on Thursday at 18:00, which is 62 h before Monday 08:00.
    zone: 'Pacific/Apia',
    start: '2011-12-02T18:00:00',
    end: { weekday: 'MO', time: '08:00' },
    days: ['2011-12-21', '2012-01-11'],
    weekends: [
      ['2011-12-24T04:00Z', '2011-12-26T18:00Z', '2011-12-26T18:00Z'],
      ['2011-12-30T04:00Z', '2012-01-01T18:00Z', '2012-01-01T18:00Z'],
      ['2012-01-06T04:00Z', '2012-01-08T18:00Z', '2012-01-08T18:00Z'],
    ],
  },
];

describe('a weekly freeze over a clock change', () => {
  it.each(GOLDEN)('keeps its local end in $zone from $days.0', ({ zone, start, end, days, weekends }) => {
    for (const document of weekly(zone, start, end))
      expect(listed(document, ...days)).toEqual(weekends.map(([from, to]) => `${from}/${to}`));
  });

  it.each(GOLDEN)('lasts exactly 62 hours in $zone from $days.0', ({ zone, start, days, weekends }) => {
    for (const document of weekly(zone, start, { duration: '62h' }))
      expect(listed(document, ...days)).toEqual(weekends.map(([from, , to]) => `${from}/${to}`));
  });
});

/** Local times that the clocks skip or show twice: the widest reading for a freeze, the narrowest for an allowed window. */
const READINGS: readonly {
  readonly what: string;
  readonly zone: string;
  readonly local: readonly [start: string, end: string];
  readonly freeze: string;
  readonly allow: string | null;
}[] = [
  {
    what: 'start skipped',
    zone: 'Europe/Berlin',
    local: ['2026-03-29T02:30', '2026-03-29T04:00'],
    freeze: '2026-03-29T00:30Z/2026-03-29T02:00Z',
    allow: '2026-03-29T01:30Z/2026-03-29T02:00Z',
  },
  {
    what: 'end skipped',
    zone: 'Europe/Berlin',
    local: ['2026-03-29T01:00', '2026-03-29T02:30'],
    freeze: '2026-03-29T00:00Z/2026-03-29T01:30Z',
    allow: '2026-03-29T00:00Z/2026-03-29T00:30Z',
  },
  {
    what: 'both skipped',
    zone: 'Europe/Berlin',
    local: ['2026-03-29T02:10', '2026-03-29T02:50'],
    freeze: '2026-03-29T00:10Z/2026-03-29T01:50Z',
    allow: null,
  },
  {
    what: 'end soon after',
    zone: 'Europe/Berlin',
    local: ['2026-03-29T02:30', '2026-03-29T03:10'],
    freeze: '2026-03-29T00:30Z/2026-03-29T01:10Z',
    allow: null,
  },
  {
    what: 'start twice',
    zone: 'Europe/Berlin',
    local: ['2026-10-25T02:30', '2026-10-25T03:30'],
    freeze: '2026-10-25T00:30Z/2026-10-25T02:30Z',
    allow: '2026-10-25T01:30Z/2026-10-25T02:30Z',
  },
  {
    what: 'end twice',
    zone: 'Europe/Berlin',
    local: ['2026-10-25T01:30', '2026-10-25T02:30'],
    freeze: '2026-10-24T23:30Z/2026-10-25T01:30Z',
    allow: '2026-10-24T23:30Z/2026-10-25T00:30Z',
  },
  {
    what: 'both twice',
    zone: 'Europe/Berlin',
    local: ['2026-10-25T02:30', '2026-10-25T02:45'],
    freeze: '2026-10-25T00:30Z/2026-10-25T01:45Z',
    allow: null,
  },
  {
    what: 'start skipped',
    zone: 'America/New_York',
    local: ['2026-03-08T02:30', '2026-03-08T04:00'],
    freeze: '2026-03-08T06:30Z/2026-03-08T08:00Z',
    allow: '2026-03-08T07:30Z/2026-03-08T08:00Z',
  },
  {
    what: 'start twice',
    zone: 'America/New_York',
    local: ['2026-11-01T01:30', '2026-11-01T03:00'],
    freeze: '2026-11-01T05:30Z/2026-11-01T08:00Z',
    allow: '2026-11-01T06:30Z/2026-11-01T08:00Z',
  },
  {
    what: 'start skipped',
    zone: 'Australia/Lord_Howe',
    local: ['2026-10-04T02:15', '2026-10-04T03:00'],
    freeze: '2026-10-03T15:15Z/2026-10-03T16:00Z',
    allow: '2026-10-03T15:45Z/2026-10-03T16:00Z',
  },
  {
    what: 'start twice',
    zone: 'Australia/Lord_Howe',
    local: ['2026-04-05T01:45', '2026-04-05T02:15'],
    freeze: '2026-04-04T14:45Z/2026-04-04T15:45Z',
    allow: '2026-04-04T15:15Z/2026-04-04T15:45Z',
  },
  {
    what: 'end twice',
    zone: 'Australia/Lord_Howe',
    local: ['2026-04-05T01:00', '2026-04-05T01:45'],
    freeze: '2026-04-04T14:00Z/2026-04-04T15:15Z',
    allow: '2026-04-04T14:00Z/2026-04-04T14:45Z',
  },
  {
    what: 'midnight skipped',
    zone: 'America/Santiago',
    local: ['2026-09-06T00:00', '2026-09-06T06:00'],
    freeze: '2026-09-06T03:00Z/2026-09-06T09:00Z',
    allow: '2026-09-06T04:00Z/2026-09-06T09:00Z',
  },
  {
    what: 'before midnight twice',
    zone: 'America/Santiago',
    local: ['2026-04-04T23:30', '2026-04-05T00:30'],
    freeze: '2026-04-05T02:30Z/2026-04-05T04:30Z',
    allow: '2026-04-05T03:30Z/2026-04-05T04:30Z',
  },
  {
    what: 'midnight skipped',
    zone: 'Africa/Cairo',
    local: ['2026-04-24T00:00', '2026-04-24T06:00'],
    freeze: '2026-04-23T21:00Z/2026-04-24T03:00Z',
    allow: '2026-04-23T22:00Z/2026-04-24T03:00Z',
  },
  {
    what: 'before midnight twice',
    zone: 'Africa/Cairo',
    local: ['2026-10-29T23:30', '2026-10-30T00:30'],
    freeze: '2026-10-29T20:30Z/2026-10-29T22:30Z',
    allow: '2026-10-29T21:30Z/2026-10-29T22:30Z',
  },
  {
    what: 'no change at all',
    zone: 'Asia/Kathmandu',
    local: ['2026-03-29T02:30', '2026-03-29T04:00'],
    freeze: '2026-03-28T20:45Z/2026-03-28T22:15Z',
    allow: '2026-03-28T20:45Z/2026-03-28T22:15Z',
  },
  {
    what: 'the day skipped',
    zone: 'Pacific/Apia',
    local: ['2011-12-30T18:00', '2012-01-02T08:00'],
    freeze: '2011-12-30T04:00Z/2012-01-01T18:00Z',
    allow: '2011-12-31T04:00Z/2012-01-01T18:00Z',
  },
  {
    what: 'within the day skipped',
    zone: 'Pacific/Apia',
    local: ['2011-12-30T08:00', '2011-12-30T18:00'],
    freeze: '2011-12-29T18:00Z/2011-12-31T04:00Z',
    allow: null,
  },
];

describe('a local time that the clocks skip or show twice', () => {
  it.each(READINGS)('$what in $zone: $local', ({ zone, local: [start, end], freeze, allow }) => {
    const time = end.slice(11);
    const isLong = Date.parse(end) - Date.parse(start) > 86_400_000;
    const once = aFreeze({ timeZone: zone, start, end });
    const recurring = aFreeze({
      timeZone: zone,
      start,
      recurrence: { rrule: 'FREQ=DAILY;COUNT=1' },
      end: isLong ? { weekday: 'MO', time } : { time },
    });
    for (const document of [once, recurring]) {
      expect(listed(document, '2011-01-01', '2027-01-01')).toEqual([freeze]);
      expect(listed({ ...document, kind: 'allow' }, '2011-01-01', '2027-01-01')).toEqual(allow === null ? [] : [allow]);
    }
  });

  it('leaves a duration its length, from the earlier start of a freeze and the later one of an allowed window', () => {
    const document = aFreeze({ timeZone: 'Europe/Berlin', start: '2026-10-25T02:30:00', end: { duration: '1h' } });
    expect(listed(document, '2026-10-01', '2026-11-01')).toEqual(['2026-10-25T00:30Z/2026-10-25T01:30Z']);
    expect(listed({ ...document, kind: 'allow' }, '2026-10-01', '2026-11-01')).toEqual([
      '2026-10-25T01:30Z/2026-10-25T02:30Z',
    ]);
  });

  it('does not move the days after it', () => {
    const document = aFreeze({
      timeZone: 'Europe/Berlin',
      start: '2026-03-27T02:30:00',
      recurrence: { rrule: 'FREQ=DAILY;COUNT=4' },
      end: { duration: '30m' },
    });
    expect(listed(document, '2026-03-01', '2026-04-30')).toEqual([
      '2026-03-27T01:30Z/2026-03-27T02:00Z',
      '2026-03-28T01:30Z/2026-03-28T02:00Z',
      '2026-03-29T00:30Z/2026-03-29T01:00Z',
      '2026-03-30T00:30Z/2026-03-30T01:00Z',
    ]);
  });
});

describe('a list of windows', () => {
  const daily = (rrule: string, duration: string) =>
    aFreeze({ start: '2026-01-01T09:00:00', recurrence: { rrule }, end: { duration } });

  it('joins windows that overlap or touch, also over the borders of what was asked for', () => {
    expect(listed(daily('FREQ=DAILY;COUNT=4', '24h'), '2026-01-02', '2026-01-03')).toEqual([
      '2026-01-01T09:00Z/2026-01-05T09:00Z',
    ]);
    expect(listed(daily('FREQ=DAILY;COUNT=40', '36h'), '2026-01-20', '2026-01-21')).toEqual([
      '2026-01-01T09:00Z/2026-02-10T21:00Z',
    ]);
  });

  it('is half open: a window that ends at the beginning or begins at the end is not in it', () => {
    const list = (from: string, to: string) =>
      windowsBetween(daily('FREQ=DAILY', '1h'), `2026-01-${from}:00.000Z`, `2026-01-${to}:00.000Z`, 9).windows.length;
    expect(list('05T10:00', '06T09:00')).toBe(0);
    expect(list('05T09:59', '06T09:00')).toBe(1);
    expect(list('05T10:00', '06T09:01')).toBe(1);
  });

  it('says when there are more than were wanted', () => {
    const list = (limit: number) =>
      windowsBetween(daily('FREQ=DAILY;COUNT=3', '1h'), '2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z', limit);
    expect(list(3)).toMatchObject({ complete: true });
    expect(list(2)).toMatchObject({ complete: false, windows: { length: 2 } });
  });

  it('ends with UNTIL: a local time, the day itself, or an instant that is compared with the real start', () => {
    const last = (until: string) =>
      listed(
        aFreeze({
          timeZone: 'America/New_York',
          start: '2026-01-01T22:00:00',
          recurrence: { rrule: `FREQ=DAILY;UNTIL=${until}` },
          end: { duration: '1h' },
        }),
        '2026-01-01',
        '2026-02-01',
      ).at(-1);
    expect(last('20260105T220000')).toBe('2026-01-06T03:00Z/2026-01-06T04:00Z');
    expect(last('20260105T215959')).toBe('2026-01-05T03:00Z/2026-01-05T04:00Z');
    expect(last('20260105')).toBe('2026-01-06T03:00Z/2026-01-06T04:00Z');
    expect(last('20260106T030000Z')).toBe('2026-01-06T03:00Z/2026-01-06T04:00Z');
    expect(last('20260106T025959Z')).toBe('2026-01-05T03:00Z/2026-01-05T04:00Z');
  });

  it('begins with the start of a cron expression, not before', () => {
    const document = aFreeze({
      start: '2026-01-03T00:00:00',
      recurrence: { cron: '0 9 * * *' },
      end: { time: '10:00' },
    });
    expect(listed(document, '2025-12-01', '2026-01-05')).toEqual([
      '2026-01-03T09:00Z/2026-01-03T10:00Z',
      '2026-01-04T09:00Z/2026-01-04T10:00Z',
    ]);
  });

  it('takes the next such time when the start is at the time of the end already', () => {
    const end = (end: FreezeEnd) =>
      listed(aFreeze({ start: '2026-01-05T08:00:00', end }), '2026-01-01', '2026-02-01')
        .at(0)
        ?.slice(18);
    expect(end({ time: '08:00' })).toBe('2026-01-06T08:00Z');
    expect(end({ time: '08:01' })).toBe('2026-01-05T08:01Z');
    expect(end({ weekday: 'MO', time: '08:00' })).toBe('2026-01-12T08:00Z');
    expect(end({ weekday: 'MO', time: '08:01' })).toBe('2026-01-05T08:01Z');
    expect(end({ weekday: 'SU', time: '09:00' })).toBe('2026-01-11T09:00Z');
  });
});
