import { DAY_MS, formatLocal, MINUTE_MS } from './calendar/local-time.ts';
import { readRrule } from './calendar/rrule-parts.ts';
import { resolverOf } from './calendar/zone.ts';
import { formatDuration } from './duration.ts';
import type { FreezeEnd, Weekday } from './freeze.ts';
import type { Moment } from './ical-moment.ts';
import type { CalendarEvent } from './ical-text.ts';

/** RFC 5545, 3.3.6: days are days of the calendar, whatever the clocks do; hours are elapsed time. */
interface Length {
  readonly days: number;
  readonly ms: number;
}

const DURATION = /^\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/;
const WEEKDAYS: readonly Weekday[] = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/**
 * How an event ends, in the words of a freeze, or in a sentence why that cannot be said exactly. With DTEND every
 * instance has the same exact length (RFC 5545, 3.8.5.3).
 */
export function endOf(
  event: CalendarEvent,
  start: Moment,
  end: Moment | null,
  rrule: string | null,
): FreezeEnd | string[] {
  const duration = event.properties.get('duration')?.at(0)?.value;
  if (end !== null && duration !== undefined) return ['it has both a DTEND and a DURATION: leave one of them out'];
  if (end !== null && end.isDay !== start.isDay) return ['its DTSTART and DTEND must both be days, or both be times'];
  if (end !== null && !end.isDay) return timedEnd(start, end, rrule);
  if (end === null && duration === undefined && !start.isDay) return ['it has no end: give it a DTEND or a DURATION'];
  const length = duration === undefined ? daysUntil(start, end) : lengthOf(duration);
  if (length === null) return [`its DURATION, ${duration}, is no length such as PT62H or P1D`];
  if (length.days + length.ms <= 0) return ['it ends before it begins, or at once: set its end later'];
  return rrule === null ? onceEnd(start, length) : recurringEnd(start, length, rrule);
}

function timedEnd(start: Moment, end: Moment, rrule: string | null): FreezeEnd | string[] {
  if (rrule === null && start.zone === end.zone) return formatLocal(end.local);
  const ms = instantOf(end) - instantOf(start);
  return ms > 0 ? { duration: formatDuration(ms) } : ['it ends before it begins, or at once: set its end later'];
}

/** A day without an end is one day long. */
function daysUntil(start: Moment, end: Moment | null): Length {
  return { days: end === null ? 1 : (end.local - start.local) / DAY_MS, ms: 0 };
}

function lengthOf(text: string): Length | null {
  const parts = DURATION.exec(text);
  if (parts === null || /[PT]$/.test(text)) return null;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return { days: weeks * 7 + days, ms: (hours * 60 + minutes) * MINUTE_MS + seconds * 1000 };
}

function onceEnd(start: Moment, { days, ms }: Length): FreezeEnd {
  const local = start.local + days * DAY_MS;
  if (days > 0 && ms === 0) return formatLocal(local);
  return { duration: formatDuration(instantOf({ ...start, local }) + ms - instantOf(start)) };
}

function recurringEnd(start: Moment, { days, ms }: Length, rrule: string): FreezeEnd | string[] {
  if (days === 0 || start.zone === 'UTC') return { duration: formatDuration(days * DAY_MS + ms) };
  if (ms > 0) return ['its DURATION has days and hours, whose sum changes with the clocks: write it in hours only'];
  const time = formatLocal(start.local).slice(11);
  const parts = readRrule(rrule)?.parts ?? new Map<string, string>();
  const hasOneTime = !parts.has('BYHOUR') && !parts.has('BYMINUTE') && !/HOURLY|MINUTELY/.test(parts.get('FREQ') ?? '');
  const hasOneWeekday = parts.get('FREQ') === 'WEEKLY' && !(parts.get('BYDAY') ?? '').includes(',');
  if (hasOneTime && days === 1) return { time };
  const weekday = WEEKDAYS[new Date(start.local + days * DAY_MS).getUTCDay()];
  if (hasOneTime && hasOneWeekday && days <= 7 && weekday !== undefined) return { weekday, time };
  return [
    `it recurs and lasts ${days} days, which are not the same length where the clocks change: split it into days, or configure the freeze itself with a duration of ${days}d`,
  ];
}

function instantOf({ local, zone }: Moment): number {
  return resolverOf(zone)(local, 'earlier');
}
