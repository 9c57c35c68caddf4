import { type Answers, numberOf, type Unknown, unknown } from './answer-reading.ts';
import { type CountedPart, readCount } from './count-reading.ts';
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
  /** Events that may be bad besides and are in neither count. They may hold a release, but never take one back. */
  readonly uncounted: number;
  /** The queries that gave nothing and were taken for zero. */
  readonly absent: readonly string[];
  /** True where such a zero makes the share larger, which is no evidence of harm. */
  readonly leansOnAbsence: boolean;
}

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

/** The same with everything bad that may be. */
export function atWorst({ bad, total, uncounted, ...counts }: Counts): Counts {
  const worst = { bad: bad + uncounted, total: total + uncounted };
  return uncounted === 0
    ? { ...counts, bad, total, uncounted }
    : { ...counts, ...worst, value: worst.bad / worst.total, uncounted: 0 };
}

function read(probe: Probe, sample: Sample, answers: Answers): Reading {
  if (sample.asked.length === 0) return unknown('no-data', 'by-data', { reason: 'nothing-yet' });
  if (countsEvents(probe.rule.indicator)) return readRatio(probe, sample, answers);
  const [asked] = sample.asked;
  const value = numberOf(asked ?? { id: '', part: 'value' }, answers, probe.rule.indicator.provider);
  if ('unknown' in value) return value;
  return { counts: { bad: 0, total: 0, value: value.number, uncounted: 0, absent: [], leansOnAbsence: false } };
}

function readRatio(probe: Probe, sample: Sample, answers: Answers): Reading {
  const part: CountedPart = sample.asked.some((each) => each.part === 'good') ? 'good' : 'bad';
  const total = readCount(probe, sample, 'total', answers);
  if ('unknown' in total) return total;
  const counted = readCount(probe, sample, part, answers);
  if ('unknown' in counted) return counted;
  if (total.number === 0) return unknown('no-data', 'by-data', { part: 'total', reason: 'zero' });
  const bad = part === 'good' ? total.number - counted.number : counted.number;
  const ratio = bad / total.number;
  if (total.number < 0 || ratio < -TOLERANCE || ratio > 1 + TOLERANCE) {
    return unknown('invalid-rule', 'by-person', {
      reason: 'not-a-share',
      [part]: String(counted.number),
      total: String(total.number),
    });
  }
  return {
    counts: {
      bad: Math.max(0, bad),
      total: total.number,
      value: Math.min(1, Math.max(0, ratio)),
      uncounted: counted.uncounted,
      absent: [...counted.absent, ...total.absent],
      leansOnAbsence: total.absent.length > 0 || (part === 'good' && counted.absent.length > 0),
    },
  };
}
