import { EARLIEST, LATEST, type LocalMs } from './local-time.ts';
import type { Schedule } from './schedule.ts';
import { merged, type Span } from './window.ts';
import { LARGEST_CHANGE_MS, localOf, resolverOf } from './zone.ts';

/** What one survey may cost at most: starts that are looked at, and steps (see `Starts`). */
const MOST_STARTS = 5000;
const MOST_STEPS = 500;

/** The merged windows of a stretch of time. Those that begin and end within `sureFrom` and `sureTo` are whole. */
export interface Survey {
  readonly spans: readonly Span[];
  /** Milliseconds since the epoch; without an end where the schedule has none. */
  readonly sureFrom: number;
  readonly sureTo: number;
  /** It took too much work to come to the end. */
  readonly cut: boolean;
}

/** Looks at everything that can touch the time from `from` to `to`, both in ms since the epoch, with bounded work. */
export function surveyOf(schedule: Schedule, from: number, to: number): Survey {
  const { zone, starts, longest } = schedule;
  const earliest = clockAt(from, zone) - longest - 2 * LARGEST_CHANGE_MS;
  const latest = clockAt(to, zone) + LARGEST_CHANGE_MS;
  const begin = Math.max(earliest, starts.first);
  const end = Math.min(latest, starts.last + 1);
  const { found, reached } = walk(schedule, begin, end);
  const cut = reached < end;
  return {
    spans: merged(found.map(schedule.spanAt).filter((span) => span !== null)),
    sureFrom: earliest <= starts.first ? Number.NEGATIVE_INFINITY : from,
    sureTo: cut
      ? resolverOf(zone)(reached, 'earlier') - LARGEST_CHANGE_MS
      : latest > starts.last
        ? Number.POSITIVE_INFINITY
        : to,
    cut,
  };
}

/** True when nothing outside of what was looked at can make the window longer. */
export function isWhole(span: Span, survey: Survey): boolean {
  return span.start >= survey.sureFrom && span.end <= survey.sureTo;
}

function walk({ starts }: Schedule, begin: LocalMs, end: LocalMs): { found: readonly LocalMs[]; reached: LocalMs } {
  const found: LocalMs[] = [];
  let reached = begin;
  for (let steps = 0; reached < end && steps < MOST_STEPS && found.length < MOST_STARTS; steps += 1) {
    const next = Math.min(reached + starts.stepMs, end);
    const some = starts.between(reached, next);
    if (some === null) break;
    found.push(...some);
    reached = next;
  }
  return { found, reached };
}

function clockAt(epochMs: number, zone: string): LocalMs {
  return localOf(Math.min(Math.max(epochMs, EARLIEST), LATEST), zone);
}
