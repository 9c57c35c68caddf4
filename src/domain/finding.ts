import type { Cause, Verdict } from './cause.ts';

/** One check's answer. Every check always answers, so that the caller learns every reason at once. */
export interface Finding {
  readonly check: CheckName;
  readonly rule?: string;
  readonly ring?: string;
  /** What was measured or found. */
  readonly verdict: Verdict;
  /** What it counts as in the decision; null when it does not count. */
  readonly countedAs: Verdict | null;
  readonly cause: Cause;
  readonly because: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly clears?: Clears;
  /** When a hold clears at the earliest, RFC 3339 UTC; only where it can be known. */
  readonly clearsAt?: string;
  /** In plain words: what is still missing. */
  readonly needs?: string;
  readonly action?: { readonly who: 'operator' | 'configurator' | 'pipeline'; readonly do: string };
}

export type CheckName = 'rollback' | 'artifact' | 'order' | 'bake' | 'occupancy' | 'measured' | 'rule' | 'state';
export type Clears = 'by-time' | 'by-data' | 'by-person' | 'never';
