import type { Cause, Verdict } from './cause.ts';
import type { Clears, Evidence } from './finding.ts';
import type { Counts } from './reading.ts';
import { numberText } from './rule-evidence.ts';

/** What one part of a rule (its limits, its burn rates, its budget) says. A rule's finding is the worst of them. */
export interface Opinion {
  readonly verdict: Verdict;
  readonly cause: Cause;
  /** Holds only. */
  readonly clears?: Clears;
  readonly clearsAt?: string;
  /** Beside the evidence that every finding of the rule has. */
  readonly evidence: Evidence;
}

/** Enough may be bad that no count shows: not known to be harm, and not known to be none. */
export function perhapsBad({ uncounted }: Counts): Opinion {
  const evidence = { reason: 'uncounted', uncounted: numberText(uncounted) };
  return { verdict: 'hold', cause: 'insufficient-evidence', clears: 'by-data', evidence };
}

const RANK: Record<Verdict, number> = { promote: 0, hold: 1, rollback: 2 };

/** The worst opinion, the first of equals; the last of those that promote, which says the most. */
export function decisive(opinions: readonly Opinion[]): Opinion | undefined {
  return opinions.reduce<Opinion | undefined>((a, b) => {
    if (a === undefined || RANK[b.verdict] > RANK[a.verdict]) return b;
    return b.verdict === 'promote' && a.verdict === 'promote' ? b : a;
  }, undefined);
}
