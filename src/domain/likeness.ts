import { canonicalJson } from './audit/canonical.ts';
import type { Decision } from './decision.ts';
import { parseDuration } from './duration.ts';
import type { Question } from './facts.ts';
import type { Finding } from './finding.ts';

/** What is compared of a decision. */
export interface Comparable {
  readonly question: Question;
  readonly decision: Decision;
  readonly policyVersion: string;
}

/**
 * What two holds have in common when one is the other told again: the same question, under the same
 * policy, with the same findings, times and counts apart. Equal texts are alike.
 */
export function likenessOf({ question, decision, policyVersion }: Comparable): string {
  const { verdict, live, rollback, findings } = decision;
  return canonicalJson({ question, policyVersion, verdict, live, rollback, findings: findings.map(timeless) });
}

function timeless({ clearsAt, evidence, ...rest }: Finding): unknown {
  return { ...rest, clearsAt: clearsAt !== undefined, evidence: withoutCounts(evidence, '') };
}

/** Names may look like numbers, so what says who or which is compared as it is. */
const NAMES = new Set(['id', 'by', 'name', 'freeze', 'occupant', 'decision', 'fixed', 'stated', 'askers', 'rules']);
/** Follow from the policy and the question, except for the length of a window. */
const QUERIES = new Set(['query', 'queries']);

function withoutCounts(value: unknown, key: string): unknown {
  if (QUERIES.has(key)) return null;
  if (typeof value === 'string') return NAMES.has(key) ? value : withoutCount(value);
  if (typeof value === 'number') return '#';
  if (Array.isArray(value)) return value.map((inner) => withoutCounts(inner, key));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutCounts(inner, name)]));
}

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const NUMBER = /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i;

/** All counts, instants and durations begin so, and hardly anything else does. */
const MAYBE = /^[-\d]/;

function withoutCount(text: string): string {
  if (!MAYBE.test(text)) return text;
  if (NUMBER.test(text)) return '#';
  return INSTANT.test(text) || parseDuration(text) !== null ? '@' : text;
}
