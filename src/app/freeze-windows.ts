import { windowsAround } from '../domain/calendar/windows-around.ts';
import { localTime } from '../domain/calendar/zone.ts';
import type { FreezeFact } from '../domain/controls.ts';
import type { FreezeDocument } from '../domain/freeze.ts';
import { msOf } from '../domain/instant.ts';

/** What the calendar makes of a freeze at an instant. */
export type FreezeWindows = Pick<FreezeFact, 'active' | 'next' | 'known' | 'localUntil' | 'localNext'>;

/** Never throws; what cannot be worked out is not `known`. */
export type WindowsAt = (document: FreezeDocument, at: string) => FreezeWindows;

/** Works it out. Takes up to milliseconds for a recurrence. */
export const windowsAt: WindowsAt = (document, at) => {
  const { active, next, known } = windowsAround(document, at);
  const localUntil = active === null ? null : localTime(active.end, document.timeZone);
  const localNext = next === null ? null : localTime(next.start, document.timeZone);
  return { active, next, known, localUntil, localNext };
};

/**
 * The same, remembered: every decision asks for the windows around now, and those change only when
 * one ends or begins. Nothing but the document's own calendar and the instant goes in, so what is
 * remembered is what would be worked out; which freezes there are is never remembered.
 * @param most how many calendars are remembered; the one that was worked out longest ago makes room.
 */
export function rememberWindows(work: WindowsAt, most: number): WindowsAt {
  const known = new Map<string, Remembered>();
  return (document, at) => {
    const key = calendarKey(document);
    const found = known.get(key);
    if (found !== undefined && found.from <= at && at < found.until) return found.windows;
    const windows = work(document, at);
    known.delete(key);
    known.set(key, { windows, from: at, until: steadyUntil(document, windows, at) });
    if (known.size > most) known.delete(known.keys().next().value as string);
    return windows;
  };
}

interface Remembered {
  readonly windows: FreezeWindows;
  readonly from: string;
  /** From here on it has to be worked out again. */
  readonly until: string;
}

const NEVER = '9999';
const DAY_MS = 86_400_000;

/**
 * Where none begins next, one may come into sight at any moment, because the search ends at a horizon;
 * except within and behind the only window that there is.
 */
function steadyUntil(document: FreezeDocument, { active, next, known }: FreezeWindows, at: string): string {
  if (!known) return at;
  const isLast = document.recurrence === undefined && (active !== null || hasBegun(document, at));
  const nextChange = next?.start ?? (isLast ? NEVER : at);
  return active !== null && active.end < nextChange ? active.end : nextChange;
}

/** For more than a day, so that no time zone has to be asked. */
function hasBegun({ start }: FreezeDocument, at: string): boolean {
  return start !== undefined && msOf(at) - msOf(`${start}Z`) > 2 * DAY_MS;
}

function calendarKey({ kind, timeZone, start, recurrence, end }: FreezeDocument): string {
  return JSON.stringify([kind, timeZone, start, recurrence, end]);
}
