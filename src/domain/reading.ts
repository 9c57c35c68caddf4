import type { Cause } from './cause.ts';
import type { Clears } from './finding.ts';
import type { Measured, Measurement, UnavailableReason } from './measurement.ts';
import { everySample, type Probe, type Sample } from './probe.ts';
import { pickRecent, type Recent } from './recent-window.ts';
import { countsEvents } from './rule.ts';
import { distanceOf } from './sample-distance.ts';

/**
 * From recorded measurements to the numbers of one sample, or to the reason why there is none. Bad
 * and total are always asked apart, because a ratio asked as one query cannot tell "no errors" from
 * "no data" and turns 0/0 into NaN.
 */
export type Reading = { readonly counts: Counts } | { readonly unknown: Unknown };

/** What each sample of a probe says, and which of them speaks of the last minutes. */
export interface Readings {
  get(sample: Sample): Reading | undefined;
  readonly recent: Recent;
}

/** Of a threshold only `value` is meaningful; of a ratio it is bad/total. */
export interface Counts {
  readonly bad: number;
  readonly total: number;
  readonly value: number;
}

export interface Unknown {
  readonly cause: Cause;
  readonly clears: Clears;
  readonly detail: Readonly<Record<string, unknown>>;
}

export type Answers = ReadonlyMap<string, Measured>;

/** Counts may come from differently extrapolated series: a ratio this little outside 0–1 is rounding. */
const TOLERANCE = 1e-6;

/** Reads every sample of a probe. */
export function readAll(probe: Probe, answers: Answers): Readings {
  const readings = new Map(everySample(probe).map((sample) => [sample, read(probe, sample, answers)]));
  const isRead = (sample: Sample) => 'counts' in (readings.get(sample) ?? {});
  return {
    get: (sample) => readings.get(sample),
    recent: pickRecent(probe.recent, isRead, distanceOf(probe, answers)),
  };
}

/** What was counted; null when that is not known. */
export function countsOf(readings: Readings, sample: Sample | null | undefined): Counts | null {
  const reading = sample == null ? undefined : readings.get(sample);
  return reading !== undefined && 'counts' in reading ? reading.counts : null;
}

function read(probe: Probe, sample: Sample, answers: Answers): Reading {
  if (sample.asked.length === 0) return unknown('no-data', 'by-data', { reason: 'nothing-yet' });
  if (!countsEvents(probe.rule.indicator)) {
    const value = numberOf(probe, sample, 'value', answers);
    return 'unknown' in value ? value : { counts: { bad: 0, total: 0, value: value.number } };
  }
  return readRatio(probe, sample, answers);
}

function readRatio(probe: Probe, sample: Sample, answers: Answers): Reading {
  const total = numberOf(probe, sample, 'total', answers);
  if ('unknown' in total) return total;
  const part = sample.asked.some((each) => each.part === 'good') ? 'good' : 'bad';
  const counted = numberOf(probe, sample, part, answers);
  const absent = 'unknown' in counted && counted.unknown.cause === 'no-data';
  const zeroBad = absent && part === 'bad' && (probe.rule.absentBadMeansZero ?? true);
  if ('unknown' in counted && !zeroBad) return counted;
  if (total.number === 0) return unknown('no-data', 'by-data', { part: 'total', reason: 'zero' });
  const number = 'unknown' in counted ? 0 : counted.number;
  const bad = part === 'good' ? total.number - number : number;
  const ratio = bad / total.number;
  if (total.number < 0 || ratio < -TOLERANCE || ratio > 1 + TOLERANCE) {
    return unknown('invalid-rule', 'by-person', {
      reason: 'not-a-share',
      [part]: String(number),
      total: String(total.number),
    });
  }
  return { counts: { bad: Math.max(0, bad), total: total.number, value: Math.min(1, Math.max(0, ratio)) } };
}

function numberOf(
  probe: Probe,
  sample: Sample,
  part: Measured['part'],
  answers: Answers,
): { readonly number: number } | { readonly unknown: Unknown } {
  const question = sample.asked.find((each) => each.part === part);
  const answer = question === undefined ? undefined : answers.get(question.id);
  if (answer === undefined) {
    return unknown('provider-unavailable', 'by-data', {
      part,
      provider: probe.rule.indicator.provider,
      reason: 'not-asked',
    });
  }
  const { measurement } = answer;
  if (measurement.kind !== 'value') return { unknown: unknownFrom(measurement, { part, provider: answer.provider }) };
  const number = Number(measurement.value);
  if (!Number.isFinite(number)) return unknown('not-a-number', 'by-data', { part, value: measurement.value });
  return { number };
}

/** Waiting does not help against these: the provider's configuration has to be mended. */
const NEVER_BY_ITSELF: readonly UnavailableReason[] = ['unauthorized', 'misconfigured', 'address-refused', 'redirect'];

/** Every kind of answer that is not a number, as a cause. */
export function unknownFrom(
  measurement: Exclude<Measurement, { kind: 'value' }>,
  where: Readonly<Record<string, unknown>>,
): Unknown {
  switch (measurement.kind) {
    case 'no-data':
      return { cause: 'no-data', clears: 'by-data', detail: { ...where, reason: 'empty' } };
    case 'not-a-number':
      return { cause: 'not-a-number', clears: 'by-data', detail: { ...where, value: measurement.value } };
    case 'too-many-series':
      return {
        cause: 'too-many-series',
        clears: 'by-person',
        detail: { ...where, series: String(measurement.series) },
      };
    case 'partial':
      return { cause: 'partial-data', clears: 'by-data', detail: { ...where, warnings: measurement.warnings } };
    case 'rejected':
      return { cause: 'query-rejected', clears: 'by-person', detail: { ...where, detail: measurement.detail } };
    case 'unavailable':
      return {
        cause: 'provider-unavailable',
        clears: NEVER_BY_ITSELF.includes(measurement.reason) ? 'by-person' : 'by-data',
        detail: { ...where, reason: measurement.reason, detail: measurement.detail },
      };
    case 'unaskable':
      return { cause: 'invalid-rule', clears: 'by-person', detail: { ...where, detail: measurement.detail } };
    case 'deadline-exceeded':
      return { cause: 'deadline-exceeded', clears: 'by-data', detail: where };
  }
}

function unknown(
  cause: Cause,
  clears: Clears,
  detail: Readonly<Record<string, unknown>>,
): { readonly unknown: Unknown } {
  return { unknown: { cause, clears, detail } };
}
