import { Temporal } from 'temporal-polyfill';
import { durationMs } from './duration.ts';
import { after, instant, msOf } from './instant.ts';
import type { PeriodCourse } from './slo.ts';

/** The time over which an objective is meant: a duration that rolls, or a unit of the calendar in a zone. */
export type SloWindow = string | CalendarWindow;

export interface CalendarWindow {
  readonly calendar: CalendarUnit;
  /** IANA name: when a day begins depends on where one lives. */
  readonly timeZone: string;
}

export const CALENDAR_UNITS = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type CalendarUnit = (typeof CALENDAR_UNITS)[number];

/** Half open, RFC 3339 UTC. A rolling period ends at the instant that was asked for. */
export interface Period {
  readonly start: string;
  readonly end: string;
}

/** The period that `at` lies in. Weeks begin on Monday (ISO 8601); a unit begins when its first day does, whatever DST makes of midnight. */
export function periodAt(window: SloWindow, at: string): Period {
  if (typeof window === 'string') return { start: after(at, -durationMs(window)), end: at };
  const day = Temporal.Instant.from(at).toZonedDateTimeISO(window.timeZone).toPlainDate();
  const first = firstDay(window.calendar, day);
  const begin = (date: Temporal.PlainDate): string => instant(date.toZonedDateTime(window.timeZone).epochMilliseconds);
  return { start: begin(first), end: begin(first.add(LENGTH[window.calendar])) };
}

const LENGTH = {
  day: { days: 1 },
  week: { weeks: 1 },
  month: { months: 1 },
  quarter: { months: 3 },
  year: { years: 1 },
} as const;

function firstDay(unit: CalendarUnit, day: Temporal.PlainDate): Temporal.PlainDate {
  switch (unit) {
    case 'day':
      return day;
    case 'week':
      return day.subtract({ days: day.dayOfWeek - 1 });
    case 'month':
      return day.with({ day: 1 });
    case 'quarter':
      return day.with({ month: day.month - ((day.month - 1) % 3), day: 1 });
    case 'year':
      return day.with({ month: 1, day: 1 });
  }
}

/** How the period goes on from `at`. */
export function courseOf(window: SloWindow, at: string): PeriodCourse {
  const { start, end } = periodAt(window, at);
  if (typeof window === 'string') return { kind: 'rolling', lengthMs: msOf(end) - msOf(start) };
  return { kind: 'calendar', elapsedMs: msOf(at) - msOf(start), leftMs: msOf(end) - msOf(at) };
}
