import { durationMs } from './duration.ts';
import type { Measured, MetricQuestion } from './measurement.ts';
import { distanceId, type Probe } from './probe.ts';
import { LOOKBACK_MS } from './promql-selectors.ts';
import { distanceQueries } from './query-template.ts';
import { lastingOf } from './rule.ts';

/** Over less than this, most series have no two samples. */
const LEAST_SPAN_MS = 120_000;

/** How far apart the samples are that a filled query counts: asked where it matters, which is for what may roll back. */
export function distanceQuestions(probe: Probe, query: string, provider: string): readonly MetricQuestion[] {
  const { at, recent } = probe;
  if (at === null || recent === null || recent.scrapeIntervalMs === null) return [];
  return distanceQueries(query, spanMs(probe)).map((text, k) => ({
    ...{ id: distanceId(probe, k), provider, query: text },
    part: 'distance' as const,
    at,
  }));
}

function spanMs({ rule }: Probe): number {
  return Math.max(LEAST_SPAN_MS, durationMs(lastingOf(rule)));
}

/**
 * The longest distance between two samples of a series, in milliseconds. Null where it was not asked,
 * or where no answer is one that there can be: no series is old enough then, and nothing is blamed for that.
 */
export function distanceOf(probe: Probe, answers: ReadonlyMap<string, Measured>): number | null {
  const mostMs = spanMs(probe) + LOOKBACK_MS;
  const found: number[] = [];
  for (let k = 0, answer = answers.get(distanceId(probe, k)); answer !== undefined; ) {
    const ms = answer.measurement.kind === 'value' ? Math.round(Number(answer.measurement.value) * 1000) : 0;
    if (ms > 0 && ms <= mostMs) found.push(ms);
    k += 1;
    answer = answers.get(distanceId(probe, k));
  }
  return found.length === 0 ? null : Math.max(...found);
}
