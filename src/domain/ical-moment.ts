import type { LocalMs } from './calendar/local-time.ts';
import { parseUntil, type Until } from './calendar/until.ts';
import { isTimeZone } from './calendar/zone.ts';
import type { CalendarEvent, Property } from './ical-text.ts';

/** A point in a file: local milliseconds in a zone; a day has no time. */
export interface Moment {
  readonly zone: string;
  readonly local: LocalMs;
  readonly isDay: boolean;
}

/**
 * Reads DTSTART or DTEND, or says in a sentence what is wrong with it. Days are in `dayZone`, null when nobody said
 * where. A zone that the file describes itself (VTIMEZONE) is not enough: only its IANA name is understood.
 */
export function momentOf(event: CalendarEvent, name: 'dtstart' | 'dtend', dayZone: string | null): Moment | string {
  const property = event.properties.get(name)?.at(0);
  const label = name.toUpperCase();
  if (property === undefined) return `it has no ${label}`;
  const read = parseUntil(property.value.replace(/[-:]/g, ''));
  if (read === null) return `its ${label}, ${property.value}, is no date or time of the years 1900 to 2999`;
  const zone = zoneOf(property, read, dayZone);
  if (zone === null) return `its ${label} ${whyNoZone(read)}`;
  if (!isTimeZone(zone)) return `its ${label} is in the zone ${zone}: only IANA names such as Europe/Berlin are known`;
  return { zone, local: read.ms, isDay: read.kind === 'day' };
}

function zoneOf({ zone }: Property, { kind }: Until, dayZone: string | null): string | null {
  if (kind === 'instant') return 'UTC';
  return kind === 'day' ? dayZone : zone;
}

function whyNoZone({ kind }: Until): string {
  return kind === 'day'
    ? 'is a day, and nobody says where: give a time zone with the import, or X-WR-TIMEZONE in the file'
    : 'is in no zone: give it a TZID, or write it in UTC';
}
