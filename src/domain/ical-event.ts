import { formatLocal } from './calendar/local-time.ts';
import type { FreezeDocument } from './freeze.ts';
import { endOf } from './ical-lasting.ts';
import { momentOf } from './ical-moment.ts';
import type { CalendarEvent } from './ical-text.ts';

/** When an event happens, in the words of a freeze; or, in sentences, what keeps it from being told so exactly. */
export type Happening =
  | { readonly times: Pick<FreezeDocument, 'timeZone' | 'start' | 'recurrence' | 'end'> }
  | { readonly mistakes: readonly string[] };

const REFUSED = {
  exdate: 'EXDATE takes single dates out of it: end the rule before them with UNTIL and begin another event after them',
  rdate: 'RDATE adds single dates to it: make an event of each of them',
  exrule: 'EXRULE is not taken: rewrite its rule without it',
  'recurrence-id': 'RECURRENCE-ID moves one date of a series: make it an event with a UID of its own',
};
const ONCE = ['uid', 'dtstart', 'dtend', 'duration', 'rrule'];

/** Turns an event into the times of a freeze. Days without a time are in `dayZone`; null when nobody said where. */
export function happeningOf(event: CalendarEvent, dayZone: string | null): Happening {
  const mistakes = [...refusals(event), ...repetitions(event)];
  const start = momentOf(event, 'dtstart', dayZone);
  const until = event.properties.has('dtend') ? momentOf(event, 'dtend', dayZone) : null;
  const wrong = [start, until].filter((each) => typeof each === 'string');
  if (typeof start === 'string' || typeof until === 'string') return { mistakes: [...mistakes, ...wrong] };
  const rrule = first(event, 'rrule');
  const end = endOf(event, start, until, rrule);
  if (Array.isArray(end)) return { mistakes: [...mistakes, ...end] };
  if (mistakes.length > 0) return { mistakes };
  const times = { timeZone: start.zone, start: formatLocal(start.local), end: end as FreezeDocument['end'] };
  return { times: rrule === null ? times : { ...times, recurrence: { rrule } } };
}

function refusals(event: CalendarEvent): readonly string[] {
  const refused = Object.entries(REFUSED).flatMap(([name, why]) => (event.properties.has(name) ? [why] : []));
  const isCancelled = first(event, 'status')?.toUpperCase() === 'CANCELLED';
  return isCancelled ? [...refused, 'it is cancelled: take it out of the file'] : refused;
}

function repetitions(event: CalendarEvent): readonly string[] {
  const several = ONCE.filter((name) => (event.properties.get(name)?.length ?? 0) > 1);
  return several.map((name) => `it has more than one ${name.toUpperCase()}`);
}

function first(event: CalendarEvent, name: string): string | null {
  return event.properties.get(name)?.at(0)?.value ?? null;
}
