import { childrenOf, nodesOf, type Promql, type PromqlNode, textOf, unwrap } from './promql.ts';
import { argumentsOf, binaryParts, callName, isZero, measuredArgument, numberIn } from './promql-parts.ts';
import { splice } from './splice.ts';

/**
 * The query as a count over the window, as far as it can be written as one: rates become increases, averages
 * become sums, and whatever only scales or rounds them is left out. For messages only; nothing is judged by it.
 */
export function asCount(query: Promql, wrapped: PromqlNode): string {
  const node = unwrap(wrapped);
  const name = callName(node);
  if (RATES.includes(name)) return increaseOf(query, node);
  if (name === 'Scalar' || name === 'Vector' || SHAPING.test(name))
    return asCount(query, measuredArgument(node) ?? node);
  const [series] = argumentsOf(node).map(unwrap);
  if (OVER_TIME.includes(name) && series?.name === 'SubqueryExpr')
    return asCount(query, childrenOf(series)[0] ?? series);
  if (name === 'AvgOverTime' && series !== undefined) return `sum_over_time(${textOf(query, series)})`;
  const kept = vectorSide(query, node);
  if (kept !== null) return asCount(query, kept);
  return rewritten(query, node, name);
}

const RATES = ['Rate', 'Irate', 'Deriv'];
const OVER_TIME = ['SumOverTime', 'AvgOverTime'];
const SHAPING = /^(Clamp|ClampMin|ClampMax|Round|Ceil|Floor|Abs)$/;

/** The series of the rate, over the window instead of over its own range. */
function increaseOf(query: Promql, rate: PromqlNode): string {
  const [range] = argumentsOf(rate).map(unwrap);
  const inner = range === undefined ? null : childrenOf(range)[0];
  if (range?.name !== 'MatrixSelector' || inner == null) return 'increase(…[${window}])';
  return `increase(${textOf(query, inner)}[\${window}])`;
}

/** What is scaled by a number, or put to zero where it is absent. */
function vectorSide(query: Promql, node: PromqlNode): PromqlNode | null {
  const parts = binaryParts(node);
  if (parts === null) return null;
  const { left, operator, right } = parts;
  if (operator === 'Div' || operator === 'Mod') return left;
  if (operator === 'Or' && isZero(query, right)) return left;
  if (numberIn(query, right) !== null) return left;
  return numberIn(query, left) === null ? null : right;
}

/** The node's text with its operands rewritten, and `sum` where an average stood. */
function rewritten(query: Promql, node: PromqlNode, name: string): string {
  const parts = binaryParts(node);
  const operands = parts === null ? [measuredArgument(node)] : [parts.left, parts.right];
  const average = name === 'Avg' ? nodesOf(query, 'Avg').find(({ from }) => from === node.from) : undefined;
  const spans = [
    ...(average === undefined ? [] : [{ from: average.from, to: average.to, text: 'sum' }]),
    ...operands.flatMap((each) =>
      each === undefined || (each.from === node.from && each.to === node.to)
        ? []
        : [{ from: each.from, to: each.to, text: asCount(query, each) }],
    ),
  ].map(({ from, to, text }) => ({ from: from - node.from, to: to - node.from, text }));
  return splice(textOf(query, node), spans, ({ text }) => text);
}
