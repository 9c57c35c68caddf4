import { nodesOf, type Promql, type PromqlNode, parsePromql, textOf } from './promql.ts';
import { binaryParts, hasSeries } from './promql-parts.ts';
import { decodeString } from './promql-string.ts';
import type { RuleDocument, Scope } from './rule.ts';
import { type RuleQuery, readQueries } from './rule-queries.ts';

/**
 * What is allowed in a rule's counts but will probably not be counted as its author means: differences, which are not
 * known as soon as one side is absent, buckets that Prometheus may spell in two ways, and counters whose first value
 * nobody sees.
 */
export function countDoubts(rule: RuleDocument, scope: Scope): readonly string[] {
  const queries = readQueries(rule.indicator);
  const counts = rule.indicator.kind === 'ratio' ? queries : [];
  return [
    ...counts.flatMap((query) => shapeDoubts(query)),
    ...queries.flatMap(({ template }) => (template?.language === 'promql' ? bucketDoubts(template.text) : [])),
    ...(scope === 'service' ? [] : birthDoubts(rule, counts)),
  ];
}

function shapeDoubts({ part, template }: RuleQuery): readonly string[] {
  if (template?.language !== 'promql') return [];
  const kinds = template.terms.map(({ kind }) => kind);
  if (kinds.includes('operand')) {
    const instead =
      part === 'bad' ? 'write what is bad as a sum, or state good instead' : 'select it with matchers instead';
    return [`${part} is a difference, which is not known where one of its sides is absent, and then holds: ${instead}`];
  }
  if (kinds.includes('other')) {
    return [
      `${part} can be empty for other reasons than that nothing happened, and then holds: write it as a sum of sum(increase(selector[\${window}]))`,
    ];
  }
  return isPaired(parsePromql(template.text))
    ? [
        `${part} adds series up pair by pair, so what is absent on one side is left out of both: write sum(a) + sum(b) for sum(a + b)`,
      ]
    : [];
}

/** True where an aggregation adds vectors: each series of one side needs its like on the other. */
function isPaired(query: Promql): boolean {
  return nodesOf(query, 'BinaryExpr').some((node) => {
    const parts = binaryParts(node);
    if (parts === null || !['Add', 'Sub'].includes(parts.operator)) return false;
    return hasSeries(parts.left) && hasSeries(parts.right) && isWithin(node, 'AggregateExpr');
  });
}

function isWithin(node: PromqlNode, name: string): boolean {
  for (let at = node.parent; at !== null; at = at.parent) if (at.name === name) return true;
  return false;
}

/** Prometheus 3 writes `1.0` where version 2 wrote what the process said. */
function bucketDoubts(text: string): readonly string[] {
  const query = parsePromql(text);
  return nodesOf(query, 'UnquotedLabelMatcher').flatMap((matcher) => {
    const label = matcher.getChild('LabelName');
    const literal = matcher.getChild('StringLiteral');
    const isEqual = matcher.getChild('MatchOp')?.firstChild?.name === 'EqlSingle';
    if (!isEqual || label === null || literal === null || textOf(query, label) !== 'le') return [];
    const whole = /^(\d+)(?:\.0)?$/.exec(decodeString(textOf(query, literal)) ?? '')?.[1];
    if (whole === undefined) return [];
    return [
      `${textOf(query, matcher)} is spelt le="${whole}" by some versions of Prometheus and le="${whole}.0" by others, and selects nothing in the other: write le=~"${whole}|${whole}.0"`,
    ];
  });
}

/** Of plain sums of increases the first values are asked for; of anything else nobody can tell. */
function birthDoubts(rule: RuleDocument, counts: readonly RuleQuery[]): readonly string[] {
  const bad = counts
    .filter(({ part }) => part !== 'total')
    .flatMap(({ template }) => (template?.language === 'promql' ? template : []));
  const isSeen = counts.some(({ part }) => part === 'bad') && rule.objective?.slices === undefined;
  const unseen = bad.filter(
    ({ text, terms }) => /\b(increase|rate)\b/.test(text) && !(isSeen && terms.every(({ isPlain }) => isPlain)),
  );
  if (unseen.length === 0) return [];
  return [
    'what a new series begins with is not counted here: export every counter at 0 before its first event, for example by touching each label set when the process starts',
  ];
}
