import ICAL from 'ical.js';
import type { Window } from './calendar/window.ts';
import { windowsBetween } from './calendar/windows-between.ts';
import type { FreezeDocument } from './freeze.ts';
import { folded } from './ical-fold.ts';
import type { NamedFreeze } from './ical-import.ts';

const MOST_WINDOWS = 500;

type Property = readonly [name: string, parameters: Readonly<Record<string, string>>, type: string, value: string];

/**
 * A calendar (RFC 5545) to subscribe to, with the windows of freezes between two instants, at most 500 of each. Every
 * window is an event of its own between two UTC instants, so that no program reads a clock change in another way. An
 * event keeps its UID as long as the name and the start stay. `stampedAt` is DTSTAMP. What could not be listed whole
 * is named by X-RINGGATE-INCOMPLETE.
 */
export function calendarOf(freezes: readonly NamedFreeze[], from: string, to: string, stampedAt: string): string {
  const listed = freezes.map((freeze) => ({ ...freeze, ...windowsBetween(freeze.document, from, to, MOST_WINDOWS) }));
  const events = listed.flatMap(({ name, document, windows }) =>
    windows.map((window) => ['vevent', eventOf(name, document, window, stampedAt), []]),
  );
  const incomplete = listed
    .filter(({ complete }) => !complete)
    .map(({ name }) => extension('x-ringgate-incomplete', name));
  return folded(ICAL.stringify(['vcalendar', [...HEAD, ...incomplete], events]));
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
