import { after } from './instant.ts';
import type { Rollout } from './life.ts';
import { isClaimed, LEASE_MS } from './lives.ts';
import { isGiven, runs, type Stay } from './stay.ts';

/**
 * From when a report counts. A pipeline must not be able to serve bake, or to keep the evidence of a stay that is
 * over, by what it writes into `at`: it may say when something happened, but its word changes little of what is
 * decided. An operator's word is believed.
 */
export interface Stated {
  /** When it happened. */
  readonly at: string;
  /** When it became known: the database's clock. */
  readonly now: string;
  /** True where an operator says so. */
  readonly vouched: boolean;
}

/** When a deployment that is reported begins to bake: for a pipeline no more than a lease before its report. */
export function bakesFrom({ at, now, vouched }: Stated): string {
  const earliest = after(now, -LEASE_MS);
  return vouched || at > earliest ? at : earliest;
}

/** When a stay is over that a report ends: evidence up to then is its own, and nobody else's. */
export function endsAt({ at, now, vouched }: Stated): string {
  return vouched ? at : now;
}

/** The earliest instant that may be stated, and what happened then. */
export interface Bound {
  readonly at: string;
  readonly what: 'began' | 'let-in' | 'ended';
}

/** A stay cannot have ended before it began. Null where nothing is known of one. */
export function earliestEnd(stay: Stay): Bound | null {
  const life = runs(stay) ? stay.life : stay.newest;
  if (life?.liveAt != null) return { at: life.liveAt, what: 'began' };
  return life?.promisedAt == null ? null : { at: life.promisedAt, what: 'let-in' };
}

/**
 * How far back a pipeline may date a deployment: to the last time it was let in, while that promise is known, but not
 * into the stay before. Where the release runs by an earlier report, to what was possible then: that changes
 * nothing, and is how a report is repeated. Null where nothing may be dated back.
 */
export function earliestDeployment(rollout: Rollout, stay: Stay): Bound | null {
  const { life, newest } = stay;
  if (isGiven(stay)) {
    const letIn = newest?.renewedAt ?? newest?.promisedAt ?? null;
    const ended = lastEnd(rollout, stay);
    if (ended !== null && (letIn === null || ended > letIn)) return { at: ended, what: 'ended' };
    return letIn === null ? null : { at: letIn, what: 'let-in' };
  }
  if (life === undefined || !runs(stay) || isClaimed(life)) return null;
  const letIn = life.renewedAt ?? life.promisedAt;
  if (letIn !== null) return { at: letIn, what: 'let-in' };
  return life.liveAt === null ? null : { at: life.liveAt, what: 'began' };
}

function lastEnd({ lives }: Rollout, { version, ring }: Stay): string | null {
  const own = lives.filter((life) => life.version === version && life.ring === ring);
  return (
    own
      .flatMap(({ endedAt }) => endedAt ?? [])
      .sort()
      .at(-1) ?? null
  );
}
