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
 * True when one of two holds is the other told again: the same question, under the same policy, with
 * the same findings, times and counts apart. Whatever is not plain JSON data is like nothing.
 */
export function areAlike(one: Comparable, other: Comparable): boolean {
  const { findings } = one.decision;
  return (
    one.policyVersion === other.policyVersion &&
    one.decision.verdict === other.decision.verdict &&
    same(one.question, other.question) &&
    same(one.decision.live, other.decision.live) &&
    same(one.decision.rollback, other.decision.rollback) &&
    findings.length === other.decision.findings.length &&
    findings.every((finding, i) => sameFinding(finding, other.decision.findings[i] as Finding))
  );
}

/** When one clears does not matter, but whether it is known does. */
function sameFinding(one: Finding, other: Finding): boolean {
  return haveSameFields(one, other, (name) => {
    if (name === 'clearsAt') return true;
    return same(one[name], other[name], name === 'evidence' ? sameButForCounts : null);
  });
}

type SameTexts = (one: string, other: string, key: string) => boolean;

/** Texts are the same, and where `texts` is sameButForCounts, numbers and queries may differ. Keys that are undefined are not there. */
function same(one: unknown, other: unknown, texts: SameTexts | null = null, key = ''): boolean {
  if (one === other || (texts !== null && QUERIES.has(key))) return true;
  if (typeof one !== typeof other || one === null || other === null) return false;
  if (typeof one === 'string') return texts?.(one, other as string, key) === true;
  if (typeof one === 'number') return texts !== null;
  if (typeof one !== 'object') return false;
  if (Array.isArray(one)) return Array.isArray(other) && sameItems(one, other, texts, key);
  return !Array.isArray(other) && sameFields(one as Fields, other as Fields, texts);
}

function sameItems(one: readonly unknown[], other: readonly unknown[], texts: SameTexts | null, key: string): boolean {
  return one.length === other.length && one.every((inner, i) => same(inner, other[i], texts, key));
}

type Fields = Readonly<Record<string, unknown>>;

function sameFields(one: Fields, other: Fields, texts: SameTexts | null): boolean {
  return haveSameFields(one, other, (name) => same(one[name], other[name], texts, name));
}

function haveSameFields<T extends object>(one: T, other: T, isSame: (name: keyof T) => boolean): boolean {
  const names = namesIn(one);
  return names.length === namesIn(other).length && names.every((name) => other[name] !== undefined && isSame(name));
}

function namesIn<T extends object>(fields: T): readonly (keyof T)[] {
  return (Object.keys(fields) as (keyof T)[]).filter((name) => fields[name] !== undefined);
}

/** Names may look like numbers, so what says who or which is compared as it is. */
const NAMES = new Set([
  'id',
  'by',
  'name',
  'freeze',
  'occupant',
  'decision',
  'fixed',
  'stated',
  'askers',
  'rules',
  'rule',
  'across',
]);
/** Follow from the policy and the question, except for the length of a window. */
const QUERIES = new Set(['query', 'queries', 'term', 'absent']);

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const NUMBER = /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i;

function sameButForCounts(one: string, other: string, key: string): boolean {
  return !NAMES.has(key) && kindOf(one) !== null && kindOf(one) === kindOf(other);
}

/** Null for a text that is neither a count nor a time. */
function kindOf(text: string): 'count' | 'time' | null {
  if (NUMBER.test(text)) return 'count';
  return INSTANT.test(text) || parseDuration(text) !== null ? 'time' : null;
}
