import { describe, expect, it } from 'vitest';
import type { FreezeDocument, FreezeEnd } from '../../src/domain/freeze.ts';
import { checkFreeze } from '../../src/domain/freeze-check.ts';
import { aFreeze } from '../support/freezes.ts';

const START = '2026-01-02T18:00:00';
const HOUR: FreezeEnd = { duration: '1h' };

function pointers(document: Partial<FreezeDocument>): string[] {
  return checkFreeze(aFreeze({ start: START, end: HOUR, ...document })).map((error) => error.pointer);
}

function rrule(rrule: string, end = HOUR, more: Partial<FreezeDocument> = {}): readonly string[] {
  return checkFreeze(aFreeze({ start: START, recurrence: { rrule }, end, ...more })).map(
    (error) => `${error.pointer} ${error.message}`,
  );
}

function cron(cron: string, end = HOUR): readonly string[] {
  return checkFreeze(aFreeze({ recurrence: { cron }, end })).map((error) => `${error.pointer} ${error.message}`);
}

describe('a freeze', () => {
  it.each<[string, Partial<FreezeDocument>]>([
    [
      'one with everything',
      {
        title: 'Weekend',
        scope: { services: ['pay-*', '*', 'a'], rings: ['global'], labels: { tier: '1', region: '*' } },
        timeZone: 'Europe/Berlin',
        recurrence: { rrule: 'FREQ=WEEKLY;BYDAY=FR' },
        end: { weekday: 'MO', time: '08:00' },
        exempt: ['security', 'emergency'],
        reason: 'Nobody is on call',
      },
    ],
    ['one in UTC', { timeZone: 'UTC' }],
    ['a day', { end: '2026-01-03T18:00' }],
    ['ten years', { end: '2036-01-03T18:00:00' }],
    ['a leap year of hours', { end: { duration: '366d' } }],
    ['a time of day', { end: { time: '17:00' } }],
  ])('is accepted: %s', (_what, document) => {
    expect(pointers(document)).toEqual([]);
  });

  it.each<[string, Partial<FreezeDocument>, string[]]>([
    ['no service', { scope: { services: [], rings: ['*'] } }, ['/scope/services']],
    ['no ring', { scope: { services: ['*'], rings: [] } }, ['/scope/rings']],
    [
      'a service that can have no such name',
      { scope: { services: ['Pay', 'a_b'], rings: ['*'] } },
      ['/scope/services/0', '/scope/services/1'],
    ],
    ['a ring twice', { scope: { services: ['*'], rings: ['a', 'a'] } }, ['/scope/rings/1']],
    ['an empty label value', { scope: { services: ['*'], rings: ['*'], labels: { a: '' } } }, ['/scope/labels/a']],
    ['an unknown zone', { timeZone: 'Europe/Atlantis' }, ['/timeZone']],
    ['no zone', { timeZone: '' }, ['/timeZone']],
    ['an offset as zone', { timeZone: '+01:00' }, ['/timeZone']],
    ['a zone of Windows', { timeZone: 'W. Europe Standard Time' }, ['/timeZone']],
    ['a start with an offset', { start: '2026-01-02T18:00:00Z' }, ['/start']],
    ['a start on a day that is none', { start: '2026-02-30T18:00:00' }, ['/start']],
    ['a start at an hour that is none', { start: '2026-02-03T24:00:00' }, ['/start']],
    ['a start without a time', { start: '2026-02-03' }, ['/start']],
    ['a start too long ago', { start: '1899-12-31T23:59:59' }, ['/start']],
    ['an end that is no date', { end: 'tomorrow' }, ['/end']],
    ['an end at the start', { end: START }, ['/end']],
    ['an end before the start', { end: '2026-01-02T17:59' }, ['/end']],
    ['a length of nothing', { end: { duration: '0s' } }, ['/end/duration']],
    ['a length of parts of a second', { end: { duration: '1s500ms' } }, ['/end/duration']],
    ['a length of more than a year', { end: { duration: '367d' } }, ['/end/duration']],
    ['a length that is none', { end: { duration: 'P1D' } }, ['/end/duration']],
    ['a time that is none', { end: { time: '24:00' } }, ['/end/time']],
    ['a weekday that is none', { end: { weekday: 'Monday' as 'MO', time: '9:00' } }, ['/end/time', '/end/weekday']],
    ['two ways of ending', { end: { duration: '1h', time: '08:00' } as FreezeEnd }, ['/end']],
    ['a duration until a weekday', { end: { duration: '1h', weekday: 'MO' } as FreezeEnd }, ['/end']],
    ['no way of ending', { end: {} as FreezeEnd }, ['/end']],
    ['a weekday without a time', { end: { weekday: 'MO' } as FreezeEnd }, ['/end']],
    ['a recurrence until one date', { recurrence: { rrule: 'FREQ=DAILY' }, end: '2026-03-01T00:00' }, ['/end']],
    [
      'both kinds of recurrence',
      { recurrence: { rrule: 'FREQ=DAILY', cron: '0 0 * * *' } as { cron: string } },
      ['/recurrence'],
    ],
    ['no kind of recurrence', { recurrence: {} as { cron: string } }, ['/recurrence']],
    ['a class of change that is none', { exempt: ['standard', 'security', 'security'] }, ['/exempt/0', '/exempt/2']],
    [
      'several mistakes',
      { timeZone: 'X', start: 'X', end: 'X', recurrence: { cron: 'X' } },
      ['/timeZone', '/start', '/recurrence/cron', '/end'],
    ],
  ])('is refused with %s', (_what, document, expected) => {
    expect(pointers(document)).toEqual(expected);
  });

  it('needs a start, but for cron', () => {
    const errors = (more: Partial<FreezeDocument>) =>
      checkFreeze(aFreeze({ end: HOUR, ...more })).map((e) => e.pointer);
    expect(errors({})).toEqual(['/start']);
    expect(errors({ recurrence: { rrule: 'FREQ=DAILY' } })).toEqual(['/start']);
    expect(errors({ recurrence: { cron: '0 0 * * *' } })).toEqual([]);
  });

  it('is refused by name of its zone', () => {
    const [error] = checkFreeze(aFreeze({ start: START, end: HOUR, timeZone: 'Romance Standard Time' }));
    expect(error?.message).toContain('Romance Standard Time');
  });

  it('is refused as an allowed window when the clock change leaves nothing of it', () => {
    const lost = { timeZone: 'Europe/Berlin', start: '2026-03-29T02:30', end: '2026-03-29T03:10' };
    expect(pointers(lost)).toEqual([]);
    expect(pointers({ ...lost, kind: 'allow' })).toEqual(['/end']);
  });
});

describe('a recurrence rule', () => {
  it.each([
    'FREQ=WEEKLY;BYDAY=FR',
    'freq=weekly;byday=fr',
    'FREQ=DAILY;INTERVAL=2;COUNT=10',
    'FREQ=MONTHLY;BYDAY=-1FR',
    'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
    'FREQ=MONTHLY;BYMONTHDAY=31,-1',
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29',
    'FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;WKST=SU',
    'FREQ=YEARLY;BYYEARDAY=-1',
    'FREQ=YEARLY;BYDAY=20MO',
    'FREQ=YEARLY;INTERVAL=7',
    'FREQ=DAILY;BYHOUR=9,17;BYMINUTE=0,30',
    'FREQ=HOURLY;INTERVAL=2;UNTIL=20261231T170000Z',
    'FREQ=DAILY;UNTIL=20261231',
    'FREQ=DAILY;UNTIL=20261231T180000',
  ])('is accepted: %s', (text) => {
    expect(rrule(text)).toEqual([]);
  });

  it.each<[string, RegExp]>([
    ['', /FREQ is missing/],
    ['FREQ=SECONDLY', /MINUTELY is the finest/],
    ['FREQ=SOMETIMES', /FREQ=SOMETIMES is wrong/],
    ['FREQ=DAILY;', /is no part of a rule/],
    ['FREQ=DAILY;FOO=1', /FOO is no part of a rule/],
    ['FREQ=DAILY;CONSTRUCTOR=1', /CONSTRUCTOR is no part/],
    ['RRULE:FREQ=DAILY', /RRULE:FREQ is no part/],
    ['FREQ=DAILY\nEXDATE:20260102T180000', /FREQ=DAILY\nEXDATE/],
    ['FREQ=DAILY;FREQ=WEEKLY', /FREQ is given twice/],
    ['FREQ=DAILY;BYHOUR=99', /BYHOUR=99 is wrong/],
    ['FREQ=DAILY;BYHOUR=9,9', /names 9 twice/],
    ['FREQ=DAILY;BYHOUR=', /BYHOUR= is wrong/],
    ['FREQ=DAILY;BYHOUR=-1', /BYHOUR=-1 is wrong/],
    ['FREQ=DAILY;BYSECOND=5', /BYSECOND is not taken/],
    ['FREQ=DAILY;INTERVAL=0', /INTERVAL=0 is wrong/],
    ['FREQ=DAILY;INTERVAL=1.5', /INTERVAL=1.5 is wrong/],
    ['FREQ=DAILY;INTERVAL=1,2', /INTERVAL=1,2 is wrong/],
    ['FREQ=DAILY;COUNT=0', /COUNT=0 is wrong/],
    ['FREQ=DAILY;COUNT=1001', /COUNT=1001 is wrong.*UNTIL/],
    ['FREQ=DAILY;COUNT=3;UNTIL=20261231', /exclude each other/],
    ['FREQ=DAILY;UNTIL=2026-12-31', /UNTIL=2026-12-31 is wrong/],
    ['FREQ=DAILY;UNTIL=20260231', /UNTIL=20260231 is wrong/],
    ['FREQ=WEEKLY;BYDAY=FRI', /BYDAY=FRI is wrong/],
    ['FREQ=WEEKLY;BYDAY=1FR', /MONTHLY or YEARLY only/],
    ['FREQ=MONTHLY;BYDAY=6FR', /no weekday comes more than 5 times/],
    ['FREQ=MONTHLY;BYDAY=0FR', /BYDAY=0FR is wrong/],
    ['FREQ=YEARLY;BYWEEKNO=1;BYDAY=1FR', /does not go with BYWEEKNO/],
    ['FREQ=WEEKLY;BYMONTHDAY=1', /BYMONTHDAY does not go with FREQ=WEEKLY/],
    ['FREQ=MONTHLY;BYWEEKNO=1', /BYWEEKNO does not go/],
    ['FREQ=DAILY;BYYEARDAY=1', /BYYEARDAY does not go/],
    ['FREQ=DAILY;BYSETPOS=1', /BYSETPOS needs another/],
    ['FREQ=MONTHLY;BYMONTH=13', /BYMONTH=13 is wrong/],
    ['FREQ=MONTHLY;BYMONTHDAY=32', /BYMONTHDAY=32 is wrong/],
    ['FREQ=WEEKLY;WKST=XX', /WKST=XX is wrong/],
    ['FREQ=MINUTELY', /up to 1440 windows would begin in a day: at most 288/],
    ['FREQ=HOURLY;INTERVAL=2;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24', /up to 300/],
  ])('is refused: %j', (text, message) => {
    expect(rrule(text).join()).toMatch(message);
    expect(rrule(text).join()).toMatch(/^\/recurrence\/rrule /);
  });

  it.each(['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=DAILY;BYMONTH=4;BYMONTHDAY=31', 'FREQ=DAILY;UNTIL=20260101'])(
    'that never begins is refused: %s',
    (text) => {
      expect(rrule(text).join()).toMatch(/^\/recurrence it never begins/);
    },
  );

  it.each<[string, FreezeEnd]>([
    ['FREQ=DAILY', { duration: '1d' }],
    ['FREQ=DAILY;INTERVAL=3', { duration: '100h' }],
    ['FREQ=WEEKLY;BYDAY=MO,FR', { weekday: 'FR', time: '18:00' }],
    ['FREQ=YEARLY', { duration: '366d' }],
    ['FREQ=MINUTELY;INTERVAL=5', { duration: '5m' }],
    ['FREQ=DAILY;COUNT=500', { duration: '1d' }],
  ])('whose windows run into each other without an end is refused: %s', (text, end) => {
    expect(rrule(text, end).join()).toMatch(/^\/recurrence its windows run into each other/);
  });

  it.each<[string, FreezeEnd]>([
    ['FREQ=DAILY', { duration: '23h59m' }],
    ['FREQ=DAILY;COUNT=300', { duration: '1d' }],
    ['FREQ=WEEKLY;BYDAY=FR', { weekday: 'FR', time: '17:59' }],
    ['FREQ=MINUTELY;INTERVAL=5', { duration: '4m59s' }],
  ])('whose windows end is accepted: %s', (text, end) => {
    expect(rrule(text, end)).toEqual([]);
  });
});

describe('a cron expression', () => {
  it.each([
    '0 18 * * 5',
    '*/20 9-17/4 1,15 JAN-MAR *',
    '0 0 * * mon-FRI',
    '0 0 13 * 5',
    '0 0 29 2 *',
    '0 0 * * 7',
    '0 0 * * 5-7',
  ])('is accepted: %s', (text) => {
    expect(cron(text, { duration: '4m' })).toEqual([]);
  });

  it.each<[string, RegExp]>([
    ['', /exactly five fields/],
    ['0 18 * *', /exactly five fields/],
    ['0 0 18 * * 5', /exactly five fields/],
    ['0 18 * * 5 2027', /exactly five fields/],
    ['@daily', /exactly five fields/],
    ['0  18 * * 5', /exactly five fields/],
    ['60 18 * * 5', /60 is no minute/],
    ['0 24 * * 5', /24 is no hour/],
    ['0 0 0 * *', /0 is no day of the month/],
    ['0 0 32 * *', /32 is no day of the month/],
    ['0 0 * 13 *', /13 is no month/],
    ['0 0 * FOO *', /FOO is no month/],
    ['0 0 * * 8', /8 is no day of the week/],
    ['0 0 L * *', /L is no day of the month/],
    ['0 0 15W * *', /15W is no day/],
    ['0 0 * * 5#2', /5#2 is no day of the week/],
    ['0 0 * * 5L', /5L is no day of the week/],
    ['0 0 ? * *', /\? is no day/],
    ['0 0 * * +5', /\+5 is no day/],
    ['0 0 5-1 * *', /5-1 is no day/],
    ['*/0 0 * * *', /\*\/0 is no minute/],
    ['5/15 0 * * *', /5\/15 is no minute/],
    ['*,5 0 * * *', /\*,5 is no minute/],
    ['0 0 * MON *', /MON is no month/],
    ['0 0 */2 * 5', /crons disagree/],
    ['0 0 13 * */2', /crons disagree/],
    ['*/4 * * * *', /up to 360 windows would begin in a day: at most 288/],
  ])('is refused: %j', (text, message) => {
    expect(cron(text).join()).toMatch(message);
    expect(cron(text).join()).toMatch(/^\/recurrence\/cron /);
  });

  it('that never begins or never ends is refused', () => {
    expect(cron('0 0 30 2 *').join()).toMatch(/^\/recurrence it never begins/);
    expect(cron('0 * * * *', { duration: '1h' }).join()).toMatch(/^\/recurrence its windows run into each other/);
  });
});
