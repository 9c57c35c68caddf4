import ICAL from 'ical.js';

/** One property of an event: its value is kept as it was written but for escapes. */
export interface Property {
  readonly zone: string | null;
  readonly value: string;
}

/** An event as the file has it: properties by name in small letters, each in the order of the file. */
export interface CalendarEvent {
  readonly properties: ReadonlyMap<string, readonly Property[]>;
}

export interface Calendar {
  /** X-WR-TIMEZONE, which many programs write for days without a time. */
  readonly timeZone: string | null;
  readonly events: readonly CalendarEvent[];
}

const MOST_BYTES = 1024 * 1024;
const MOST_EVENTS = 500;
/** The parser takes time that grows with the square of a line's parameters. */
const LONGEST_LINE = 16_384;
const BEGIN_EVENT = /^BEGIN:VEVENT\s*$/i;

type Component = readonly [name: string, properties: readonly Line[], parts: readonly Component[]];
type Line = readonly [name: string, parameters: Readonly<Record<string, unknown>>, type: string, ...values: unknown[]];

/** Reads iCalendar text within its limits, or says in a sentence why it cannot be read. Expands no rule and no zone. */
export function readCalendar(text: string): Calendar | string {
  if (new TextEncoder().encode(text).length > MOST_BYTES)
    return `the text is larger than ${MOST_BYTES / 1024} KiB: split it into several files`;
  const lines = text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
  const long = lines.find((line) => line.length > LONGEST_LINE);
  if (long !== undefined)
    return `the line ${long.slice(0, 20)}… has more than ${LONGEST_LINE} characters: leave it out`;
  const events = lines.filter((line) => BEGIN_EVENT.test(line)).length;
  if (events > MOST_EVENTS) return `it has ${events} events, and at most ${MOST_EVENTS} are taken: split it`;
  const calendar = parsed(lines);
  if (typeof calendar === 'string') return calendar;
  if (events === 0) return 'it has no event (VEVENT) in it';
  if (calendar.events.length === events) return calendar;
  return 'it has an event (VEVENT) inside another part: put it directly into the VCALENDAR';
}

function parsed(lines: readonly string[]): Calendar | string {
  try {
    const calendars = componentsOf(lines);
    if (calendars.length === 0 || calendars.some(([name]) => name !== 'vcalendar'))
      return 'it is no iCalendar text: it begins with BEGIN:VCALENDAR';
    const properties = calendars.flatMap(([, each]) => each);
    const events = calendars.flatMap(([, , parts]) => parts).filter(([name]) => name === 'vevent');
    return {
      timeZone: propertiesOf(properties).get('x-wr-timezone')?.at(0)?.value ?? null,
      events: events.map(eventOf),
    };
  } catch (error) {
    return `it cannot be read: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown'}${culprit(lines)}`;
  }
}

/**
 * Rules are hidden from the parser, which silently turns INTERVAL=0 into 1 and forgets what is given twice; they are
 * read strictly later.
 */
function componentsOf(lines: readonly string[]): readonly Component[] {
  const text = lines.map((line) => line.replace(/^(RRULE|EXRULE)(?=[:;])/i, 'X-RINGGATE-$1')).join('\r\n');
  const found: unknown = ICAL.parse(text);
  const many = Array.isArray(found) && (found.length === 0 || Array.isArray(found[0]));
  return (many ? found : [found]) as readonly Component[];
}

function eventOf([, lines]: Component): CalendarEvent {
  return { properties: propertiesOf(lines) };
}

function propertiesOf(lines: readonly Line[]): ReadonlyMap<string, readonly Property[]> {
  const byName = Map.groupBy(lines, ([name]) => name.replace(/^x-ringgate-(rrule|exrule)$/, '$1'));
  return new Map([...byName].map(([name, each]) => [name, each.map(propertyOf)]));
}

function propertyOf([, { tzid }, , ...values]: Line): Property {
  return {
    zone: typeof tzid === 'string' ? tzid : null,
    value: values.filter((each) => typeof each === 'string').join(','),
  };
}

/** Which event it is that the parser stumbles over, when it is one. */
function culprit(lines: readonly string[]): string {
  const begin = lines.flatMap((line, i) => (BEGIN_EVENT.test(line) ? [i] : []));
  const wrong = begin.findIndex((at, i) => {
    const block = lines.slice(at, begin[i + 1] ?? lines.length);
    const end = block.findIndex((line) => /^END:VEVENT\s*$/i.test(line));
    return end >= 0 && !isReadable(block.slice(0, end + 1));
  });
  if (wrong < 0) return '';
  const uid = lines.slice(begin[wrong]).find((line) => /^UID[:;]/i.test(line));
  return `, in event ${wrong + 1}${uid === undefined ? '' : ` (${uid.slice(0, 100)})`}`;
}

function isReadable(event: readonly string[]): boolean {
  try {
    return componentsOf(['BEGIN:VCALENDAR', ...event, 'END:VCALENDAR']).length > 0;
  } catch {
    return false;
  }
}
