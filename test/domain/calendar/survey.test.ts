import { describe, expect, it } from 'vitest';
import { type Schedule, scheduleOf } from '../../../src/domain/calendar/schedule.ts';
import { surveyOf } from '../../../src/domain/calendar/survey.ts';
import { windowsAround } from '../../../src/domain/calendar/windows-around.ts';
import { windowsBetween } from '../../../src/domain/calendar/windows-between.ts';
import type { FreezeDocument } from '../../../src/domain/freeze.ts';
import { aFreeze } from '../../support/freezes.ts';

const YEAR = 365.25 * 86_400_000;
const NOW = Date.UTC(2026, 2, 29);
const recurring = (recurrence: FreezeDocument['recurrence'], duration = '30s') =>
  aFreeze({
    timeZone: 'Europe/Berlin',
    start: '1970-01-01T00:00:00',
    end: { duration },
    ...(recurrence && { recurrence }),
  });

/** The same schedule, with a count of what is asked of it. */
function counted(document: FreezeDocument) {
  const schedule = scheduleOf(document);
  if (schedule === null) throw new Error('it cannot be read');
  const work = { steps: 0, starts: 0, mostAtOnce: 0 };
  const between = (from: number, to: number) => {
    const found = schedule.starts.between(from, to);
    work.steps += 1;
    work.starts += found?.length ?? 0;
    work.mostAtOnce = Math.max(work.mostAtOnce, found?.length ?? 0);
    return found;
  };
  const counting: Schedule = { ...schedule, starts: { ...schedule.starts, between } };
  return { counting, work };
}

/** By rule: does a survey of 400 years have to be cut? */
const NASTY: readonly (readonly [FreezeDocument, boolean])[] = [
  [recurring({ rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' }), false],
  [recurring({ rrule: 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30' }), false],
  [recurring({ rrule: 'FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30' }), true],
  [recurring({ rrule: 'FREQ=MINUTELY;INTERVAL=5;BYMONTH=2;BYMONTHDAY=30' }), true],
  [recurring({ rrule: 'FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6' }), false],
  [recurring({ rrule: 'FREQ=YEARLY;BYMONTH=9;BYWEEKNO=51;BYYEARDAY=181;BYSETPOS=1;COUNT=1' }), false],
  [recurring({ rrule: 'FREQ=HOURLY;BYMONTH=2;COUNT=1000' }), false],
  [recurring({ rrule: 'FREQ=DAILY' }), true],
  [recurring({ rrule: 'FREQ=DAILY' }, '366d'), true],
  [recurring({ rrule: 'FREQ=MINUTELY;INTERVAL=5' }), true],
  [recurring({ rrule: 'FREQ=MINUTELY;INTERVAL=5' }, '366d'), true],
  [recurring({ rrule: 'FREQ=MINUTELY;INTERVAL=9999' }), true],
  [recurring({ cron: '*/5 * * * *' }, '366d'), true],
  [recurring({ cron: '*/5 * 30 2 *' }), true],
  [recurring({ cron: '0 0 30 2 *' }), false],
  [recurring({ cron: '0 0 29 2 *' }), false],
  [recurring(undefined, '366d'), false],
];

describe('a survey of any rule', () => {
  it.each(NASTY)('does a bounded amount of work in 400 years: %j', (document, isCut) => {
    const { counting, work } = counted(document);
    const survey = surveyOf(counting, NOW, NOW + 400 * YEAR);
    expect(survey.cut).toBe(isCut);
    expect(work.steps).toBeLessThanOrEqual(500);
    expect(work.mostAtOnce).toBeLessThanOrEqual(2500);
    expect(work.starts).toBeLessThanOrEqual(7500);
  });

  it.each(NASTY)('answers for an instant, and for a list of 400 years: %j', (document, isCut) => {
    const at = new Date(NOW).toISOString();
    const around = windowsAround(document, at);
    const { windows, complete } = windowsBetween(document, at, new Date(NOW + 400 * YEAR).toISOString(), 10_000);
    expect(complete).toBe(!isCut);
    if (around.known && around.next !== null) expect(windows).toContainEqual(around.next);
  });

  it.each([
    ['freeze', '2011-12-30T04:00:00Z'],
    ['allow', '2011-12-31T04:00:00Z'],
  ] as const)('finds a %s that begins on the day that Samoa left out, whose clock is a day away', (kind, start) => {
    const rrule = 'FREQ=WEEKLY;BYDAY=FR';
    const document = aFreeze({
      kind,
      timeZone: 'Pacific/Apia',
      start: '2011-12-02T18:00',
      recurrence: { rrule },
      end: { duration: '30m' },
    });
    const { counting } = counted(document);
    const begun = Date.parse(start);
    const { spans } = surveyOf(counting, begun + 600_000, begun + 1_200_000);
    expect(spans).toContainEqual({ start: begun, end: begun + 1_800_000 });
  });

  it('is cut where a rule gives up, and sure of nothing after it', () => {
    const { counting } = counted(recurring({ rrule: 'FREQ=DAILY' }));
    const gaveUp: Schedule = { ...counting, starts: { ...counting.starts, between: () => null } };
    const survey = surveyOf(gaveUp, NOW, NOW + YEAR);
    expect(survey).toMatchObject({ cut: true, spans: [] });
    expect(survey.sureTo).toBeLessThan(NOW);
  });

  it.each(['FREQ=SECONDLY', 'FREQ=MINUTELY', 'FREQ=DAILY;BYSECOND=0,1'])('never begins for %s', (rrule) => {
    expect(scheduleOf(recurring({ rrule }))).toBeNull();
    expect(windowsAround(recurring({ rrule }), new Date(NOW).toISOString()).known).toBe(false);
  });
});
