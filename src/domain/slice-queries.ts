import { formatDuration } from './duration.ts';
import { msOf } from './instant.ts';
import type { Slices } from './rule.ts';
import { allowedShare } from './slo.ts';

export type CountedPart = 'bad' | 'good' | 'total';

/** True for what is counted in slices. */
export function isCounted(part: string): part is CountedPart {
  return part === 'bad' || part === 'good' || part === 'total';
}

/** The counts of an indicator, each over one slice: `total`, and either `bad` or `good`. */
export interface SliceCounts {
  readonly bad?: readonly SliceTerm[];
  readonly good?: readonly SliceTerm[];
  readonly total: readonly SliceTerm[];
}

/** One term of a count, filled for the length of a slice. */
export interface SliceTerm {
  readonly query: string;
  readonly scale: number;
  /** Has a value where the term has series; null where its absence is never zero. */
  readonly presence: string | null;
}

/**
 * From counts of events in one slice to counts of slices, as OpenSLO v1 means its two methods: with a
 * target a slice is bad when its share of good events lies below it (Timeslices), without one each
 * slice counts by its share of bad events (RatioTimeslices). Slices lie on whole multiples of their
 * length. One in which nothing happened, or whose good or bad events are not known, is in neither count.
 */
export function sliceQuery(
  part: CountedPart,
  counts: SliceCounts,
  { window, target }: Slices,
  windowMs: number,
): string {
  const bad = badShareOf(counts);
  const over = rangeOf(window, windowMs);
  if (part === 'total') return `count_over_time((${bad})${over})`;
  if (target === undefined) return `sum_over_time((${part === 'bad' ? bad : `1 - ${bad}`})${over})`;
  const compare = part === 'bad' ? '>' : '<=';
  return `sum_over_time((${bad} ${compare} bool ${allowedShare(target)})${over})`;
}

/** How many slices had events of which it is not known how many were bad. */
export function unknownSlicesQuery(counts: SliceCounts, { window }: Slices, windowMs: number): string {
  return `count_over_time((${someOf(counts)} unless on () ${badShareOf(counts)})${rangeOf(window, windowMs)})`;
}

/** A second less, so that the slice that ends where the window begins is not in it. */
function rangeOf(window: string, windowMs: number): string {
  return `[${formatDuration(Math.max(EDGE_MS, windowMs - EDGE_MS))}:${window}]`;
}

/** How many slices end within the window, with events or without. */
export function slicesWithin(at: string, windowMs: number, sliceMs: number): number {
  const first = Math.ceil((msOf(at) - windowMs + EDGE_MS) / sliceMs);
  return Math.max(0, Math.floor(msOf(at) / sliceMs) - first + 1);
}

const EDGE_MS = 1000;

/** Between parentheses. */
function badShareOf({ bad, good, total }: SliceCounts): string {
  const some = someOf({ total });
  if (good !== undefined) return `(1 - ${countOf(good, anyOf(good))} / ${some})`;
  return `(${countOf(bad ?? [], totalOf(total))} / ${some})`;
}

function someOf({ total }: Pick<SliceCounts, 'total'>): string {
  return `(${totalOf(total)} > 0)`;
}

function totalOf(total: readonly SliceTerm[]): string {
  return countOf(total, anyOf(total));
}

/** Something beside which an absent term is zero: any of the terms. */
function anyOf(terms: readonly SliceTerm[]): string {
  return `(${terms.map(({ query }) => `(${query})`).join(' or ')})`;
}

/** The terms added up. Where one is absent beside `something` and has no series either, it is zero. */
function countOf(terms: readonly SliceTerm[], something: string): string {
  const filled = terms.map(({ query, scale, presence }) => {
    const value = presence === null ? `(${query})` : `((${query}) or 0 * ${something} unless on () ${presence})`;
    return scale === 1 ? value : `${scale} * ${value}`;
  });
  return `(${filled.join(' + ')})`;
}
