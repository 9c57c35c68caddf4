import { after } from './instant.ts';
import type { Life, Rollout } from './life.ts';
import { isClaimed, liveIn, newestLife, nextNumber, releaseState } from './lives.ts';
import { blankLife, putLife, putRelease } from './transitions.ts';

/**
 * A client that says of a release that it runs has reported nothing: nobody else may lose anything by its
 * word. So a claimed life is judged, and counts against its own release; it ends nobody's life, takes no
 * ring, proves nothing, and is gone when nobody claims it any more. A promise that the release has there
 * stays what it is, beside the claim.
 */
export function claim(
  rollout: Rollout,
  { version, ring, at, timeoutMs }: { version: string; ring: string; at: string; timeoutMs: number },
): Rollout {
  const running = liveIn(rollout, version, ring);
  if (running !== undefined) return isClaimed(running) ? renewed(rollout, running, at, timeoutMs) : rollout;
  const release = releaseState(rollout, version);
  const newest = newestLife(rollout, version, ring);
  const promised = newest?.phase === 'promised' ? newest : undefined;
  const life = promised ?? blankLife(version, ring, nextNumber(newest), release.epoch);
  const claimed = { ...life, phase: 'live', origin: 'ungated', liveAt: at, claimed: true, claimedAt: at } as const;
  return putLife(putRelease(rollout, release), claimed);
}

/** So small a part of the timeout may pass before a claim is written again: those who ask each minute change nothing by it. */
const PARTS = 24;

function renewed(rollout: Rollout, life: Life, at: string, timeoutMs: number): Rollout {
  const due = after(life.claimedAt ?? at, timeoutMs / PARTS) <= at;
  return due ? putLife(rollout, { ...life, claimedAt: at }) : rollout;
}

/** Without the claims that nobody has made for longer than the timeout, and than they may go unwritten. */
export function withoutLapsedClaims(rollout: Rollout, at: string, timeoutMs: number): Rollout {
  const lasts = timeoutMs + timeoutMs / PARTS;
  const hasLapsed = (life: Life) => isClaimed(life) && after(life.claimedAt ?? at, lasts) <= at;
  return rollout.lives.some(hasLapsed) ? { ...rollout, lives: rollout.lives.flatMap(unless(hasLapsed)) } : rollout;
}

/** Before something is said of the release that counts: it is as if nobody had claimed that it runs there. */
export function unclaimed(rollout: Rollout, version: string, ring: string): Rollout {
  const isIt = (life: Life) => life.version === version && life.ring === ring && isClaimed(life);
  return rollout.lives.some(isIt) ? { ...rollout, lives: rollout.lives.flatMap(unless(isIt)) } : rollout;
}

function unless(gone: (life: Life) => boolean): (life: Life) => readonly Life[] {
  return (life) => {
    if (!gone(life)) return [life];
    if (life.spans == null) return [];
    return [{ ...life, phase: 'promised', origin: 'gated', liveAt: null, claimed: null, claimedAt: null }];
  };
}
