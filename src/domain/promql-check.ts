import { isWrapper, nodesOf, type Promql, type PromqlNode, placeIn, textOf, unwrap } from './promql.ts';
import { argumentsOf } from './promql-parts.ts';
import { decodeString } from './promql-string.ts';

/**
 * What Prometheus refuses but its grammar accepts, as far as it can be told without a server: broken
 * escapes, text that its lexer reads differently, ranges where none belong. A rule that is refused
 * when it is saved costs nothing; one that is refused in a rollout holds it.
 */
export function findMistake(query: Promql): string | null {
  return notAscii(query) ?? badString(query) ?? badRange(query);
}

const RANGES = ['MatrixSelector', 'SubqueryExpr'];
const RANGE_FUNCTIONS =
  /^(Rate|Irate|Increase|Delta|Idelta|Deriv|Changes|Resets|PredictLinear|DoubleExponentialSmoothing|\w+OverTime)$/;

/** The grammar takes any Unicode space for a space, Prometheus does not. */
function notAscii(query: Promql): string | null {
  const inside = nodesOf(query, 'StringLiteral', 'LineComment');
  for (const { index } of query.text.matchAll(/[^\n\t\x20-\x7e]/g)) {
    if (inside.some((node) => node.from <= index && index < node.to)) continue;
    return `only ASCII may stand outside of strings (${placeIn(query.text, index)})`;
  }
  return null;
}

function badString(query: Promql): string | null {
  for (const node of nodesOf(query, 'StringLiteral')) {
    const where = placeIn(query.text, node.from);
    if (decodeString(textOf(query, node)) === null) {
      return `the string ${textOf(query, node)} is not closed or has an escape that PromQL does not know (${where})`;
    }
    if (!isMatcherOrArgument(node)) return `a string may only be a label value or an argument (${where})`;
  }
  return null;
}

function isMatcherOrArgument(node: PromqlNode): boolean {
  const parent = node.parent?.name ?? '';
  return ['UnquotedLabelMatcher', 'QuotedLabelMatcher', 'QuotedLabelName', 'FunctionCallBody'].includes(parent);
}

function badRange(query: Promql): string | null {
  for (const range of nodesOf(query, ...RANGES)) {
    const where = placeIn(query.text, range.from);
    if (range.name === 'MatrixSelector' && range.firstChild?.name !== 'VectorSelector') {
      return `a range needs a plain selector before it; for an expression write a subquery such as [5m:1m] (${where})`;
    }
    if (!isRangeArgument(range)) {
      return `${textOf(query, range)} is a range: only functions such as increase() take one (${where})`;
    }
  }
  for (const call of nodesOf(query, 'FunctionCall')) {
    if (takesRange(call) && !argumentsOf(call).some((argument) => RANGES.includes(unwrap(argument).name))) {
      const name = call.firstChild === null ? 'this function' : textOf(query, call.firstChild);
      return `${name}() needs a range such as [\${window}] (${placeIn(query.text, call.from)})`;
    }
  }
  return null;
}

function isRangeArgument(range: PromqlNode): boolean {
  let node: PromqlNode | null = range.parent;
  while (node !== null && isWrapper(node)) node = node.parent;
  const call = node?.name === 'FunctionCallBody' ? node.parent : null;
  return call !== null && takesRange(call);
}

function takesRange(call: PromqlNode): boolean {
  const identifier = call.name === 'FunctionCall' ? call.firstChild?.firstChild : null;
  return RANGE_FUNCTIONS.test(identifier?.name ?? '');
}
