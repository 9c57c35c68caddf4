import { CronPattern } from 'croner';
import { DAY_MS, dayOf, EARLIEST, LATEST, type LocalMs, MINUTE_MS } from './local-time.ts';
import { densityMistakes, type Starts, stepFor } from './starts.ts';

/**
 * The five fields of POSIX cron. What crons read differently is refused: nicknames, `L`, `W`, `#`, `?`, and a star
 * with a step in one day field while the other one is restricted.
 */
const FIELDS = [
  { name: 'minute', takes: '0-59', value: '\\d+' },
  { name: 'hour', takes: '0-23', value: '\\d+' },
  { name: 'day of the month', takes: '1-31', value: '\\d+' },
  { name: 'month', takes: '1-12 or JAN-DEC', value: '(?:\\d+|[A-Z]{3})' },
  { name: 'day of the week', takes: '0-7 or SUN-SAT', value: '(?:\\d+|[A-Z]{3})' },
].map((field) => ({ ...field, text: fieldPattern(field.value) }));

function fieldPattern(value: string): RegExp {
  const item = `${value}(?:-${value}(?:/\\d+)?)?`;
  return new RegExp(`^(?:\\*(?:/\\d+)?|${item}(?:,${item})*)$`, 'i');
}

/** What is wrong with a cron expression, in sentences. */
export function cronMistakes(text: string): readonly string[] {
  const fields = text.split(' ');
  if (fields.length !== FIELDS.length)
    return ['a cron expression has exactly five fields with one space between: minute hour day month weekday'];
  const wrong = FIELDS.flatMap(({ name, takes, text: pattern }, i) => {
    const field = fields[i] ?? '';
    if (pattern.test(field) && isReadable(fields, i)) return [];
    return [`${field} is no ${name}: write *, or values of ${takes}, as 1,2 or 1-5 or */2 or 1-5/2`];
  });
  return wrong.length > 0 ? wrong : [...dayMistakes(fields), ...densityMistakes(minutesOf(patternOf(text)).length)];
}

function isReadable(fields: readonly string[], i: number): boolean {
  try {
    return patternOf(fields.map((field, j) => (i === j ? field : '*')).join(' ')) !== null;
  } catch {
    return false;
  }
}

function patternOf(text: string): CronPattern {
  return new CronPattern(text, undefined, { mode: '5-part' });
}

function dayMistakes([, , day = '', , weekday = '']: readonly string[]): readonly string[] {
  const both = day !== '*' && weekday !== '*';
  if (!both || !(day.startsWith('*') || weekday.startsWith('*'))) return [];
  return [`crons disagree about ${day} together with ${weekday}: write the days out, or leave one of the two at *`];
}

/**
 * The starts of a valid cron expression, not before `start`. When both day fields are restricted, either is enough.
 * Croner reads the text; days and minutes are walked here, in local time, because a clock change is not its business.
 */
export function cronStarts(text: string, start: LocalMs | null): Starts {
  const pattern = patternOf(text);
  const minutes = minutesOf(pattern);
  const first = start ?? EARLIEST;
  const between = (from: LocalMs, to: LocalMs): readonly LocalMs[] => {
    const starts: LocalMs[] = [];
    for (let day = dayOf(from); day < to; day += DAY_MS) {
      if (isDay(pattern, new Date(day))) starts.push(...minutes.map((minute) => day + minute * MINUTE_MS));
    }
    return starts.filter((at) => at >= from && at < to);
  };
  return { first, last: LATEST, lastInstant: LATEST, stepMs: stepFor(minutes.length), between };
}

function isDay(pattern: CronPattern, date: Date): boolean {
  const isDate = Boolean(pattern.day[date.getUTCDate() - 1]);
  const isWeekday = Boolean(pattern.dayOfWeek[date.getUTCDay()]);
  const either = !pattern.starDOM && !pattern.starDOW;
  return Boolean(pattern.month[date.getUTCMonth()]) && (either ? isDate || isWeekday : isDate && isWeekday);
}

/** Minutes since midnight. */
function minutesOf(pattern: CronPattern): readonly number[] {
  return chosen(pattern.hour).flatMap((hour) => chosen(pattern.minute).map((minute) => hour * 60 + minute));
}

/** The values at which croner's table of a field is set. */
function chosen(table: readonly number[]): readonly number[] {
  return table.flatMap((on, value) => (on ? [value] : []));
}
