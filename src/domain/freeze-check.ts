import { cronMistakes } from './calendar/cron.ts';
import { parseLocal, parseTimeOfDay } from './calendar/local-time.ts';
import { rruleMistakes } from './calendar/rrule-parts.ts';
import { windowsMistake } from './calendar/windows-check.ts';
import { isTimeZone } from './calendar/zone.ts';
import { parseDuration } from './duration.ts';
import { durationErrors } from './duration-check.ts';
import type { FieldError } from './errors.ts';
import type { FreezeDocument } from './freeze.ts';
import { labelErrors } from './label-check.ts';

const PATTERN = /^[a-z0-9*]([-a-z0-9*]{0,61}[a-z0-9*])?$/;
const CLASSES = ['emergency', 'security'];
const LONGEST_MS = 366 * 86_400_000;
const LOCAL = 'a local date and time of the years 1900 to 2999, such as 2026-01-02T18:00:00, without an offset';

/** Everything that is wrong with a freeze or an allowed window beyond its schema, all at once. */
export function checkFreeze(document: FreezeDocument): readonly FieldError[] {
  const errors = [
    ...patternErrors('/scope/services', document.scope.services),
    ...patternErrors('/scope/rings', document.scope.rings),
    ...labelErrors('/scope/labels', document.scope.labels),
    ...zoneErrors(document),
    ...startErrors(document),
    ...recurrenceErrors(document),
    ...endErrors(document),
    ...exemptErrors(document.exempt ?? []),
  ];
  if (errors.length > 0) return errors;
  const message = windowsMistake(document);
  return message === null ? [] : [{ pointer: document.recurrence === undefined ? '/end' : '/recurrence', message }];
}

function patternErrors(at: string, patterns: readonly string[]): readonly FieldError[] {
  if (patterns.length === 0) return [{ pointer: at, message: 'name at least one, or * for all' }];
  return patterns.flatMap((pattern, i) => {
    const pointer = `${at}/${i}`;
    if (patterns.indexOf(pattern) < i) return [{ pointer, message: `${pattern} is named twice` }];
    return PATTERN.test(pattern) ? [] : [{ pointer, message: 'a name of a-z, 0-9 and -, in which * is any text' }];
  });
}

function zoneErrors({ timeZone }: FreezeDocument): readonly FieldError[] {
  if (isTimeZone(timeZone)) return [];
  const message = `${timeZone} is not a known time zone: write an IANA name such as Europe/Berlin or UTC`;
  return [{ pointer: '/timeZone', message }];
}

function startErrors({ start, recurrence }: FreezeDocument): readonly FieldError[] {
  const pointer = '/start';
  if (start !== undefined) return parseLocal(start) === null ? [{ pointer, message: `it must be ${LOCAL}` }] : [];
  return recurrence !== undefined && 'cron' in recurrence ? [] : [{ pointer, message: `it is missing: give ${LOCAL}` }];
}

function recurrenceErrors({ recurrence }: FreezeDocument): readonly FieldError[] {
  if (recurrence === undefined) return [];
  const { rrule, cron } = recurrence as { readonly rrule?: string; readonly cron?: string };
  if ((rrule === undefined) === (cron === undefined))
    return [{ pointer: '/recurrence', message: 'give either rrule or cron' }];
  return [
    ...(rrule === undefined ? [] : rruleMistakes(rrule)).map((message) => ({ pointer: '/recurrence/rrule', message })),
    ...(cron === undefined ? [] : cronMistakes(cron)).map((message) => ({ pointer: '/recurrence/cron', message })),
  ];
}

function endErrors({ start, recurrence, end }: FreezeDocument): readonly FieldError[] {
  if (typeof end === 'string') return fixedEndErrors(start, end, recurrence !== undefined);
  const { duration, time, weekday } = end as { duration?: string; time?: string; weekday?: string };
  if ((duration === undefined) === (time === undefined) || (duration !== undefined && weekday !== undefined))
    return [{ pointer: '/end', message: 'give either a duration, or a time with or without a weekday' }];
  if (duration !== undefined) return lengthErrors(duration);
  return [
    ...(parseTimeOfDay(time ?? '') === null
      ? [{ pointer: '/end/time', message: 'it must be a time of day such as 08:00' }]
      : []),
    ...(weekday === undefined || /^(MO|TU|WE|TH|FR|SA|SU)$/.test(weekday)
      ? []
      : [{ pointer: '/end/weekday', message: 'it must be one of MO, TU, WE, TH, FR, SA, SU' }]),
  ];
}

function fixedEndErrors(start: string | undefined, end: string, recurs: boolean): readonly FieldError[] {
  const pointer = '/end';
  if (recurs)
    return [{ pointer, message: 'a recurrence cannot end at one date: give a duration, or a time with a weekday' }];
  const until = parseLocal(end);
  if (until === null) return [{ pointer, message: `it must be ${LOCAL}` }];
  const from = parseLocal(start ?? '');
  return from !== null && until <= from ? [{ pointer, message: `it must be later than the start, ${start}` }] : [];
}

/** Whole seconds, because a calendar knows nothing smaller. */
function lengthErrors(duration: string): readonly FieldError[] {
  const pointer = '/end/duration';
  const errors = durationErrors(pointer, duration, 1000, LONGEST_MS);
  const isWhole = (parseDuration(duration) ?? 0) % 1000 === 0;
  return errors.length > 0 || isWhole ? errors : [{ pointer, message: 'it must be of whole seconds' }];
}

function exemptErrors(classes: readonly string[]): readonly FieldError[] {
  return classes.flatMap((each, i) => {
    const pointer = `/exempt/${i}`;
    if (!CLASSES.includes(each)) return [{ pointer, message: `it must be ${CLASSES.join(' or ')}` }];
    return classes.indexOf(each) < i ? [{ pointer, message: `${each} is named twice` }] : [];
  });
}
