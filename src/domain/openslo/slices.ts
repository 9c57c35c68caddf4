import type { Objective, Slices } from '../rule.ts';
import { readDuration } from './objective-window.ts';
import type { Part } from './part.ts';
import { given } from './rule-fields.ts';
import { shorthandOf } from './time-span.ts';

/**
 * OpenSLO's three methods of budgeting: events, slices of time that are good or bad, and slices of time that are good
 * in part. ringgate has them as an objective without slices, with a target of theirs, and without one.
 */
export const METHODS = ['Occurrences', 'Timeslices', 'RatioTimeslices'] as const;
export type Method = (typeof METHODS)[number];

/** The method of an SLO. Notes one that there is not. */
export function readMethod(part: Part): Method {
  const text = part.text();
  const method = METHODS.find((each) => each.toLowerCase() === text?.toLowerCase());
  if (text === undefined) part.warn('is missing and taken to be Occurrences');
  else if (method === undefined) part.refuse(`must be one of ${METHODS.join(', ')}`);
  else if (method !== text) part.warn(`is taken as ${method}`);
  return method ?? 'Occurrences';
}

/** The slices of an objective. `rest` is what `ringgate/sliceWindow` says, which may only be more exact. */
export function readSlices(
  objective: Part,
  method: Method,
  annotation: Part,
  rest: unknown,
): Partial<Slices> | undefined {
  const [target, window] = [objective.field('timeSliceTarget'), objective.field('timeSliceWindow')];
  if (method === 'Occurrences') {
    for (const part of [target, window]) {
      if (part.isThere) part.warn('is only for slices of time and left aside');
    }
    return undefined;
  }
  if (method === 'RatioTimeslices' && target.isThere) target.warn('is only for Timeslices and left aside');
  const said = typeof window.value === 'number' ? readMinutes(window) : readDuration(window);
  if (rest !== undefined && (typeof rest !== 'string' || shorthandOf(rest) !== said)) {
    annotation.refuse('is not the timeSliceWindow: leave one of them out');
  }
  const exact = typeof rest === 'string' ? rest : said;
  return given({ window: exact, target: method === 'Timeslices' ? target.required().number() : undefined });
}

/** A number alone is one of minutes. */
function readMinutes(part: Part): string | undefined {
  const minutes = part.number() ?? 0;
  if (Number.isSafeInteger(minutes) && minutes > 0) return `${minutes}m`;
  part.refuse('must be a whole number of minutes, or a duration such as 5m');
  return undefined;
}

export interface WrittenSlices {
  readonly method: Method;
  /** Fields of the objective. */
  readonly said: object;
  /** For the annotation; undefined when all is said. */
  readonly rest: string | undefined;
}

/** The slices of an objective as OpenSLO says them. */
export function writeSlices({ slices }: Objective): WrittenSlices {
  if (slices === undefined) return { method: 'Occurrences', said: {}, rest: undefined };
  const timeSliceWindow = shorthandOf(slices.window);
  const method = slices.target === undefined ? 'RatioTimeslices' : 'Timeslices';
  const rest = timeSliceWindow === slices.window ? undefined : slices.window;
  return { method, said: given({ timeSliceTarget: slices.target, timeSliceWindow }), rest };
}
