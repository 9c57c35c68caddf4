import type { Cause, Verdict } from './cause.ts';

/**
 * One check's answer. Every check always answers, so that the caller learns every reason at once
 * (law 6). A finding carries no prose: sentences are rendered from cause and evidence (explain.ts),
 * so that a better wording never changes what was recorded.
 */
export interface Finding {
  readonly check: CheckName;
  readonly rule?: string;
  readonly ring?: string;
  /** What was measured or found. */
  readonly verdict: Verdict;
  /** What it counts as in the decision; null when it does not count. */
  readonly countedAs: Verdict | null;
  readonly cause: Cause;
  readonly evidence: Evidence;
  /** Holds only. */
  readonly clears?: Clears;
  /** When a hold clears at the earliest, RFC 3339 UTC; only where it can be known. */
  readonly clearsAt?: string;
  /** The override because of which it counts as promote. */
  readonly waivedBy?: string;
}

/** Plain JSON; measured values and fractions are strings. */
export type Evidence = Readonly<Record<string, unknown>>;

/** A finding as callers see it. */
export interface ExplainedFinding extends Finding, Words {}

/** What a finding is in plain words. */
export interface Words {
  readonly because: string;
  /** In plain words: what is still missing. */
  readonly needs?: string;
  readonly action?: Action;
}

export interface Action {
  readonly who: 'operator' | 'configurator' | 'pipeline' | 'admin';
  readonly do: string;
}

export type CheckName =
  | 'freeze'
  | 'halt'
  | 'approval'
  | 'rollback'
  | 'artifact'
  | 'order'
  | 'bake'
  | 'occupancy'
  | 'measured'
  | 'rule'
  | 'state';
export type Clears = 'by-time' | 'by-data' | 'by-person' | 'never';

type Subject = Pick<Finding, 'check' | 'rule' | 'ring'>;

/** A finding that lets the release pass. */
export function passes(subject: Subject, cause: Cause, evidence: Evidence = {}): Finding {
  return { ...subject, verdict: 'promote', countedAs: 'promote', cause, evidence };
}

/** A finding that holds, and what clears it; `clearsAt` where the instant can be known. */
export function holds(subject: Subject, cause: Cause, clears: Clears, evidence: Evidence, clearsAt?: string): Finding {
  const when = clearsAt === undefined ? {} : { clearsAt };
  return { ...subject, verdict: 'hold', countedAs: 'hold', cause, evidence, clears, ...when };
}

/** A finding that demands going back. */
export function reverts(subject: Subject, cause: Cause, evidence: Evidence): Finding {
  return { ...subject, verdict: 'rollback', countedAs: 'rollback', cause, evidence };
}
