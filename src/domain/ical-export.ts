import ICAL from 'ical.js';
import type { Window } from './calendar/window.ts';
import { windowsBetween } from './calendar/windows-between.ts';
import type { FreezeDocument } from './freeze.ts';
import { folded } from './ical-fold.ts';
import type { NamedFreeze } from './ical-import.ts';

const MOST_WINDOWS = 500;

type Property = readonly [name: string, parameters: Readonly<Record<string, string>>, type: string, value: string];

/** The events of one freeze, ready to stand in a calendar. */
export interface CalendarPart {
  readonly name: string;
  readonly text: string;
  /** False: there are more windows than these. */
  readonly complete: boolean;
}

/**
 * The windows of a freeze between two instants, at most 500. Every one is an event of its own between two UTC
 * instants, so that no program reads a clock change in another way. An event keeps its UID as long as the name and
 * the start stay. `stampedAt` is DTSTAMP. Takes up to tens of milliseconds.
 */
export function calendarPart(
  { name, document }: NamedFreeze,
  from: string,
  to: string,
  stampedAt: string,
): CalendarPart {
  const { windows, complete } = windowsBetween(document, from, to, MOST_WINDOWS);
  const events = windows.map((window) => ICAL.stringify(['vevent', eventOf(name, document, window, stampedAt), []]));
  return { name, text: folded(events.join('')), complete };
}

/** A calendar (RFC 5545) to subscribe to. What could not be listed whole is named by X-RINGGATE-INCOMPLETE. */
export function calendarFrom(parts: readonly CalendarPart[]): string {
  const incomplete = parts
    .filter(({ complete }) => !complete)
    .map(({ name }) => extension('x-ringgate-incomplete', name));
  const frame = folded(ICAL.stringify(['vcalendar', [...HEAD, ...incomplete], []]));
  const end = frame.lastIndexOf('END:VCALENDAR');
  return `${frame.slice(0, end)}${parts.map(({ text }) => text).join('')}${frame.slice(end)}`;
}

const HEAD: readonly Property[] = [
  text('version', '2.0'),
  text('prodid', '-//ringgate//freezes//EN'),
  text('calscale', 'GREGORIAN'),
  text('method', 'PUBLISH'),
  extension('x-wr-calname', 'ringgate freezes'),
  ['refresh-interval', {}, 'duration', 'PT1H'],
  extension('x-published-ttl', 'PT1H'),
];

function eventOf(name: string, document: FreezeDocument, { start, end }: Window, stamp: string): readonly Property[] {
  const what = document.kind === 'freeze' ? 'Freeze' : 'Deployments allowed';
  return [
    text('uid', `${name}-${basic(start)}@ringgate`),
    ['dtstamp', {}, 'date-time', seconds(stamp)],
    ['dtstart', {}, 'date-time', seconds(start)],
    ['dtend', {}, 'date-time', seconds(end)],
    text('summary', `${what}: ${document.title ?? name}`),
    text('description', descriptionOf(name, document)),
    text('categories', document.kind === 'freeze' ? 'FREEZE' : 'ALLOW'),
    text('transp', 'TRANSPARENT'),
  ];
}

function descriptionOf(name: string, { scope, exempt = [], reason }: FreezeDocument): string {
  const labels = Object.entries(scope.labels ?? {}).map(([label, value]) => `${label}=${value}`);
  return [
    ...(reason === undefined ? [] : [reason]),
    `Services: ${scope.services.join(', ')}`,
    `Rings: ${scope.rings.join(', ')}`,
    ...(labels.length === 0 ? [] : [`Labels: ${labels.join(', ')}`]),
    ...(exempt.length === 0 ? [] : [`Exempt: ${exempt.join(', ')}`]),
    `Configured as ${name}`,
  ].join('\n');
}

/** Control characters have no place in iCalendar text; line breaks are escaped. */
function text(name: string, value: string): Property {
  const clean = value
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '');
  return [name, {}, 'text', clean];
}

/** A property that no standard knows; the value is written as it is. */
function extension(name: string, value: string): Property {
  return [name, {}, 'unknown', value];
}

/** `2026-01-02T17:00:00Z`. */
function seconds(at: string): string {
  return `${at.slice(0, 19)}Z`;
}

/** `20260102T170000Z`. */
function basic(at: string): string {
  return seconds(at).replace(/[-:]/g, '');
}
