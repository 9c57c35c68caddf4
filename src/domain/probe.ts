import { formatDuration } from './duration.ts';
import type { Life } from './life.ts';
import type { MetricQuestion } from './measurement.ts';
import type { CountTerm } from './promql-terms.ts';
import type { RuleDocument, Scope } from './rule.ts';
import type { Ring } from './service.ts';
import type { BurnRate } from './slo.ts';

/**
 * What has to be measured for one rule in one ring: samples, each of a window at an instant. Windows
 * never reach back before the evidence floor. Asking and judging share this plan, so neither can look
 * at something else; a window that several parts of a rule need is asked once.
 */
export interface Probe {
  readonly name: string;
  readonly rule: RuleDocument;
  readonly scope: Scope;
  readonly ring: Ring;
  /** The release's life in that ring; undefined for service-wide rules. */
  readonly life: Life | undefined;
  /** Null when it is not configured for this ring: then there are no samples and the rule holds. */
  readonly provider: string | null;
  /** Evidence from before this instant does not count; null when all of it does. */
  readonly floor: string | null;
  /** The evaluation instant; null without a provider. */
  readonly at: string | null;
  /** For limits: now, and for what may roll back also half and a whole `for` earlier. Empty without limits. */
  readonly samples: readonly Sample[];
  /** The last minutes by themselves: a breach that is over shows there. Null where nothing shorter than the rule's own windows tells. */
  readonly recent: RecentWindows | null;
  /** For burn rates, pair by pair. */
  readonly burns: readonly BurnProbe[];
  /** For the budget: the objective's whole period. */
  readonly period: Sample | null;
}

/**
 * The windows that may show whether a breach goes on, shortest first: all are asked, and the first
 * that can be read is believed.
 */
export interface RecentWindows {
  readonly samples: readonly Sample[];
  /** The rule's own window, which is the shortest that is judged anyway. */
  readonly ownMs: number;
  /** True where the next longer window would be the rule's own. */
  readonly endsInOwn: boolean;
  /** How far apart samples are where that cannot be measured; null in the first edition, which did not look at it. */
  readonly scrapeIntervalMs: number | null;
}

export interface Sample {
  readonly at: string;
  /** Null for a threshold without a window. */
  readonly windowMs: number | null;
  /** As it would be without the evidence floor. */
  readonly wantedMs: number | null;
  /** Empty when the evidence floor leaves nothing to look at yet. */
  readonly asked: readonly Asked[];
}

/** One query of a sample: a whole part of the indicator, or one term of a count. */
export interface Asked {
  readonly id: string;
  readonly part: MetricQuestion['part'];
  readonly template: string;
  /** Null where an absence is not judged term by term: single values, and what was recorded before it was. */
  readonly term: AskedTerm | null;
}

export interface AskedTerm extends Omit<CountTerm, 'text' | 'isPlain'> {
  /**
   * Under what its series are asked for beside it, and whether the answer is a number of events that the term leaves
   * out; null where nothing depends on it.
   */
  readonly series: { readonly id: string; readonly isCounted: boolean } | null;
}

/** Both windows of a pair at every instant that it is looked at, newest first. */
export interface BurnProbe {
  readonly pair: BurnRate;
  readonly long: readonly Sample[];
  readonly short: readonly Sample[];
}

/** Parts whose samples must be fresh: what is counted against, and good events, whose absence would look like harm. */
export const FRESH_PARTS = ['total', 'value', 'good'] as const;

/** Where the answer to a question about the newest sample's age is recorded. */
export function ageId(probe: Probe, part: (typeof FRESH_PARTS)[number], k: number): string {
  return `${probe.name}/${probe.ring.name}/age-${part}/${k}`;
}

/** Where the answer to a question about the distance between samples is recorded. */
export function distanceId(probe: Probe, k: number): string {
  return `${probe.name}/${probe.ring.name}/distance/${k}`;
}

/** For evidence: the window as a duration, or null. */
export function windowText(sample: Sample): string | null {
  return sample.windowMs === null ? null : formatDuration(sample.windowMs);
}

/** What is known now, each window once: limits, pairs, period. Without the half of `for`, which only confirms. */
export function presentSamples({ samples, burns, period }: Probe): readonly Sample[] {
  const pairs = burns.flatMap(({ long, short }) => [long[0], short[0]]);
  return [...new Set([samples[0], ...pairs, period])].filter((sample) => sample != null);
}

/** Every sample of a probe, each once. */
export function everySample({ samples, recent, burns, period }: Probe): readonly Sample[] {
  const pairs = burns.flatMap(({ long, short }) => [...long, ...short]);
  return [...new Set([...samples, ...(recent?.samples ?? []), ...pairs, period])].filter((sample) => sample !== null);
}

/** The longest window that is known now: events are counted over it. */
export function longestSample(probe: Probe): Sample | undefined {
  return presentSamples(probe).reduce<Sample | undefined>(
    (a, b) => (a === undefined || (b.windowMs ?? 0) > (a.windowMs ?? 0) ? b : a),
    undefined,
  );
}
