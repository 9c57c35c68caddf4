import type { Span } from './controls.ts';

/**
 * A life: one stay of a release in a ring, from the promise that it may enter. Instants are RFC 3339 UTC
 * with milliseconds, from the database's clock. What these rows come to, and what may happen next, is in
 * life-table.ts. Facts of edition 1 lack the optional fields.
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
  readonly origin: LifeOrigin;
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
  /**
   * When a deployment may begin, or might have begun, half open: a span for each time the release was let in
   * anew; asking again in time makes the last one longer. Null once the promise was used or given up.
   */
  readonly spans?: readonly Span[] | null;
  /** The latest ask that made the promise longer. */
  readonly renewedAt?: string | null;
  /** The halt that ended the lease. */
  readonly recalled?: Recall | null;
  /** When the release had to start again while the promise was not used. */
  readonly revokedAt?: string | null;
  /** Orders the releases of a ring: when this one was let in, or was reported without having been let in. */
  readonly placedAt?: string | null;
  /** When the deployment began, as it was reported. */
  readonly startedAt?: string | null;
  /** Why the proof no longer counts; null while it stands, or where there is none. */
  readonly proofEnd?: ProofEnd | null;
  /** True for a life that only a question has claimed, until a report or an operator confirms it. */
  readonly claimed?: boolean | null;
  /** The latest question that claimed it. */
  readonly claimedAt?: string | null;
}

/** How a release came in. `late`: it was let in, but nothing shows that its deployment began in time. */
export type LifeOrigin = 'gated' | 'late' | 'ungated' | 'adopted' | 'restored';

/** `faded`: it ran nowhere for too long; `taken`: a report ended the stay; `renewed`: a newer proof stands in its place. */
export type ProofEnd = 'faded' | 'taken' | 'renewed';

/** A halt that ended a lease. */
export interface Recall {
  readonly at: string;
  /** The halt's id. */
  readonly halt: string;
  readonly reason: string;
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
