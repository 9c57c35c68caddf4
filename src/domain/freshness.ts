import { type Answers, type Unknown, unknownFrom } from './answer-reading.ts';
import { durationMs } from './duration.ts';
import type { Measured } from './measurement.ts';
import { ageId, FRESH_PARTS, type Probe } from './probe.ts';
import { maxAgeOf } from './rule.ts';

/** Samples from the future by more than this are not believed. */
const MAX_AHEAD_SECONDS = 30;

/** `age` in seconds of the oldest among the newest samples (null for a monitor, which looks after that itself), or why the data cannot be called fresh. */
export type Freshness = { readonly age: number | null } | { readonly unknown: Unknown };

/**
 * The timestamp of an instant answer is the evaluation's, so freshness has to be asked for by
 * itself. A series that is not there at all does not count as long as another one is; none at all
 * means that everything is older than the rule allows.
 */
export function freshnessOf(probe: Probe, answers: Answers): Freshness {
  if (probe.rule.indicator.kind === 'datadog-monitor') return { age: null };
  const ages: number[] = [];
  for (const part of FRESH_PARTS) {
    const found = answersOf(probe, part, answers);
    const known: number[] = [];
    for (const { measurement, provider } of found) {
      if (measurement.kind === 'value') known.push(Number(measurement.value));
      else if (measurement.kind !== 'no-data') return { unknown: unknownFrom(measurement, { part: 'age', provider }) };
    }
    if (found.length > 0 && known.length === 0) return stale(probe, null);
    ages.push(...known);
  }
  const age = ages.length === 0 ? null : Math.max(...ages);
  const fresh = age !== null && age <= durationMs(maxAgeOf(probe.rule)) / 1000 && age >= -MAX_AHEAD_SECONDS;
  return fresh ? { age } : stale(probe, age);
}

function answersOf(probe: Probe, part: (typeof FRESH_PARTS)[number], answers: Answers): readonly Measured[] {
  const found: Measured[] = [];
  for (let answer = answers.get(ageId(probe, part, 0)); answer !== undefined; ) {
    found.push(answer);
    answer = answers.get(ageId(probe, part, found.length));
  }
  return found;
}

function stale(probe: Probe, age: number | null): { readonly unknown: Unknown } {
  const detail = { age: age === null ? null : String(age), maxAge: maxAgeOf(probe.rule) };
  return { unknown: { cause: 'stale-data', clears: 'by-data', detail } };
}
