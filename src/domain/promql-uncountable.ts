import { childrenOf, type Promql, type PromqlNode, textOf, unwrap } from './promql.ts';
import { asCount } from './promql-as-count.ts';
import { argumentsOf, binaryParts, callName, hasSeries, isZero, numberIn } from './promql-parts.ts';

/**
 * Why the value of a query is no number of events; null when it can be one. A share of two numbers that do not
 * both count events is a number all the same, and often a small one: 0.088 of 10260 looks like a release without
 * errors. It is decided from the syntax tree, and where the query can be written as a count the message does so.
 */
export function whyNoCount(query: Promql): string | null {
  const [root] = childrenOf(query.root);
  const fault = root === undefined ? null : faultIn(query, root);
  if (fault === null || root === undefined) return null;
  const { what, instead } = fault;
  return `a ratio needs counts, and ${what}: ${instead ?? `write ${asCount(query, root)}`}`;
}

interface Fault {
  readonly what: string;
  /** What to do where the query cannot be written as a count. */
  readonly instead?: string;
}

/** Their value counts something, whatever stands in them. */
const COUNTING = ['Count', 'CountValues', 'Group', 'CountOverTime', 'PresentOverTime', 'Changes', 'Resets', 'Increase'];

function faultIn(query: Promql, wrapped: PromqlNode): Fault | null {
  const node = unwrap(wrapped);
  const name = callName(node);
  if (COUNTING.includes(name)) return null;
  return calledFault(query, node, name) ?? operatorFault(query, node) ?? firstFault(query, operandsOf(query, node));
}

function firstFault(query: Promql, nodes: readonly PromqlNode[]): Fault | null {
  for (const node of nodes) {
    const fault = faultIn(query, node);
    if (fault !== null) return fault;
  }
  return null;
}

const PER_SECOND = /^(Rate|Irate|Deriv)$/;
const AVERAGES = /^(Avg|AvgOverTime)$/;
const SHARES = /^(Quantile|QuantileOverTime|HistogramQuantile|HistogramQuantiles|HistogramFraction|HistogramAvg)$/;
const CALCULATED =
  /^(Std\w+|MadOverTime|HistogramStd\w+|PredictLinear|DoubleExponentialSmoothing|Exp|Ln|Log2|Log10|Sqrt|Deg|Rad|Pi|A?(Sin|Cos|Tan)h?|Time|Timestamp|Year|Month|Day\w+|Hour|Minute)$/;

function calledFault(query: Promql, node: PromqlNode, name: string): Fault | null {
  const written = `${textOf(query, node).split('(')[0]?.trim()}()`;
  if (PER_SECOND.test(name)) return { what: `${written} is per second` };
  if (AVERAGES.test(name)) return { what: `${written} is an average` };
  if (name === 'Scalar') return { what: 'scalar() turns an absence into NaN' };
  if (SHARES.test(name)) {
    return {
      what: `${written} counts nothing`,
      instead: 'judge it by an indicator of kind threshold, or count the events beyond a bound',
    };
  }
  if (CALCULATED.test(name))
    return { what: `${written} counts nothing`, instead: 'judge it by an indicator of kind threshold' };
  const [argument] = argumentsOf(node);
  if (name !== 'Vector' || argument === undefined || isZero(query, argument) || hasSeries(argument)) return null;
  return { what: `${textOf(query, node)} is a constant`, instead: 'only vector(0) may stand for no events' };
}

function operatorFault(query: Promql, node: PromqlNode): Fault | null {
  const parts = binaryParts(node);
  if (parts === null) return null;
  const { left, operator, right } = parts;
  if (operator === 'Div' && numberIn(query, right) === null) return divisionFault(query, left, right);
  if (operator === 'Mod' || operator === 'Pow' || operator === 'Atan2') return { what: '%, ^ and atan2 leave none' };
  if (operator === 'Or' && isZero(query, left)) {
    const [first, last] = [textOf(query, left), textOf(query, right)];
    return { what: `with ${first} first nothing else is ever read`, instead: `write ${last} or ${first}` };
  }
  return null;
}

/** A share is two counts: what is divided and by what are the rule's parts, each by itself. */
function divisionFault(query: Promql, left: PromqlNode, right: PromqlNode): Fault {
  if (numberIn(query, left) !== null)
    return { what: 'a number divided by one is none', instead: `write ${asCount(query, right)}` };
  const parts = `${asCount(query, left)} here and ${asCount(query, right)} in total`;
  return { what: 'a quotient of two is a share', instead: `the rule divides by itself, so write ${parts}` };
}

/** The nodes whose values make this one's value: not the bound of a comparison, nor what only filters. */
function operandsOf(query: Promql, node: PromqlNode): readonly PromqlNode[] {
  const parts = binaryParts(node);
  if (parts === null) {
    if (node.name === 'SubqueryExpr') return childrenOf(node).slice(0, 1);
    return node.name === 'UnaryExpr' ? childrenOf(node).slice(1) : argumentsOf(node);
  }
  const { left, operator, right, isBool } = parts;
  if (isBool) return [];
  if (['Add', 'Sub', 'Mul', 'Div', 'Or'].includes(operator)) return [left, right];
  return numberIn(query, left) === null ? [left] : [right];
}
