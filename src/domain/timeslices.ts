import { allowedShare, badRatio, type Events, precise } from './slo.ts';

/**
 * The two budgeting methods of OpenSLO v1 that look at slices of time instead of events. What they do
 * with a slice in which nothing happened OpenSLO leaves open: it is neither good nor bad here, so it
 * is left out of both sides and reported.
 */
export interface SliceResult {
  /** The share that counts against the budget, 0–1; null when no slice had any events. */
  readonly badShare: number | null;
  readonly counted: number;
  readonly empty: number;
}

/** Timeslices: the share of slices whose own share of good events is below `sliceTarget` (0–1]. */
export function timeslices(slices: readonly Events[], sliceTarget: number): SliceResult {
  return summarised(slices, (ratio) => (ratio > allowedShare(sliceTarget) ? 1 : 0));
}

/** RatioTimeslices: the mean of the slices' own shares of bad events, each slice weighing the same. */
export function ratioTimeslices(slices: readonly Events[]): SliceResult {
  return summarised(slices, (ratio) => ratio);
}

function summarised(slices: readonly Events[], weigh: (ratio: number) => number): SliceResult {
  const ratios = slices.flatMap((slice) => badRatio(slice) ?? []);
  const sum = ratios.reduce((all, ratio) => all + weigh(ratio), 0);
  return {
    badShare: ratios.length === 0 ? null : precise(sum / ratios.length),
    counted: ratios.length,
    empty: slices.length - ratios.length,
  };
}
