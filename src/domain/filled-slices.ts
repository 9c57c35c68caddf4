import { absentIsZero } from './asked-terms.ts';
import { durationMs } from './duration.ts';
import type { CountTerm } from './promql-terms.ts';
import { parseQuery } from './query-template.ts';
import { queriesOf, type RuleDocument, type Slices } from './rule.ts';
import { presenceQuery } from './series-query.ts';
import {
  type CountedPart,
  isCounted,
  type SliceCounts,
  type SliceTerm,
  sliceQuery,
  unknownSlicesQuery,
} from './slice-queries.ts';

/** A template with its values put in for a window of this length, or why that cannot be. */
export type Fill = (
  template: string,
  windowMs: number | null,
) => { readonly query: string } | { readonly error: string };

/** What is sent. */
export interface FilledQuery {
  readonly query: string;
  /** The rule's own query in it, which names what is read. */
  readonly plain: string;
  /** What is asked beside it about its series; null where nothing depends on that. */
  readonly series: string | null;
}

/** The query of one part over slices of time, and beside `bad` or `good` the one for slices that are left out of it. */
export function filledSlices(
  rule: RuleDocument,
  slices: Slices,
  part: CountedPart,
  { windowMs, fill }: { readonly windowMs: number; readonly fill: Fill },
): FilledQuery | { readonly error: string } {
  const sliceMs = durationMs(slices.window);
  const counts: Partial<Record<CountedPart, readonly SliceTerm[]>> = {};
  let plain = '';
  for (const { part: each, text } of queriesOf(rule.indicator)) {
    const [whole, terms] = [fill(text, sliceMs), termsOf(text)];
    if ('error' in whole) return whole;
    if ('error' in terms) return terms;
    if (each === part) plain = whole.query;
    if (!isCounted(each)) continue;
    const isZero = (term: CountTerm) => absentIsZero(rule, each, term, terms.length);
    counts[each] = terms.map((term) => filledTerm(term, { sliceMs, fill, isZero: isZero(term) }));
  }
  const all: SliceCounts = { total: [], ...counts };
  const series = part === 'total' ? null : unknownSlicesQuery(all, slices, windowMs);
  return { query: sliceQuery(part, all, slices, windowMs), plain, series };
}

function termsOf(text: string): readonly CountTerm[] | { readonly error: string } {
  const parsed = parseQuery(text);
  if ('error' in parsed) return parsed;
  return parsed.language === 'promql'
    ? parsed.terms
    : { error: 'only counts in PromQL can be put together slice by slice' };
}

/** A template that could be filled as a whole can be filled term by term. */
function filledTerm(
  { text, scale }: CountTerm,
  { sliceMs, fill, isZero }: { readonly sliceMs: number; readonly fill: Fill; readonly isZero: boolean },
): SliceTerm {
  const filled = fill(text, sliceMs);
  const query = 'error' in filled ? '' : filled.query;
  return { query, scale, presence: isZero ? presenceQuery(query, sliceMs) : null };
}
