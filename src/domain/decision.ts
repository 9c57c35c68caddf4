import type { Verdict } from './cause.ts';
import type { Finding } from './finding.ts';

/** What the findings come to. A pure function of the facts. */
export interface Decision {
  /** The worst of the counted findings. */
  readonly verdict: Verdict;
  /** False when the plan only advises: callers are told promote whatever the verdict. */
  readonly enforced: boolean;
  /** One sentence for the decisive finding, without its full stop. */
  readonly summary: string;
  readonly findings: readonly Finding[];
  /** Rings in which the release is live. */
  readonly live: readonly string[];
  readonly rollback: { readonly rings: readonly string[]; readonly to: Readonly<Record<string, string | null>> } | null;
  /** Until when a promote for enter stands, RFC 3339 UTC; null otherwise. */
  readonly validUntil: string | null;
  readonly retryAfterSeconds: number | null;
  /** No earlier than this; null when that cannot be known. */
  readonly earliestPromoteAt: string | null;
}
