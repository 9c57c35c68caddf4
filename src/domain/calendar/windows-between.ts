import type { FreezeDocument } from '../freeze.ts';
import { msOf } from '../instant.ts';
import { type Schedule, scheduleOf } from './schedule.ts';
import { isWhole, type Survey, surveyOf } from './survey.ts';
import { type Span, type Window, windowOf } from './window.ts';
import { REACHES_MS } from './windows-around.ts';

export interface WindowList {
  /** In order; each with its real start and end, also when these lie outside of what was asked for. */
  readonly windows: readonly Window[];
  /** False when there are more, when one goes on for longer than it was followed, or when nothing can be told. */
  readonly complete: boolean;
}

/** The merged windows that overlap the time from `from` until just before `to`, at most `limit`, with bounded work. */
export function windowsBetween(document: FreezeDocument, from: string, to: string, limit: number): WindowList {
  const schedule = scheduleOf(document);
  if (schedule === null) return { windows: [], complete: false };
  const { spans, complete } = between(schedule, msOf(from), msOf(to));
  return { windows: spans.slice(0, limit).map(windowOf), complete: complete && spans.length <= limit };
}

interface Between {
  readonly spans: readonly Span[];
  readonly complete: boolean;
}

function between(schedule: Schedule, from: number, to: number): Between {
  let found: Between | null = null;
  for (const reach of REACHES_MS) {
    const survey = surveyOf(schedule, from - reach, to + reach);
    if (found !== null && survey.cut) return found;
    found = listOf(survey, from, to);
    if (found.complete || survey.cut) return found;
  }
  return found ?? { spans: [], complete: false };
}

function listOf(survey: Survey, from: number, to: number): Between {
  const spans = survey.spans.filter((span) => span.start < to && span.end > from);
  return { spans, complete: survey.sureTo >= to && spans.every((span) => isWhole(span, survey)) };
}
