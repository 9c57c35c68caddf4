import { nodesOf, type Promql, type PromqlNode, placeIn, textOf } from './promql.ts';
import { decodeString } from './promql-string.ts';

interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
  readonly isPlaceholder: boolean;
}

/** Where two matchers of one selector leave no series, which looks as if nothing happened; null when there are none. */
export function contradictionIn(query: Promql): string | null {
  for (const list of nodesOf(query, 'LabelMatchers')) {
    const matchers = ['UnquotedLabelMatcher', 'QuotedLabelMatcher']
      .flatMap((name) => list.getChildren(name))
      .map((node) => matcherAt(query, node));
    for (const equal of matchers.filter(({ operator }) => operator === 'EqlSingle')) {
      if (!matchers.some((other) => isAtOdds(equal, other))) continue;
      const where = placeIn(query.text, list.from);
      return `the matchers of ${equal.label} can never match together, so nothing would be selected: keep one of them (${where})`;
    }
  }
  return null;
}

function matcherAt(query: Promql, node: PromqlNode): Matcher {
  const [label, value] = [node.firstChild ?? node, node.lastChild ?? node].map((each) => textOf(query, each));
  const operator = node.getChild('MatchOp')?.firstChild?.name ?? '';
  const isPlaceholder = /^"\$\{[\w.]+\}"$/.test(value ?? '');
  return {
    label: decodeString(label ?? '') ?? label ?? '',
    operator,
    value: decodeString(value ?? '') ?? '',
    isPlaceholder,
  };
}

/** A placeholder may have any value, so only one with itself is known to be the same. */
function isAtOdds(equal: Matcher, other: Matcher): boolean {
  if (other.label !== equal.label || other.isPlaceholder !== equal.isPlaceholder) return false;
  if (other.operator === 'Neq') return other.value === equal.value;
  return other.operator === 'EqlSingle' && !equal.isPlaceholder && other.value !== equal.value;
}
