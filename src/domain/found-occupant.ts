import type { Verdict } from './cause.ts';
import type { Rollout } from './life.ts';
import { liveIn } from './lives.ts';
import { mark, prove } from './transitions.ts';

/**
 * What the gate found of the release that has the ring asked for, before it answered about the newcomer.
 * Clients that only ask never report that they gave a release up, so nobody but the gate may ever look at
 * it again: whether it has proven itself, or done harm, or is waited for by nobody.
 */
export interface FoundOccupant {
  readonly version: string;
  /** Which of its lives in that ring. */
  readonly n: number;
  /** Of its exit, and why. */
  readonly verdict: Verdict;
  readonly causes: readonly string[];
  /** Why it is marked for rollback; null without proof of harm. */
  readonly harm: string | null;
  /** When somebody else than the gate last asked about it. */
  readonly askedAt: string | null;
  /** From then on nobody is expected to ask about it any more. */
  readonly silentFrom: string;
  /** The gate's own decision about it. */
  readonly decision: string;
}

/** The rollout as the newcomer finds it, now that the gate has judged the occupant. */
export function withFound(rollout: Rollout, at: string, ring: string, found: FoundOccupant | undefined): Rollout {
  if (found === undefined) return rollout;
  if (found.harm !== null) return mark(rollout, found.version, at, found.decision, found.harm);
  const life = liveIn(rollout, found.version, ring);
  return found.verdict === 'promote' && life !== undefined ? prove(rollout, life, at, found.decision) : rollout;
}
