import type { FreezeDocument } from '../freeze.ts';
import { instant, msOf } from '../instant.ts';
import { DAY_MS } from './local-time.ts';
import { type Schedule, scheduleOf } from './schedule.ts';
import { surveyOf } from './survey.ts';
import { HORIZON_MS, REACHES_MS, windowsAround } from './windows-around.ts';

/** The calendar repeats weekdays and leap days within 28 years, or 40 where a century is no leap year. */
const YEARS = 40;
/** A cron expression without a start has no first window: its windows are looked at from here. */
const SOME_DAY = Date.UTC(2000, 0, 1);
/** So many windows are looked at one after the other. */
const LOOKED_AT = 3;

/**
 * What is wrong with the windows of a document whose fields are all right: there are none, or they run into each
 * other without an end. A sentence that says what to do, or null.
 */
export function windowsMistake(document: FreezeDocument): string | null {
  const schedule = scheduleOf(document);
  const first = schedule === null ? null : firstStart(schedule);
  if (first === null) return noneMistake(document);
  let at: string | undefined = instant(first);
  for (let i = 0; i < LOOKED_AT && at !== undefined; i += 1) {
    const { active, next, known } = windowsAround(document, at);
    const length = active === null ? 0 : msOf(active.end) - msOf(active.start);
    const endless = document.recurrence !== undefined && length > HORIZON_MS;
    if (!known || endless) return endlessMistake(at);
    at = next?.start;
  }
  return null;
}

function noneMistake({ recurrence }: FreezeDocument): string {
  if (recurrence === undefined)
    return 'no time is left between start and end where the clocks change: set the end later or the start earlier';
  return `it never begins: no window was found within ${YEARS} years. Correct the rule, its UNTIL or the start`;
}

function endlessMistake(at: string): string {
  const days = HORIZON_MS / DAY_MS;
  return `its windows run into each other for more than ${days} days, or are too many to follow, from ${at}: make them shorter or rarer, or write one window without a recurrence`;
}

/** Milliseconds since the epoch; null when no window begins within the years above. */
function firstStart(schedule: Schedule): number | null {
  const from = Math.max(schedule.starts.first, SOME_DAY) - DAY_MS;
  for (const reach of [...REACHES_MS, YEARS * 365.25 * DAY_MS]) {
    const first = surveyOf(schedule, from, from + reach).spans.at(0);
    if (first !== undefined) return first.start;
  }
  return null;
}
