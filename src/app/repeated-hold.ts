import { canonicalJson, sha256Hex } from '../domain/audit/canonical.ts';
import type { Question } from '../domain/facts.ts';
import { msOf } from '../domain/instant.ts';
import { areAlike, type Comparable } from '../domain/likeness.ts';
import type { DecisionBody } from './decision-record.ts';

/**
 * A pipeline that polls is told the same hold again and again. Only the first is recorded with its
 * facts; the ones like it say what was told, and name the record that has facts to judge it by.
 */
export interface RepeatedBody extends Omit<DecisionBody, 'facts'> {
  readonly question: Question;
  /** The decision of the same caller that this one is like. Its record has facts. */
  readonly repeats: string;
  /** SHA-256 of the canonical text of the facts of this decision. */
  readonly factsHash: string;
}

/** A decision as it stands in the record. */
export type RecordedBody = DecisionBody | RepeatedBody;

/** A record never refers to one that is older than this. */
const LONGEST_MS = 15 * 60_000;
/** Each takes some kilobytes. */
const MOST_KNOWN = 4000;

/** True for a record without facts of its own. */
export function isRepeated(body: RecordedBody): body is RepeatedBody {
  return !('facts' in body);
}

/** What was asked. */
export function questionIn(body: RecordedBody): Question {
  return isRepeated(body) ? body.question : body.facts.question;
}

/** True when `later` may stand for a decision like `first`: same caller, same hold, and not long after it. */
export function isLike(later: RecordedBody, first: DecisionBody): boolean {
  const sinceMs = msOf(later.at) - msOf(first.at);
  return (
    sinceMs >= 0 &&
    sinceMs <= LONGEST_MS &&
    callerOf(later) === callerOf(first) &&
    areAlike(comparable(later), comparable(first))
  );
}

/**
 * The last hold of each caller and question that was recorded with its facts. Only this process's, and
 * of a limited number: one that is not known here is merely recorded whole again. What was recorded in
 * another history of the database may not be there to be referred to.
 */
export class RecentHolds {
  readonly #known = new Map<string, { readonly id: string; readonly at: string; readonly told: Comparable }>();

  /** The short record of a decision that is like a known one, else the whole record. */
  shortened(body: DecisionBody, history: number): RecordedBody {
    if (!isPlainHold(body)) return body;
    const known = this.#known.get(keyOf(body, history));
    const sinceMs = known === undefined ? Number.POSITIVE_INFINITY : msOf(body.at) - msOf(known.at);
    if (known === undefined || sinceMs < 0 || sinceMs > LONGEST_MS) return body;
    if (!areAlike(comparable(body), known.told)) return body;
    const { facts, ...rest } = body;
    const factsHash = sha256Hex(canonicalJson(facts));
    return { ...rest, question: facts.question, repeats: known.id, factsHash };
  }

  /** What has been recorded. */
  keep(body: RecordedBody, history: number): void {
    if (isRepeated(body) || !isPlainHold(body)) return;
    const key = keyOf(body, history);
    this.#known.delete(key);
    this.#known.set(key, { id: body.id, at: body.at, told: comparable(body) });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }

  forget(): void {
    this.#known.clear();
  }
}

/** One whose facts make it: where the state kept changing, the record says so by itself. */
function isPlainHold({ verdict, decision }: DecisionBody): boolean {
  return verdict === 'hold' && decision.findings.every(({ cause }) => cause !== 'state-changed');
}

function keyOf(body: DecisionBody, history: number): string {
  return canonicalJson([history, callerOf(body), questionIn(body)]);
}

function callerOf({ caller }: RecordedBody): string {
  return JSON.stringify([caller.kind, caller.id]);
}

function comparable(body: RecordedBody): Comparable {
  const { decision, policyVersion } = body;
  return { question: questionIn(body), decision, policyVersion };
}
