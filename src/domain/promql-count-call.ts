import { childrenOf, type Promql, type PromqlNode, textOf, unwrap } from './promql.ts';
import { binaryParts, callName, hasSeries, isComparison, measuredArgument } from './promql-parts.ts';

/** In what a query counts, and what the number is multiplied by. Two counts can be compared where both are the same. */
export interface Measure {
  readonly unit: string;
  /** Above zero: a difference has the measure of its sides. */
  readonly scale: number;
}

/** Why something is no count. */
export interface NoCount {
  readonly what: string;
  /** What to do where the query cannot be written as a count. */
  readonly instead?: string;
}

/** The measures of all that is added up; none where it is zero. */
export type Counted = readonly Measure[] | NoCount;

export const NO_EVENTS = 'sum(increase(selector[${window}]))';
export const SAMPLES = 'samples';
export const VALUES = 'values of samples';
const UNITS: Readonly<Record<string, string>> = {
  Increase: 'increases',
  Delta: 'increases',
  SumOverTime: VALUES,
  CountOverTime: SAMPLES,
};

const KEEPING = ['Sum', 'LabelReplace', 'LabelJoin', 'HistogramCount'];
const PER_SECOND = /^(Rate|Irate|Deriv)$/;
const AVERAGES = /^(Avg|AvgOverTime)$/;
const SERIES = /^(Count|CountValues|Group|Min|Max|Topk|Bottomk|Limitk|LimitRatio)$/;
const SHAPING = /^(Sgn|Round|Ceil|Floor|Abs|Clamp\w*)$/;
const STEPS = /^(Changes|Resets|Idelta)$/;

/** What a function or an aggregation counts; `read` reads what stands in it. */
export function readCall(query: Promql, node: PromqlNode, read: (inner: PromqlNode) => Counted): Counted {
  const name = callName(node);
  const argument = measuredArgument(node);
  if (argument === undefined) return none(query, node);
  if (KEEPING.includes(name)) return read(argument);
  if (SHAPING.test(name)) return faultIn(read(argument)) ?? none(query, node);
  if (UNITS[name] !== undefined) return readRange(query, node, unwrap(argument));
  if (name !== 'Vector') return none(query, node);
  if (hasSeries(argument)) return read(argument);
  return { what: `${textOf(query, node)} is a constant`, instead: 'only vector(0) may stand for no events' };
}

function faultIn(counted: Counted): NoCount | null {
  return 'what' in counted ? counted : null;
}

function none(query: Promql, node: PromqlNode): NoCount {
  const name = callName(node);
  const written = `${textOf(query, node).split(/[\s(]/)[0]}()`;
  if (PER_SECOND.test(name)) return { what: `${written} is per second` };
  if (AVERAGES.test(name)) return { what: `${written} is an average` };
  if (SERIES.test(name)) return { what: `${written} does not add the events of all series up` };
  if (SHAPING.test(name)) return { what: `${written} changes the number` };
  if (STEPS.test(name)) return { what: `${written} tells how a counter moves and not by how much` };
  if (name === 'Scalar') return { what: 'scalar() turns an absence into NaN' };
  const instead = 'judge it by an indicator of kind threshold, or count the events beyond a bound';
  return { what: `${written} counts nothing`, instead };
}

/** A range on the way to the value is the window itself: any other counts the events of another time. */
function readRange(query: Promql, call: PromqlNode, range: PromqlNode): Counted {
  const name = callName(call);
  const [inner, , step] = childrenOf(range);
  if (inner === undefined) return none(query, call);
  const brackets = query.text.slice(inner.to, range.to);
  if (!/^\s*\[\s*\$\{window\}\s*[\]:]/.test(brackets)) {
    return { what: `${brackets.trim()} is not the window that is judged` };
  }
  if (range.name === 'MatrixSelector') return [{ unit: UNITS[name] ?? '', scale: 1 }];
  if (!isSlices(name, unwrap(inner))) return { what: `${textOf(query, call).split('(')[0]}() of a subquery is none` };
  return [{ unit: `slices of ${step === undefined ? 'time' : textOf(query, step)}`, scale: 1 }];
}

/** Slices of time, those with something or those beyond a bound. */
function isSlices(name: string, inner: PromqlNode): boolean {
  if (name === 'CountOverTime') return hasSeries(inner);
  const parts = name === 'SumOverTime' ? binaryParts(inner) : null;
  return parts !== null && isComparison(parts) && parts.isBool;
}
