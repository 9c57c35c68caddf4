import type { Verdict } from './cause.ts';
import type { Finding } from './finding.ts';

/** What the findings come to. A pure function of the facts; all of it is recorded. */
export interface Decision {
  /** The worst of the counted findings. */
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  /** Rings in which the release is live, in plan order. */
  readonly live: readonly string[];
  readonly rollback: RollbackTarget | null;
  /** Until when a promote for enter stands, RFC 3339 UTC; null otherwise. */
  readonly validUntil: string | null;
  readonly retryAfterSeconds: number | null;
  /** No earlier than this; null when that cannot be known. */
  readonly earliestPromoteAt: string | null;
}

/** Where to go back, and to the last release proven there (null if unknown). */
export interface RollbackTarget {
  readonly rings: readonly string[];
  readonly to: Readonly<Record<string, string | null>>;
}
