import { childrenOf, type Promql, type PromqlNode, textOf, unwrap } from './promql.ts';
import { asCount } from './promql-as-count.ts';
import { type Counted, type Measure, NO_EVENTS, type NoCount, readCall } from './promql-count-call.ts';
import { isAlwaysOne } from './promql-join.ts';
import { type BinaryParts, binaryParts, isComparison, isZero, numberIn } from './promql-parts.ts';

/**
 * What a query counts, or why its value is no number of events. A share of two numbers that do not both count events is
 * a number all the same, and often a small one: 0.088 of 10260 looks like a release without errors. So only what is
 * known to count is taken, from the syntax tree; where the rest can be written as a count the message does so.
 */
export function countOf(query: Promql): { readonly measure: Measure } | { readonly uncountable: string } {
  const [root] = childrenOf(query.root);
  const counted = root === undefined ? [] : read(query, root);
  const measure = 'what' in counted ? counted : oneMeasure(counted);
  if (!('what' in measure)) return { measure };
  const instead = measure.instead ?? `write ${root === undefined ? NO_EVENTS : asCount(query, root)}`;
  return { uncountable: `a ratio needs counts, and ${measure.what}: ${instead}` };
}

/** True where two scales are the same number, however it was calculated. */
export function isSameScale(one: Measure, other: Measure): boolean {
  return Math.abs(one.scale - other.scale) <= 1e-9 * Math.max(one.scale, other.scale);
}

function oneMeasure(measures: readonly Measure[]): Measure | NoCount {
  const [first] = measures;
  if (first === undefined) return { what: 'this is 0 whatever happens', instead: `write ${NO_EVENTS}` };
  const otherUnit = measures.find(({ unit }) => unit !== first.unit);
  if (otherUnit !== undefined) {
    return { what: `${first.unit} and ${otherUnit.unit} do not add up`, instead: 'count every term in the same way' };
  }
  const otherScale = measures.find((each) => !isSameScale(first, each));
  if (otherScale === undefined) return first;
  const what = `one term is scaled by ${first.scale} and another by ${otherScale.scale}`;
  return { what, instead: 'scale every term alike, or none' };
}

function read(query: Promql, wrapped: PromqlNode): Counted {
  const node = unwrap(wrapped);
  if (isZero(query, node)) return [];
  if (numberIn(query, node) !== null) return constant(textOf(query, node));
  if (node.name === 'UnaryExpr') return read(query, childrenOf(node).at(-1) ?? node);
  if (node.name === 'VectorSelector') return { what: `${textOf(query, node)} is read at one instant only` };
  const parts = binaryParts(node);
  return parts === null ? readCall(query, node, (inner) => read(query, inner)) : readOperator(query, parts);
}

function constant(text: string): NoCount {
  return { what: `${text} is a constant`, instead: 'only vector(0) may stand for no events' };
}

function readOperator(query: Promql, parts: BinaryParts): Counted {
  const { left, operator, right, isBool } = parts;
  if (isComparison(parts)) return { what: isBool ? 'bool yields 0 or 1' : 'a comparison leaves events out' };
  switch (operator) {
    case 'Add':
    case 'Sub':
      return both(read(query, left), read(query, right));
    case 'Or':
      return isZero(query, right) ? read(query, left) : alternative(query, left, right);
    case 'Mul':
      return multiplied(query, left, right);
    case 'Div':
      return divided(query, left, right);
    case 'And':
      return isAlwaysOne(query, right) ? read(query, left) : { what: 'and leaves events out' };
    case 'Unless':
      return { what: 'unless leaves events out' };
    default:
      return { what: '%, ^ and atan2 leave none' };
  }
}

function both(left: Counted, right: Counted): Counted {
  if ('what' in left) return left;
  return 'what' in right ? right : [...left, ...right];
}

/** `or` takes the right side only where the left one has nothing: a counter that stays at 0 would hide all others. */
function alternative(query: Promql, left: PromqlNode, right: PromqlNode): NoCount {
  const [first, last] = [textOf(query, left), textOf(query, right)];
  if (isZero(query, left))
    return { what: `with ${first} first nothing else is ever read`, instead: `write ${last} or ${first}` };
  return { what: 'or reads its right side only where the left one is absent' };
}

function multiplied(query: Promql, left: PromqlNode, right: PromqlNode): Counted {
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const by = numberIn(query, other);
    if (by !== null) return scaled(read(query, one), by);
    if (isAlwaysOne(query, other)) return read(query, one);
  }
  const instead = 'only a number, or a metric that is always 1 such as target_info, may stand beside the *';
  return { what: 'what is multiplied by a measured value is none', instead };
}

/** A share is two counts: what is divided and by what are the rule's parts, each by itself. */
function divided(query: Promql, left: PromqlNode, right: PromqlNode): Counted {
  const by = numberIn(query, right);
  if (by === 0) return { what: 'a division by 0 leaves none' };
  if (by !== null) return scaled(read(query, left), 1 / by);
  if (numberIn(query, left) !== null)
    return { what: 'a number divided by one is none', instead: `write ${asCount(query, right)}` };
  const parts = `${asCount(query, left)} here and ${asCount(query, right)} in total`;
  return { what: 'a quotient of two is a share', instead: `the rule divides by itself, so write ${parts}` };
}

function scaled(counted: Counted, by: number): Counted {
  return 'what' in counted ? counted : counted.map(({ unit, scale }) => ({ unit, scale: scale * Math.abs(by) }));
}
