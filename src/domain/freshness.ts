import { durationMs } from './duration.ts';
import { ageId, type Probe } from './probes.ts';
import { type Answers, type Unknown, unknownFrom } from './reading.ts';

/** Samples from the future by more than this are not believed. */
const MAX_AHEAD_SECONDS = 30;

/** `age` in seconds of the oldest among the newest samples, or why the data cannot be called fresh. */
export type Freshness = { readonly age: number } | { readonly unknown: Unknown };

/**
 * The timestamp of an instant answer is the evaluation's, so freshness has to be asked for by
 * itself. A series that is not there at all does not count as long as another one is; none at all
 * means that everything is older than the rule allows.
 */
export function freshnessOf(probe: Probe, answers: Answers): Freshness {
  const maxAge = probe.rule.maxAge ?? '5m';
  const ages: number[] = [];
  let asked = 0;
  for (let answer = answers.get(ageId(probe, 0)); answer !== undefined; answer = answers.get(ageId(probe, asked))) {
    asked += 1;
    const { measurement, provider } = answer;
    if (measurement.kind === 'value') ages.push(Number(measurement.value));
    else if (measurement.kind !== 'no-data') return { unknown: unknownFrom(measurement, { part: 'age', provider }) };
  }
  const age = ages.length === 0 ? null : Math.max(...ages);
  if (age === null || !(age <= durationMs(maxAge) / 1000) || age < -MAX_AHEAD_SECONDS) {
    return stale({ age: age === null ? null : String(age), maxAge });
  }
  return { age };
}

function stale(detail: Readonly<Record<string, unknown>>): { readonly unknown: Unknown } {
  return { unknown: { cause: 'stale-data', clears: 'by-data', detail } };
}
