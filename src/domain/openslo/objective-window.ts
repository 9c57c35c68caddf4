import { isTimeZone } from '../calendar/zone.ts';
import { CALENDAR_UNITS, type CalendarUnit, type SloWindow } from '../slo-period.ts';
import { DEFAULT } from './annotation.ts';
import { type Part, quoted } from './part.ts';
import { durationOf, shorthandOf } from './time-span.ts';

/** An entry of `timeWindow`. */
export type TimeWindow =
  | { readonly duration: string; readonly isRolling: true }
  | { readonly duration: string; readonly isRolling: false; readonly calendar: Start };

interface Start {
  readonly startTime: string;
  readonly timeZone: string;
}

const LETTERS: Readonly<Record<CalendarUnit, string>> = {
  day: '1d',
  week: '1w',
  month: '1M',
  quarter: '1Q',
  year: '1Y',
};
/** A Monday, and the first day of its month, quarter and year. */
const ANCHOR = '2024-01-01 00:00:00';
const USUAL = '30d';

/** The window as OpenSLO says it, and the annotation for what it cannot say, null where it says all. */
export function writeWindow(window: SloWindow | undefined): {
  readonly said: TimeWindow;
  readonly rest: string | null;
} {
  if (typeof window === 'object') {
    const calendar = { startTime: ANCHOR, timeZone: window.timeZone };
    return { said: { duration: LETTERS[window.calendar], isRolling: false, calendar }, rest: null };
  }
  const duration = shorthandOf(window ?? USUAL);
  const rest = window === undefined ? DEFAULT : window === duration ? null : window;
  return { said: { duration, isRolling: true }, rest };
}

/** The window of an SLO's `timeWindow` and annotation; undefined for the usual one. Notes what cannot be kept. */
export function readWindow(list: Part, annotation: Part, rest: unknown): SloWindow | undefined {
  const said = readList(list);
  if (typeof rest !== 'string') return said;
  const window = rest === DEFAULT ? undefined : rest;
  if (typeof said !== 'string' || writeWindow(window).said.duration !== said) {
    annotation.refuse('is not the window of the timeWindow: leave one of them out');
  }
  return window;
}

function readList(list: Part): SloWindow | undefined {
  if (!list.isThere) {
    list.warn(`is missing: the window is taken to be ${USUAL}`);
    return undefined;
  }
  const [entry, ...more] = list.items();
  if (more.length > 0) list.refuse('has more than one window, and an objective is meant over one');
  if (entry === undefined) {
    if (Array.isArray(list.value)) list.refuse('has no window');
    return undefined;
  }
  entry.closed(['duration', 'isRolling', 'calendar']);
  const rolling = entry.field('isRolling').flag();
  const calendar = entry.field('calendar');
  const duration = entry.field('duration').required();
  if (rolling === true && calendar.isThere) calendar.refuse('a rolling window has no calendar: leave one of them out');
  return calendar.isThere ? readCalendar(duration, calendar) : readRolling(duration, entry.field('isRolling'), rolling);
}

function readRolling(part: Part, flag: Part, rolling: boolean | undefined): string | undefined {
  if (rolling === false) flag.refuse('a window that does not roll needs a calendar');
  if (rolling === undefined) flag.warn('is missing: without a calendar the window is taken to roll');
  return readDuration(part);
}

/** A duration in OpenSLO's shorthand, as Prometheus writes it. Notes what is none. */
export function readDuration(part: Part): string | undefined {
  const text = part.required().text();
  if (text === undefined) return undefined;
  const read = durationOf(text);
  if (read === null) part.refuse(`${quoted(text)} is no duration of OpenSLO such as 5m, 12h, 30d or 4w`);
  else if (read.open) part.warn(`${text} is taken as ${read.duration}`);
  return read?.duration;
}

function readCalendar(duration: Part, calendar: Part): SloWindow | undefined {
  calendar.closed(['startTime', 'timeZone']);
  const text = duration.text();
  const timeZone = calendar.field('timeZone').required().text();
  const start = calendar.field('startTime').required().text();
  const unit = CALENDAR_UNITS.find((each) => LETTERS[each] === text);
  if (text !== undefined && unit === undefined) {
    const hint = text === '1m' ? ' (1m is one minute, a month is 1M)' : '';
    duration.refuse(`a calendar window is ${Object.values(LETTERS).join(', ')}${hint}`);
  }
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    calendar.field('timeZone').refuse(`${quoted(timeZone)} is not a time zone such as Europe/Berlin or UTC`);
  }
  if (unit === undefined || start === undefined || timeZone === undefined) return undefined;
  if (!beginsWith(unit, start)) {
    calendar.field('startTime').refuse(`no ${unit} begins then: they begin at 00:00:00, weeks on Monday (${ANCHOR})`);
  }
  return { calendar: unit, timeZone };
}

function beginsWith(unit: CalendarUnit, start: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)[ T]00:00:00$/.exec(start) ?? [];
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || date.getUTCDate() !== Number(day)) return false;
  if (unit === 'week') return date.getUTCDay() === 1;
  if (unit === 'day') return true;
  const months = { month: 1, quarter: 3, year: 12 }[unit];
  return day === '01' && (Number(month) - 1) % months === 0;
}
