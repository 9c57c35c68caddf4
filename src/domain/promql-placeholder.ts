import { type Promql, type PromqlNode, placeIn, textOf } from './promql.ts';

/** Where `${name}` stands in a query, from the `$` to behind the `}`. */
export interface Placeholder {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const LABEL_RULE = 'it may only be a whole double-quoted label value in an = or != matcher';
const WINDOW_RULE = `it may only be a range duration such as [\${window}]`;

/** Why a placeholder may not stand where it stands, or null. */
export function placementError(query: Promql, at: Placeholder): string | null {
  const wrong = at.name === 'window' ? wrongWindow(query, at) : wrongLabelValue(query, at);
  if (wrong === null) return null;
  const rule = at.name === 'window' ? WINDOW_RULE : LABEL_RULE;
  return `\${${at.name}} stands ${wrong} (${placeIn(query.text, at.from)}): ${rule}`;
}

/** What a value replaces: the literal with its quotes, or the placeholder itself for a duration. */
export function replacedSpan(query: Promql, at: Placeholder): { from: number; to: number; negated: boolean } {
  if (at.name === 'window') return { from: at.from, to: at.to, negated: false };
  const literal = query.root.resolveInner(at.from, 1);
  return {
    from: literal.from,
    to: literal.to,
    negated: literal.parent?.getChild('MatchOp')?.firstChild?.name === 'Neq',
  };
}

/**
 * Only directly inside the brackets of a selector or a subquery, as the whole duration: an arithmetic
 * expression around it would make the window something else than the one that is recorded.
 */
function wrongWindow(query: Promql, at: Placeholder): string | null {
  const node = query.root.resolveInner(at.from + 1, 1);
  if (node.name === 'StringLiteral') return 'in a string';
  if (node.name !== 'NumberDurationLiteralInDurationContext') return describe(node);
  const duration = node.parent;
  if (duration?.name !== 'DurationExpr') return describe(node);
  const range = duration.parent;
  if (range?.name === 'MatrixSelector') return null;
  if (range?.name !== 'SubqueryExpr') return 'in a calculation';
  return range.getChildren('DurationExpr')[0]?.from === duration.from ? null : 'as the step of a subquery';
}

/**
 * Single quotes and backticks are refused although the value replaces the whole literal: one way to
 * write it means that what an author reads is what is sent.
 */
function wrongLabelValue(query: Promql, at: Placeholder): string | null {
  const node = query.root.resolveInner(at.from, 1);
  const matcher = node.parent;
  if (node.name !== 'StringLiteral') return describe(node);
  if (matcher?.name === 'QuotedLabelName') return 'in the name of a metric or label';
  if (matcher?.name !== 'UnquotedLabelMatcher' && matcher?.name !== 'QuotedLabelMatcher') return describe(node);
  const operator = matcher.getChild('MatchOp')?.firstChild?.name ?? '';
  if (operator === 'EqlRegex' || operator === 'NeqRegex') return 'in a regular expression';
  if (operator !== 'EqlSingle' && operator !== 'Neq') return describe(node);
  if (node.from !== at.from - 1 || node.to !== at.to + 1) return 'in a part of a string';
  if (query.text[node.from] !== '"') return 'in single quotes or backticks';
  if (/^["'`]?__name__["'`]?$/.test(textOf(query, matcher.firstChild ?? node))) return 'in the name of a metric';
  return null;
}

const PLACES: Readonly<Record<string, string>> = {
  LineComment: 'in a comment',
  StringLiteral: 'in a string that is no label value',
  NumberDurationLiteral: 'as a number',
  OffsetDurationExpr: 'in an offset',
  GroupingLabels: 'in a list of labels',
  UnquotedLabelMatcher: 'in the name of a label',
  QuotedLabelMatcher: 'in the name of a label',
  VectorSelector: 'in the name of a metric',
  FunctionIdentifier: 'in the name of a function',
};

function describe(node: PromqlNode): string {
  for (let at: PromqlNode | null = node; at !== null; at = at.parent) {
    if (at.type.isError) return 'where no value can stand';
    const place = PLACES[at.name];
    if (place !== undefined) return place;
  }
  return 'where no value can stand';
}
