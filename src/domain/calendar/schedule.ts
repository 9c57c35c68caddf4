import type { FreezeDocument } from '../freeze.ts';
import { cronMistakes, cronStarts } from './cron.ts';
import { endingOf } from './ending.ts';
import { DAY_MS, LATEST, type LocalMs, parseLocal } from './local-time.ts';
import { rruleStarts } from './rrule.ts';
import type { Starts } from './starts.ts';
import type { Span } from './window.ts';
import { isTimeZone, resolverOf } from './zone.ts';

/** A document made ready to be asked for its windows. */
export interface Schedule {
  readonly zone: string;
  readonly starts: Starts;
  /** No window is longer on the clock, in local milliseconds. */
  readonly longest: number;
  /** The window that begins at this local time; null when it does not last or the rule has ended. */
  readonly spanAt: (start: LocalMs) => Span | null;
}

/**
 * Where the clocks change, a freeze takes the widest reading of its local times and an allowed window the narrowest.
 * So a freeze is never lost: the earlier reading of its start always comes before the later reading of its end.
 */
const READINGS = {
  freeze: { start: 'earlier', end: 'later' },
  allow: { start: 'later', end: 'earlier' },
} as const;

/** Null when the document cannot be understood, also when it is not shaped as it should be. */
export function scheduleOf(document: FreezeDocument): Schedule | null {
  try {
    return readSchedule(document);
  } catch {
    return null; // whatever an older version may have stored
  }
}

function readSchedule(document: FreezeDocument): Schedule | null {
  const { kind, timeZone: zone } = document;
  if (!isTimeZone(zone) || !Object.hasOwn(READINGS, kind)) return null;
  const starts = startsOf(document, zone);
  const ending = endingOf(document.end);
  if (starts === null || ending === null) return null;
  const reading = READINGS[kind];
  const resolve = resolverOf(zone);
  const spanAt = (local: LocalMs): Span | null => {
    const start = resolve(local, reading.start);
    const end = ending.after(local, start, resolve, reading.end);
    return start < end && start <= starts.lastInstant ? { start, end } : null;
  };
  return { zone, starts, longest: ending.longest(starts.first), spanAt };
}

function startsOf(document: FreezeDocument, zone: string): Starts | null {
  const { recurrence, end } = document;
  const start = document.start === undefined ? null : parseLocal(document.start);
  if (document.start !== undefined && start === null) return null;
  if (recurrence === undefined) return start === null ? null : onceAt(start);
  if (typeof end === 'string') return null;
  if ('cron' in recurrence) return cronMistakes(recurrence.cron).length > 0 ? null : cronStarts(recurrence.cron, start);
  return start === null ? null : rruleStarts(recurrence.rrule, start, zone);
}

function onceAt(start: LocalMs): Starts {
  const between = (from: LocalMs, to: LocalMs) => (from <= start && start < to ? [start] : []);
  return { first: start, last: start, lastInstant: LATEST, stepMs: LATEST + DAY_MS, between };
}
