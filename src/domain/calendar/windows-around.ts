import type { FreezeDocument } from '../freeze.ts';
import { msOf } from '../instant.ts';
import { DAY_MS } from './local-time.ts';
import { type Schedule, scheduleOf } from './schedule.ts';
import { isWhole, type Survey, surveyOf } from './survey.ts';
import { type Span, type Window, windowOf } from './window.ts';

/** How far ahead the next window is looked for, and how long windows that run into each other are followed. */
export const HORIZON_MS = 400 * DAY_MS;
/** First nearby, where the answer usually lies, then further away. */
export const REACHES_MS: readonly number[] = [2 * DAY_MS, 16 * DAY_MS, HORIZON_MS];

export interface Around {
  /** The merged window that `at` lies in. */
  readonly active: Window | null;
  /** The merged window that begins next, within 400 days. */
  readonly next: Window | null;
  /** False: it cannot be told whether `at` lies in a window, or where that or the next one ends. Count it as closed. */
  readonly known: boolean;
}

/**
 * Where an instant stands among the windows of a document. Never throws and never searches without bound: a
 * document that cannot be understood, or takes too much work, gives `known: false` with what was found.
 */
export function windowsAround(document: FreezeDocument, at: string): Around {
  const schedule = scheduleOf(document);
  const unknown = { active: null, next: null, known: false };
  return schedule === null ? unknown : around(schedule, msOf(at));
}

function around(schedule: Schedule, at: number): Around {
  let found: Around = { active: null, next: null, known: false };
  for (const reach of REACHES_MS) {
    const ahead = reach === HORIZON_MS ? 2 * HORIZON_MS : reach;
    const survey = surveyOf(schedule, at - reach, at + ahead);
    if (survey.sureTo > at) found = placeIn(survey, at);
    if (found.known || survey.cut) break;
  }
  return found;
}

function placeIn(survey: Survey, at: number): Around {
  const active = survey.spans.find((span) => span.start <= at && at < span.end) ?? null;
  const following = survey.spans.find((span) => span.start > at) ?? null;
  const next = following !== null && following.start <= at + HORIZON_MS ? following : null;
  const nextKnown = next === null ? survey.sureTo >= at + HORIZON_MS : isWhole(next, survey);
  const activeKnown = active === null || isWhole(active, survey);
  return { active: toWindow(active), next: toWindow(next), known: activeKnown && nextKnown };
}

function toWindow(span: Span | null): Window | null {
  return span === null ? null : windowOf(span);
}
