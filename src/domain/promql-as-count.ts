import { childrenOf, type Promql, type PromqlNode, textOf, unwrap } from './promql.ts';
import {
  argumentsOf,
  binaryParts,
  callName,
  isComparison,
  isZero,
  measuredArgument,
  numberIn,
} from './promql-parts.ts';
import { splice } from './splice.ts';

/**
 * The query as a count over the window, as far as it can be written as one: rates become increases, averages
 * become sums, and whatever only scales, rounds or filters them is left out. For messages only; nothing is judged by it.
 */
export function asCount(query: Promql, wrapped: PromqlNode): string {
  const node = unwrap(wrapped);
  const name = callName(node);
  if (node.name === 'VectorSelector') return `increase(${textOf(query, node)}[\${window}])`;
  if (name === 'Scalar' || name === 'Vector' || SHAPING.test(name))
    return asCount(query, measuredArgument(node) ?? node);
  if (name in COUNTED) return overWindow(query, node, COUNTED[name] ?? '');
  const kept = vectorSide(query, node);
  if (kept !== null) return asCount(query, kept);
  if (binaryParts(node)?.operator === 'Or') return sumOfBoth(query, node);
  if (ADDED.test(name)) return `sum(${asCount(query, measuredArgument(node) ?? node)})`;
  return rewritten(query, node, name);
}

const SHAPING = /^(Clamp|ClampMin|ClampMax|Round|Ceil|Floor|Abs|Sgn)$/;
const ADDED = /^(Topk|Bottomk|Limitk|LimitRatio|CountValues)$/;
const SUMMED = ['Avg', 'Count', 'Group', 'Min', 'Max'];
/** The functions of ranges that count, or that stand where one that counts is meant. */
const COUNTED: Readonly<Record<string, string>> = {
  Increase: 'increase',
  Rate: 'increase',
  Irate: 'increase',
  Deriv: 'increase',
  Changes: 'increase',
  Resets: 'increase',
  Idelta: 'increase',
  Delta: 'delta',
  SumOverTime: 'sum_over_time',
  AvgOverTime: 'sum_over_time',
  CountOverTime: 'count_over_time',
};

/** The series of the range, over the window instead of over its own range. */
function overWindow(query: Promql, call: PromqlNode, counting: string): string {
  const [range] = argumentsOf(call).map(unwrap);
  const inner = range === undefined ? undefined : childrenOf(range)[0];
  if (range === undefined || inner === undefined) return `${counting}(…[\${window}])`;
  return range.name === 'SubqueryExpr' ? asCount(query, inner) : `${counting}(${textOf(query, inner)}[\${window}])`;
}

/** What is scaled by a number, compared, filtered, or put to zero where it is absent. */
function vectorSide(query: Promql, node: PromqlNode): PromqlNode | null {
  const parts = binaryParts(node);
  if (parts === null) return null;
  const { left, operator, right } = parts;
  if (numberIn(query, left) !== null) return right;
  if (numberIn(query, right) !== null || isComparison(parts)) return left;
  if (['Div', 'Mod', 'Pow', 'Atan2', 'And', 'Unless'].includes(operator)) return left;
  if (operator !== 'Or') return null;
  if (isZero(query, right)) return left;
  return isZero(query, left) ? right : null;
}

function sumOfBoth(query: Promql, node: PromqlNode): string {
  return childrenOf(node)
    .filter((_, at, all) => at === 0 || at === all.length - 1)
    .map((side) => asCount(query, side))
    .join(' + ');
}

/** The node's text with its operands rewritten, and `sum` where series were averaged, counted or compared. */
function rewritten(query: Promql, node: PromqlNode, name: string): string {
  const parts = binaryParts(node);
  const operands = parts === null ? [measuredArgument(node)] : [parts.left, parts.right];
  const aggregation = SUMMED.includes(name) ? node.getChild('AggregateOp') : null;
  const spans = [
    ...(aggregation === null ? [] : [{ from: aggregation.from, to: aggregation.to, text: 'sum' }]),
    ...operands.flatMap((each) =>
      each === undefined || (each.from === node.from && each.to === node.to)
        ? []
        : [{ from: each.from, to: each.to, text: asCount(query, each) }],
    ),
  ].map(({ from, to, text }) => ({ from: from - node.from, to: to - node.from, text }));
  return splice(textOf(query, node), spans, ({ text }) => text);
}
