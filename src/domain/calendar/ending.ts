import { parseDuration } from '../duration.ts';
import type { FreezeEnd, Weekday } from '../freeze.ts';
import { DAY_MS, dayOf, type LocalMs, parseLocal, parseTimeOfDay } from './local-time.ts';
import type { Reading, Resolve } from './zone.ts';

const WEEKDAYS: readonly string[] = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] satisfies Weekday[];

/** How windows end. */
export interface Ending {
  /** The end of a window that begins at `start`, which is the instant `began`, in ms since the epoch. */
  readonly after: (start: LocalMs, began: number, resolve: Resolve, reading: Reading) => number;
  /** No window is longer on the clock, in local milliseconds. */
  readonly longest: (start: LocalMs) => number;
}

/** Reads the end of a document; null when it says nothing that can be understood. */
export function endingOf(end: FreezeEnd): Ending | null {
  if (typeof end === 'string') return fixedEnding(parseLocal(end));
  return 'duration' in end ? exactEnding(parseDuration(end.duration)) : clockEnding(end.time, end.weekday);
}

function fixedEnding(local: LocalMs | null): Ending | null {
  if (local === null) return null;
  return {
    after: (_start, _began, resolve, reading) => resolve(local, reading),
    longest: (start) => Math.max(0, local - start),
  };
}

/** Elapsed time: a clock change within it moves the end on the clock. */
function exactEnding(ms: number | null): Ending | null {
  return ms === null ? null : { after: (_start, began) => began + ms, longest: () => ms };
}

/** The first such time on the clock after the start, whatever lies between. */
function clockEnding(time: string, weekday: Weekday | undefined): Ending | null {
  const timeOfDay = parseTimeOfDay(time);
  const day = weekday === undefined ? null : WEEKDAYS.indexOf(weekday);
  if (timeOfDay === null || day === -1) return null;
  return {
    after: (start, _began, resolve, reading) => resolve(nextTime(start, timeOfDay, day), reading),
    longest: () => (day === null ? DAY_MS : 7 * DAY_MS),
  };
}

function nextTime(start: LocalMs, timeOfDay: number, weekday: number | null): LocalMs {
  const today = dayOf(start) + timeOfDay;
  const days = weekday === null ? 0 : (weekday - new Date(today).getUTCDay() + 7) % 7;
  const at = today + days * DAY_MS;
  return at > start ? at : at + (weekday === null ? 1 : 7) * DAY_MS;
}
