/**
 * A life: one stay of a release in a ring. Instants are RFC 3339 UTC with milliseconds, from the
 * database's clock. A life that was never promised to the gate (`ungated`) is live for harm and
 * supersession, but no predecessor of anything until an operator has adopted it.
 */
export interface Life {
  readonly version: string;
  readonly ring: string;
  /** Counts the lives of this version in this ring, from 1. */
  readonly n: number;
  /** The release's epoch when this life began; lives of an earlier epoch are no predecessors. */
  readonly epoch: number;
  readonly phase: 'promised' | 'live' | 'proven' | 'ended';
  readonly end: LifeEnd | null;
  readonly origin: 'gated' | 'ungated' | 'adopted' | 'restored';
  readonly promisedAt: string | null;
  readonly leaseUntil: string | null;
  readonly liveAt: string | null;
  readonly provenAt: string | null;
  readonly endedAt: string | null;
  /** The ring's last report about this life. */
  readonly report: ReportState | null;
  readonly reportedAt: string | null;
  /** Decisions that promised entry and that proved it. */
  readonly enteredBy: string | null;
  readonly provenBy: string | null;
  readonly reason: string | null;
}

export type LifeEnd = 'superseded' | 'rolled-back' | 'failed' | 'abandoned' | 'cleared';
export type ReportState = 'deployed' | 'failed' | 'rolled-back' | 'abandoned';

/** What holds for a release as a whole. */
export interface ReleaseState {
  readonly version: string;
  /** Raised whenever the release has to start again at the first ring. */
  readonly epoch: number;
  /** What is deployed, fixed by the first promote or report that states it. */
  readonly artifact: string | null;
  /** The sticky rollback mark. */
  readonly mark: Mark | null;
}

export interface Mark {
  readonly at: string;
  /** The decision that found the harm; null when a person reported it. */
  readonly decision: string | null;
  readonly reason: string;
}

/** The lives and releases of one service as far as a decision needs them. */
export interface Rollout {
  readonly lives: readonly Life[];
  readonly releases: readonly ReleaseState[];
}
