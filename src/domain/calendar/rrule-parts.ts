import { densityMistakes } from './starts.ts';
import { parseUntil, type Until } from './until.ts';

/**
 * RFC 5545, 3.3.10, read strictly: libraries pass over what they do not know, and a freeze that was meant
 * otherwise than it is understood is worse than one that is refused.
 */
export interface RruleParts {
  readonly until: Until | null;
  /** The values of each part as they were written, in capitals. */
  readonly parts: ReadonlyMap<string, string>;
}

const FREQUENCIES = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY'];
const MOST_COUNT = 1000;
const UNTIL = /^\d{8}(T\d{6}Z?)?$/;
const WEEKDAY = '(MO|TU|WE|TH|FR|SA|SU)';

/** By part: what one of its values looks like, its size, and how to say so. */
const VALUES: Readonly<Record<string, Values>> = {
  FREQ: one(new RegExp(`^(${FREQUENCIES.join('|')})$`), `one of ${FREQUENCIES.join(', ')}`),
  INTERVAL: one(/^\d{1,4}$/, 'a whole number from 1 to 9999', 1, 9999),
  COUNT: one(/^\d{1,4}$/, `a whole number from 1 to ${MOST_COUNT}; for more give UNTIL instead`, 1, MOST_COUNT),
  UNTIL: one(UNTIL, 'a date such as 20261231, or a time such as 20261231T180000 or 20261231T170000Z'),
  WKST: one(new RegExp(`^${WEEKDAY}$`), 'a weekday such as MO'),
  BYMONTH: many(/^\d{1,2}$/, 'months from 1 to 12', 1, 12),
  BYWEEKNO: many(/^[+-]?\d{1,2}$/, 'weeks from 1 to 53, negative from the end', 1, 53),
  BYYEARDAY: many(/^[+-]?\d{1,3}$/, 'days from 1 to 366, negative from the end', 1, 366),
  BYMONTHDAY: many(/^[+-]?\d{1,2}$/, 'days from 1 to 31, negative from the end', 1, 31),
  BYDAY: many(new RegExp(`^([+-]?\\d{1,2})?${WEEKDAY}$`), 'weekdays such as FR, or 1FR and -1FR', 1, 53),
  BYHOUR: many(/^\d{1,2}$/, 'hours from 0 to 23', 0, 23),
  BYMINUTE: many(/^\d{1,2}$/, 'minutes from 0 to 59', 0, 59),
  BYSETPOS: many(/^[+-]?\d{1,3}$/, 'positions from 1 to 366, negative from the end', 1, 366),
};

interface Values {
  readonly list: boolean;
  readonly text: RegExp;
  readonly takes: string;
  readonly least: number;
  readonly most: number;
}

function one(text: RegExp, takes: string, least = 0, most = Number.POSITIVE_INFINITY): Values {
  return { list: false, text, takes, least, most };
}

function many(text: RegExp, takes: string, least: number, most: number): Values {
  return { list: true, text, takes, least, most };
}

/** The parts of a rule, or null when there are mistakes in it. */
export function readRrule(text: string): RruleParts | null {
  if (rruleMistakes(text).length > 0) return null;
  const parts = new Map(pairsOf(text));
  return { until: parseUntil(parts.get('UNTIL') ?? ''), parts };
}

/** What is wrong with a recurrence rule, in sentences. */
export function rruleMistakes(text: string): readonly string[] {
  const pairs = pairsOf(text);
  const names = pairs.map(([name]) => name);
  const twice = names.filter((name, i) => names.indexOf(name) < i).map((name) => `${name} is given twice`);
  const wrong = pairs.flatMap(([name, value]) => valueMistakes(name, value));
  const missing = names.includes('FREQ') ? [] : ['FREQ is missing: write a rule such as FREQ=WEEKLY;BYDAY=FR'];
  const mistakes = [...missing, ...twice, ...wrong];
  return mistakes.length > 0 ? mistakes : togetherMistakes(new Map(pairs));
}

function pairsOf(text: string): readonly (readonly [string, string])[] {
  return text
    .toUpperCase()
    .split(';')
    .map((part) => {
      const [name = '', ...value] = part.split('=');
      return [name, value.join('=')];
    });
}

function valueMistakes(name: string, value: string): readonly string[] {
  if (name === 'BYSECOND') return ['BYSECOND is not taken: a window begins at the second of its start'];
  if (name === 'FREQ' && value === 'SECONDLY') return ['FREQ=SECONDLY is not taken: MINUTELY is the finest'];
  const known = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
  if (known === undefined) return [`${name} is no part of a rule: it has ${Object.keys(VALUES).join(', ')}`];
  const values = known.list ? value.split(',') : [value];
  const repeated = values.find((each, i) => values.indexOf(each) < i);
  if (repeated !== undefined) return [`${name} names ${repeated} twice`];
  return values
    .filter((each) => !isValue(each, known))
    .map((each) => `${name}=${each} is wrong: it takes ${known.takes}`);
}

function isValue(text: string, { text: pattern, least, most }: Values): boolean {
  if (!pattern.test(text)) return false;
  if (pattern === UNTIL) return parseUntil(text) !== null;
  const digits = /^[+-]?(\d+)[A-Z]*$/.exec(text)?.[1];
  return digits === undefined || (Number(digits) >= least && Number(digits) <= most);
}

/** At most so many starts of a rule without mistakes lie in one day. */
export function startsPerDay(parts: ReadonlyMap<string, string>): number {
  const interval = Number(parts.get('INTERVAL') ?? 1);
  const count = (name: string) => parts.get(name)?.split(',').length ?? 1;
  if (parts.get('FREQ') === 'MINUTELY') return Math.ceil(1440 / interval);
  if (parts.get('FREQ') === 'HOURLY') return Math.ceil(24 / interval) * count('BYMINUTE');
  return count('BYHOUR') * count('BYMINUTE');
}

/** The table of RFC 5545, 3.3.10 that says which parts go with which frequency. */
function togetherMistakes(parts: ReadonlyMap<string, string>): readonly string[] {
  const freq = parts.get('FREQ') ?? '';
  const only = (name: string, frequencies: readonly string[]) =>
    parts.has(name) && !frequencies.includes(freq) ? [`${name} does not go with FREQ=${freq}`] : [];
  const selects = [...parts.keys()].some((name) => name.startsWith('BY') && name !== 'BYSETPOS');
  return [
    ...(parts.has('COUNT') && parts.has('UNTIL') ? ['COUNT and UNTIL exclude each other'] : []),
    ...only('BYWEEKNO', ['YEARLY']),
    ...only('BYYEARDAY', ['YEARLY', 'HOURLY', 'MINUTELY']),
    ...only('BYMONTHDAY', ['YEARLY', 'MONTHLY', 'DAILY', 'HOURLY', 'MINUTELY']),
    ...ordinalMistakes(parts, freq),
    ...(parts.has('BYSETPOS') && !selects ? ['BYSETPOS needs another BY part to choose from'] : []),
    ...densityMistakes(startsPerDay(parts)),
  ];
}

function ordinalMistakes(parts: ReadonlyMap<string, string>, freq: string): readonly string[] {
  const ordinals = (parts.get('BYDAY') ?? '').split(',').filter((day) => /\d/.test(day));
  if (ordinals.length === 0) return [];
  if (freq !== 'YEARLY' && freq !== 'MONTHLY')
    return [`BYDAY=${ordinals[0]} goes with FREQ=MONTHLY or YEARLY only: name the weekday without a number`];
  if (parts.has('BYWEEKNO'))
    return [`BYDAY=${ordinals[0]} does not go with BYWEEKNO: name the weekday without a number`];
  const tooMany = ordinals.find((day) => freq === 'MONTHLY' && Math.abs(Number.parseInt(day, 10)) > 5);
  return tooMany === undefined ? [] : [`BYDAY=${tooMany} is wrong: no weekday comes more than 5 times in a month`];
}
