import { formatDuration } from './duration.ts';
import { msOf } from './instant.ts';
import type { Slices } from './rule.ts';
import { allowedShare } from './slo.ts';

type CountedPart = 'bad' | 'good' | 'total';

/** True for what is counted in slices. */
export function isCounted(part: string): part is CountedPart {
  return part === 'bad' || part === 'good' || part === 'total';
}

/** The filled queries of an indicator, each over one slice. */
export interface SliceTexts {
  readonly bad?: string;
  readonly good?: string;
  readonly total: string;
}

/**
 * From counts of events in one slice to counts of slices, as OpenSLO v1 means its two methods: with a
 * target a slice is bad when its share of good events lies below it (Timeslices), without one each
 * slice counts by its share of bad events (RatioTimeslices). Slices lie on whole multiples of their
 * length. One in which nothing happened, or whose good events are not known, is in neither count.
 */
export function sliceQuery(
  part: CountedPart,
  texts: SliceTexts,
  { window, target }: Slices,
  { windowMs, absentBadMeansZero }: { readonly windowMs: number; readonly absentBadMeansZero: boolean },
): string {
  const bad = badShareOf(texts, absentBadMeansZero);
  // A second less, so that the slice that ends where the window begins is not in it.
  const over = `[${formatDuration(Math.max(EDGE_MS, windowMs - EDGE_MS))}:${window}]`;
  if (part === 'total') return `count_over_time((${bad})${over})`;
  if (target === undefined) return `sum_over_time((${part === 'bad' ? bad : `1 - ${bad}`})${over})`;
  const compare = part === 'bad' ? '>' : '<=';
  return `sum_over_time((${bad} ${compare} bool ${allowedShare(target)})${over})`;
}

/** How many slices end within the window, with events or without. */
export function slicesWithin(at: string, windowMs: number, sliceMs: number): number {
  const first = Math.ceil((msOf(at) - windowMs + EDGE_MS) / sliceMs);
  return Math.max(0, Math.floor(msOf(at) / sliceMs) - first + 1);
}

const EDGE_MS = 1000;

/** Between parentheses. Where errors are absent beside traffic the second operand stands in for them. */
function badShareOf({ bad, good, total }: SliceTexts, absentBadMeansZero: boolean): string {
  const some = `((${total}) > 0)`;
  if (good !== undefined) return `(1 - (${good}) / ${some})`;
  return absentBadMeansZero ? `(((${bad}) or 0 * (${total})) / ${some})` : `((${bad}) / ${some})`;
}
