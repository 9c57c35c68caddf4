import { formatDuration } from './duration.ts';
import { childrenOf, nodesOf, type Promql, type PromqlNode, parsePromql, textOf, unwrap } from './promql.ts';
import {
  argumentsOf,
  binaryParts,
  callName,
  increasedRange,
  measuredArgument,
  selectorsUnder,
} from './promql-parts.ts';
import { splice } from './splice.ts';

/**
 * Whether a term of a count has series at all. An empty answer means that its selector has none in the window, so that
 * nothing can have happened; a number means that there are some, and that the term can be empty for another reason.
 */
export function presenceQuery(term: string, windowMs: number): string {
  const query = parsePromql(term);
  const node = unwrap(childrenOf(query.root)[0] ?? query.root);
  const body = ONE_SERIES.includes(callName(node)) ? (measuredArgument(node) ?? node) : node;
  const ranges = nodesOf(query, 'MatrixSelector');
  const calls = ranges.flatMap((range) => range.parent?.parent ?? []);
  const isNested = nodesOf(query, 'SubqueryExpr').length > 0;
  if (ranges.length === 0 || isNested) return anyOf(query, node, { window: formatDuration(windowMs), isNested });
  const spans = calls.map((call) => ({ from: call.from - body.from, to: call.to - body.from, call }));
  const joined = splice(textOf(query, body), spans, ({ call }) => newest(query, call));
  return [`count(${joined})`, ...joinedWith(query, body).map((text) => `sum(absent(${text}))`)].join(' or ');
}

/**
 * The same for a plain sum of increases, with a number that says more: the sum of what series that did not exist when
 * the window began have started with. Prometheus' increase() does not show a counter's first value, and every rollout
 * makes new series.
 */
export function birthQuery(term: string): string {
  const query = parsePromql(term);
  const root = childrenOf(query.root)[0];
  const range = root === undefined ? null : increasedRange(root);
  if (range === null) throw new RangeError(`${term} is no sum of increases`);
  const [selector = range, duration = range] = childrenOf(range);
  const first = `min_over_time(${textOf(query, range)})`;
  const before = `(${textOf(query, selector)} offset ${textOf(query, duration).trim()})`;
  return `sum(${first} unless ${before}) or 0 * count(${first})`;
}

const ONE_SERIES = ['Sum', 'Count', 'Min', 'Max', 'Group'];

/** The function's series as they are, whatever it makes of them. */
function newest(query: Promql, call: PromqlNode): string {
  const range = argumentsOf(call).find((each) => unwrap(each).name === 'MatrixSelector');
  return range === undefined ? textOf(query, call) : `last_over_time(${textOf(query, range)})`;
}

/** Selectors without a range, except those that only take something away. */
function joinedWith(query: Promql, body: PromqlNode): readonly string[] {
  const instant = selectorsUnder(body).filter((selector) => selector.parent?.name !== 'MatrixSelector');
  return [...new Set(instant.filter((selector) => !isTakenAway(selector)).map((selector) => textOf(query, selector)))];
}

function isTakenAway(selector: PromqlNode): boolean {
  for (let at: PromqlNode = selector; at.parent !== null; at = at.parent) {
    const parts = binaryParts(at.parent);
    if (parts?.operator === 'Unless' && parts.right.from === at.from) return true;
  }
  return false;
}

/** Any series of any selector, each over its own range or, within a subquery, over the whole window. */
function anyOf(query: Promql, node: PromqlNode, over: { readonly window: string; readonly isNested: boolean }): string {
  const ranges = selectorsUnder(node).map((selector) => {
    const own = !over.isNested && selector.parent?.name === 'MatrixSelector' ? selector.parent : null;
    return own === null ? `${textOf(query, selector)}[${over.window}]` : textOf(query, own);
  });
  return `count(${[...new Set(ranges)].map((range) => `last_over_time(${range})`).join(' or ')})`;
}
