import { childrenOf, type Promql, type PromqlNode, textOf, unwrap } from './promql.ts';
import {
  argumentsOf,
  binaryParts,
  callName,
  hasSeries,
  increasedRange,
  isComparison,
  isMinus,
  isOverAll,
  isZero,
  measuredArgument,
  numberIn,
} from './promql-parts.ts';

/**
 * A count as the sum of its terms. In PromQL `a + b` and `a - b` are empty as soon as one side is, so an empty answer
 * to the whole cannot tell "nothing happened" from "one of them is missing". Term by term it can.
 */
export interface CountTerm {
  /** The term as a query of its own, placeholders and all. */
  readonly text: string;
  /** What it is multiplied by; below zero where it is subtracted. */
  readonly scale: number;
  /** `operand`: on either side of a difference; `other`: empty for reasons of its own. Neither is zero when it is absent. */
  readonly kind: 'addend' | 'operand' | 'other';
  /** True where the query itself says `or vector(0)`, which is left out of the text: an absence is judged, not hidden. */
  readonly statesZero: boolean;
  /** True for `sum(increase(selector[range]))`, of which the first values of new series can be asked for. */
  readonly isPlain: boolean;
}

/** The terms of a count in the order of its text; the whole as one where it is no sum of series without labels. */
export function countTerms(query: Promql): readonly CountTerm[] {
  const [root] = childrenOf(query.root);
  if (root === undefined) return [];
  const terms = termsOf(query, root, { scale: 1, kind: 'addend', statesZero: false });
  const [only] = terms ?? [];
  if (terms !== null && only !== undefined) {
    if (terms.length > 1 && terms.every(({ hasLabels }) => !hasLabels)) return terms.map(withoutLabels);
    if (terms.length === 1) return [withoutLabels(isWhole(query, root, only) ? { ...only, text: query.text } : only)];
  }
  const stated = withoutZero(query, root);
  return [{ text: textOf(query, stated), scale: 1, kind: 'other', statesZero: stated !== root, isPlain: false }];
}

type Around = Omit<CountTerm, 'text' | 'isPlain'>;
interface Found extends CountTerm {
  readonly hasLabels: boolean;
}

function withoutLabels({ hasLabels: _, ...term }: Found): CountTerm {
  return term;
}

/** The whole query is asked as its author wrote it, parentheses and all. */
function isWhole(query: Promql, root: PromqlNode, { text }: CountTerm): boolean {
  return textOf(query, unwrap(root)) === text;
}

function withoutZero(query: Promql, wrapped: PromqlNode): PromqlNode {
  const parts = binaryParts(unwrap(wrapped));
  return parts?.operator === 'Or' && isZero(query, parts.right) ? withoutZero(query, parts.left) : wrapped;
}

function termsOf(query: Promql, wrapped: PromqlNode, around: Around): readonly Found[] | null {
  const node = unwrap(wrapped);
  if (isZero(query, node)) return [];
  if (node.name === 'UnaryExpr') {
    const inner = childrenOf(node).at(-1) ?? node;
    return termsOf(query, inner, isMinus(query, node) ? subtracted(around) : around);
  }
  const parts = binaryParts(node);
  if (parts === null) return termAt(query, node, around);
  const { left, operator, right } = parts;
  switch (operator) {
    case 'Add':
      return both(termsOf(query, left, around), termsOf(query, right, around));
    case 'Sub':
      if (isZero(query, right)) return termsOf(query, left, around);
      return both(termsOf(query, left, { ...around, kind: 'operand' }), termsOf(query, right, subtracted(around)));
    case 'Or':
      if (isZero(query, right)) return termsOf(query, left, { ...around, statesZero: true });
      return termAt(query, node, around);
    case 'Mul':
    case 'Div':
      return scaled(query, node, around);
    default:
      return termAt(query, node, around);
  }
}

function subtracted(around: Around): Around {
  return { ...around, scale: -around.scale, kind: 'operand' };
}

function both(left: readonly Found[] | null, right: readonly Found[] | null): readonly Found[] | null {
  return left === null || right === null ? null : [...left, ...right];
}

function scaled(query: Promql, node: PromqlNode, around: Around): readonly Found[] | null {
  const parts = binaryParts(node);
  if (parts === null) return null;
  const [before, behind] = [numberIn(query, parts.left), numberIn(query, parts.right)];
  const by = parts.operator === 'Div' ? 1 / (behind ?? 0) : (behind ?? before);
  if (by === null || !Number.isFinite(by)) return parts.operator === 'Div' ? null : termAt(query, node, around);
  const scale = around.scale * by;
  const kind = by < 0 ? 'operand' : around.kind;
  return termsOf(query, behind === null ? parts.right : parts.left, { ...around, scale, kind });
}

/** What is added up: an aggregation, or a single series. `sum(x or vector(0))` states the zero of its whole. */
function termAt(query: Promql, node: PromqlNode, around: Around): readonly Found[] | null {
  if (!hasSeries(node)) return null;
  const kind = around.kind === 'addend' && mayFilter(node) ? 'other' : around.kind;
  const inner = callName(node) === 'Sum' && isOverAll(node) ? measuredArgument(node) : undefined;
  const stated = inner === undefined ? undefined : withoutZero(query, inner);
  if (stated === undefined || stated === inner) {
    const isPlain = increasedRange(node) !== null;
    return [{ ...around, kind, text: textOf(query, node), isPlain, hasLabels: !hasNoLabels(node) }];
  }
  const isPlain = increasedRange(stated) !== null;
  return [{ ...around, kind, text: `sum(${textOf(query, stated)})`, statesZero: true, isPlain, hasLabels: false }];
}

/** True for what can be empty although its series are there: a filter, or series that are paired for a difference. */
function mayFilter(node: PromqlNode): boolean {
  let found = false;
  node.cursor().iterate((each) => {
    const parts = binaryParts(each.node);
    if (parts === null) return;
    if (parts.operator === 'Sub' || (isComparison(parts) && !parts.isBool)) found = true;
  });
  return found;
}

const ONE_SERIES = ['Sum', 'Count', 'Min', 'Max', 'Group'];
const KEEPING = /^(Round|Ceil|Floor|Abs|Sgn|Clamp\w*|HistogramCount|HistogramSum|(Sum|Count|Max|Min|Last)OverTime)$/;

/** True where the result is one series without labels, so that it can be added to another one. */
function hasNoLabels(wrapped: PromqlNode): boolean {
  const node = unwrap(wrapped);
  const name = callName(node);
  if (ONE_SERIES.includes(name)) return isOverAll(node);
  if (node.name === 'SubqueryExpr') return childrenOf(node).slice(0, 1).some(hasNoLabels);
  const parts = binaryParts(node);
  if (parts !== null) return (parts.isBool || parts.operator === 'Or') && hasNoLabels(parts.left);
  return KEEPING.test(name) && argumentsOf(node).slice(0, 1).some(hasNoLabels);
}
