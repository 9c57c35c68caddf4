import { scheduleOf } from './calendar/schedule.ts';
import { isTimeZone } from './calendar/zone.ts';
import type { FieldError } from './errors.ts';
import type { FreezeDocument, FreezeScope } from './freeze.ts';
import { checkFreeze } from './freeze-check.ts';
import { happeningOf } from './ical-event.ts';
import { nameOf } from './ical-name.ts';
import { type CalendarEvent, readCalendar } from './ical-text.ts';

export interface ImportOptions {
  readonly kind: 'freeze' | 'allow';
  readonly scope: FreezeScope;
  readonly exempt?: readonly string[];
  readonly reason?: string;
  /** Names begin with it: a name itself, of at most 40 characters. */
  readonly prefix: string;
  /** Where days without a time are; before the X-WR-TIMEZONE of the file. */
  readonly timeZone?: string;
  /** Asked before each event: true ends the import with an error. */
  readonly isLate?: () => boolean;
}

export interface NamedFreeze {
  readonly name: string;
  readonly document: FreezeDocument;
}

export type Imported = { readonly freezes: readonly NamedFreeze[] } | { readonly errors: readonly FieldError[] };

const PREFIX = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/;
const LONGEST_TITLE = 200;
/** After so many the rest of the file is not looked at. */
const MOST_ERRORS = 20;

/**
 * A freeze for every event of an iCalendar text, or everything that is wrong and then none at all. Only what can be
 * told exactly is taken. The text has at most 1 MiB and 500 events; work for each event is bounded. The pointers
 * are of the options, or `/events/0` and so on for the events, in the order of the file.
 */
export function freezesFromCalendar(text: string, options: ImportOptions): Imported {
  const wrong = optionErrors(options);
  if (wrong.length > 0) return { errors: wrong };
  const calendar = readCalendar(text);
  if (typeof calendar === 'string') return { errors: [{ pointer: '', message: calendar }] };
  const freezes = new Map<string, NamedFreeze>();
  const errors: FieldError[] = [];
  for (const [i, event] of calendar.events.entries()) {
    if (errors.length >= MOST_ERRORS) break;
    if (options.isLate?.() === true) return { errors: [...errors, tooLate(i)] };
    const read = freezeOf(event, options.timeZone ?? calendar.timeZone, options);
    const twice = 'name' in read && freezes.has(read.name) ? [`its UID is that of another event in this file`] : [];
    if ('name' in read) freezes.set(read.name, read);
    errors.push(...('name' in read ? twice : read.mistakes).map((message) => errorOf(event, i, message)));
  }
  return errors.length > 0 ? { errors } : { freezes: [...freezes.values()] };
}

function optionErrors({ prefix, timeZone }: ImportOptions): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!PREFIX.test(prefix))
    errors.push({
      pointer: '/prefix',
      message: 'it has at most 40 of a-z, 0-9 and -, and neither begins nor ends with -',
    });
  if (timeZone !== undefined && !isTimeZone(timeZone))
    errors.push({ pointer: '/timeZone', message: `${timeZone} is no IANA name such as Europe/Berlin or UTC` });
  return errors;
}

function freezeOf(
  event: CalendarEvent,
  dayZone: string | null,
  { kind, scope, exempt, reason, prefix }: ImportOptions,
): NamedFreeze | { readonly mistakes: readonly string[] } {
  const id = textOf(event, 'uid') || textOf(event, 'summary');
  const happening = happeningOf(event, dayZone);
  if ('mistakes' in happening) return happening;
  if (id === '') return { mistakes: ['it has neither a UID nor a SUMMARY to be named after'] };
  const title = titleOf(event);
  const document: FreezeDocument = {
    ...(title === '' ? {} : { title }),
    ...{ kind, scope, ...happening.times },
    ...(exempt === undefined ? {} : { exempt }),
    ...(reason === undefined ? {} : { reason }),
  };
  const mistakes = [...checkFreeze(document).map(({ pointer, message }) => `${pointer} ${message}`)];
  if (mistakes.length === 0 && !beginsWithStart(document))
    mistakes.push(
      'its DTSTART is not one of the dates of its RRULE, so nobody can tell whether it counts: set it to the first',
    );
  return mistakes.length > 0 ? { mistakes } : { name: nameOf(prefix, id), document };
}

/** RFC 5545 leaves undefined what a DTSTART means that its own rule does not give. */
function beginsWithStart(document: FreezeDocument): boolean {
  const starts = scheduleOf(document)?.starts;
  return starts !== undefined && (starts.between(starts.first, starts.first + 1)?.length ?? 0) > 0;
}

function titleOf(event: CalendarEvent): string {
  const line = textOf(event, 'summary')
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return [...line].slice(0, LONGEST_TITLE).join('').trim();
}

function textOf(event: CalendarEvent, name: string): string {
  return event.properties.get(name)?.at(0)?.value ?? '';
}

function errorOf(event: CalendarEvent, i: number, message: string): FieldError {
  const label = titleOf(event) || textOf(event, 'uid').slice(0, LONGEST_TITLE) || 'without a SUMMARY';
  return { pointer: `/events/${i}`, message: `event ${i + 1}, ${label}: ${message}` };
}

function tooLate(i: number): FieldError {
  return { pointer: `/events/${i}`, message: 'this took too long and nothing was imported: split the file' };
}
