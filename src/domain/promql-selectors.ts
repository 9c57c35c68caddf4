import { formatDuration, parseDuration } from './duration.ts';
import { kept } from './kept.ts';
import { nodesOf, parsePromql, textOf } from './promql.ts';

/**
 * What Prometheus looks back for an instant selector: an older sample is invisible. Source: the
 * default of `--query.lookback-delta`.
 */
export const LOOKBACK_MS = 5 * 60_000;

/** What is looked at in filled queries; the same ones come again with every ask of the same release. */
export const outlineOf = kept((query: string): { readonly shape: string; readonly selectors: readonly string[] } => {
  const parsed = parsePromql(query);
  const selectors = nodesOf(parsed, 'VectorSelector').map((node) => textOf(parsed, node));
  return { shape: parsed.shape, selectors: parsed.errorAt === null ? [...new Set(selectors)] : [] };
}, 4000);

/**
 * The distinct selectors of a filled query (metric and matchers, without range, offset and @), in the
 * order of the text. None for a query that does not parse.
 */
export function selectorsOf(query: string): readonly string[] {
  return outlineOf(query).selectors;
}

/** The distinct names of metrics in a filled query; a selector that names none in front of its braces is left out. */
export function metricsIn(query: string): readonly string[] {
  const parsed = parsePromql(query);
  if (parsed.errorAt !== null) return [];
  const names = nodesOf(parsed, 'VectorSelector').flatMap((node) => node.getChild('Identifier') ?? []);
  return [...new Set(names.map((node) => textOf(parsed, node)))];
}

/**
 * A query for the seconds since the newest sample of a selector; an empty answer means that none is
 * near. Beyond the lookback the newest sample has to be searched for: the subquery sees it up to
 * `maxAgeMs` plus the lookback ago. Its steps lie on whole minutes, so a sample of the last minute is
 * asked for directly.
 */
export function ageQuery(selector: string, maxAgeMs: number): string {
  const newest = `max(timestamp(${selector}))`;
  if (maxAgeMs <= LOOKBACK_MS) return `time() - ${newest}`;
  const range = formatDuration(Math.ceil(maxAgeMs / 1000) * 1000);
  return `time() - (${newest} or max(max_over_time(timestamp(${selector})[${range}:1m])))`;
}

/** A query for the seconds between two samples of a selector, of the series in which they are furthest apart. */
export function distanceQuery(selector: string, spanMs: number): string {
  return `max(${stepOf(selector, spanMs)})`;
}

/**
 * An expression for the seconds between two samples, for each series: from the newest sample before
 * the span to the newest one of all, through the number of steps between them. Nothing for a series
 * that is not as old as the span. The count leaves out a sample that lies exactly where the span begins,
 * as Prometheus 3 does and Prometheus 2 does not.
 */
export function stepOf(selector: string, spanMs: number): string {
  const [span, steps] = [formatDuration(spanMs), formatDuration(spanMs - 1)];
  return `(timestamp(${selector}) - timestamp(${selector} offset ${span})) / count_over_time(${selector}[${steps}])`;
}

/**
 * How far back the ranges, subqueries and offsets that stand in a query's text can make it look, in
 * milliseconds: never less than it does, since nested ones are added up and a string counts as well.
 */
export function literalReachMs(text: string): number {
  const found = text.matchAll(/\[\s*(\w+)|offset\s+(\w+)/g);
  return [...found].reduce((sum, [, range, offset]) => sum + (parseDuration(range ?? offset ?? '') ?? 0), 0);
}
