import { canonicalJson } from './audit/canonical.ts';
import type { Life, LifeEnd, ReleaseState, Rollout } from './life.ts';
import { hasLease, isClaimed, isLive, newestLife, releaseState } from './lives.ts';

/**
 * How lives begin, go on and end. Each function takes a rollout and returns the next one; what has
 * changed is found by comparison (changesBetween), so a transition cannot forget to report a row.
 */

/** A promise to enter: begins a lease, or renews the one that stands. A life that already runs there stays as it is. */
export function promise(
  rollout: Rollout,
  entry: { version: string; ring: string; at: string; until: string; decision: string },
): Rollout {
  const release = releaseState(rollout, entry.version);
  const newest = newestLife(rollout, entry.version, entry.ring);
  const next = putRelease(rollout, release);
  const runs = newest !== undefined && isLive(newest) && newest.origin !== 'ungated';
  if (runs && newest.epoch === release.epoch) return next;
  const renewed = newest?.phase === 'promised' && hasLease(newest, entry.at) ? newest : undefined;
  if (renewed?.leaseUntil === entry.until) return next;
  const life = renewed ?? blankLife(entry.version, entry.ring, nextNumber(newest), release.epoch);
  return putLife(next, {
    ...life,
    promisedAt: life.promisedAt ?? entry.at,
    leaseUntil: entry.until,
    spans: [{ start: life.promisedAt ?? entry.at, end: entry.until }],
    renewedAt: entry.at,
    placedAt: life.placedAt ?? entry.at,
    enteredBy: entry.decision,
  });
}

/**
 * A deployment: the life becomes live and ends every other life that runs in the ring. Whoever was
 * deployed there later stays: then it is this life that is superseded at once.
 */
export function deploy(
  rollout: Rollout,
  life: Life,
  liveAt: string,
  how: { proven: boolean; origin: Life['origin']; reason: string | null },
): Rollout {
  const others = rollout.lives.filter(
    (other) => other.ring === life.ring && isLive(other) && !(other.version === life.version && other.n === life.n),
  );
  const newer = others.find(
    (other) => other.version !== life.version && !isClaimed(other) && (other.liveAt ?? '') > liveAt,
  );
  const begun: Life = {
    ...life,
    phase: how.proven ? 'proven' : 'live',
    origin: how.origin,
    liveAt,
    spans: null,
    claimed: null,
    claimedAt: null,
    placedAt: life.placedAt ?? liveAt,
    provenAt: how.proven ? liveAt : null,
    reason: how.reason,
  };
  if (newer !== undefined) return putLife(rollout, ended(begun, 'superseded', newer.liveAt ?? liveAt));
  const rest = others.reduce((state, other) => putLife(state, ended(other, 'superseded', liveAt)), rollout);
  return putLife(putRelease(rest, releaseState(rest, life.version)), begun);
}

/** The life has proven itself; it stays proven for as long as it lasts. */
export function prove(rollout: Rollout, life: Life, at: string, decision: string): Rollout {
  if (life.phase !== 'live') return rollout;
  return putLife(rollout, { ...life, phase: 'proven', provenAt: at, provenBy: decision });
}

/** Ends one life. */
export function end(rollout: Rollout, life: Life, how: LifeEnd, at: string, reason: string | null): Rollout {
  return putLife(rollout, { ...ended(life, how, at), reason: reason ?? life.reason });
}

/** Sets the sticky mark; the first one stands. */
export function mark(rollout: Rollout, version: string, at: string, decision: string | null, reason: string): Rollout {
  const release = releaseState(rollout, version);
  if (release.mark !== null) return rollout;
  return putRelease(rollout, { ...release, mark: { at, decision, reason } });
}

/** From now on the release has to start again at the first ring; what it proved before no longer counts. */
export function restart(rollout: Rollout, version: string): Rollout {
  const release = releaseState(rollout, version);
  return putRelease(rollout, { ...release, epoch: release.epoch + 1 });
}

/** Takes the mark away, ends every life and promise of the release and lets it start again. */
export function clear(rollout: Rollout, version: string, at: string, reason: string): Rollout {
  const open = rollout.lives.filter((life) => life.version === version && life.phase !== 'ended');
  const closed = open.reduce((state, life) => end(state, life, 'cleared', at, reason), rollout);
  const again = restart(closed, version);
  return putRelease(again, { ...releaseState(again, version), mark: null });
}

/** A life that has not begun yet. */
export function blankLife(version: string, ring: string, n: number, epoch: number): Life {
  return {
    version,
    ring,
    n,
    epoch,
    phase: 'promised',
    end: null,
    origin: 'gated',
    promisedAt: null,
    leaseUntil: null,
    liveAt: null,
    provenAt: null,
    endedAt: null,
    report: null,
    reportedAt: null,
    enteredBy: null,
    provenBy: null,
    reason: null,
    spans: null,
    renewedAt: null,
    recalled: null,
    revokedAt: null,
    placedAt: null,
    startedAt: null,
    proofEnd: null,
    claimed: null,
    claimedAt: null,
  };
}

/** The number of the life that comes after this one. */
export function nextNumber(newest: Life | undefined): number {
  return (newest?.n ?? 0) + 1;
}

/** The rollout with this life instead of the one with the same key, or beside the others. */
export function putLife(rollout: Rollout, life: Life): Rollout {
  const others = rollout.lives.filter((l) => !(l.version === life.version && l.ring === life.ring && l.n === life.n));
  return { ...rollout, lives: [...others, life] };
}

/** The rollout with this release's state instead of the one it had. */
export function putRelease(rollout: Rollout, release: ReleaseState): Rollout {
  const others = rollout.releases.filter((r) => r.version !== release.version);
  return { ...rollout, releases: [...others, release] };
}

/** The rows of `next` that are not in `before` as they stand. */
export function changesBetween(before: Rollout, next: Rollout): Rollout {
  return { lives: newIn(before.lives, next.lives), releases: newIn(before.releases, next.releases) };
}

function newIn<T>(before: readonly T[], next: readonly T[]): readonly T[] {
  const same = new Set(before);
  const touched = next.filter((row) => !same.has(row));
  if (touched.length === 0) return touched;
  const known = new Set(before.map((row) => canonicalJson(row)));
  return touched.filter((row) => !known.has(canonicalJson(row)));
}

function ended(life: Life, how: LifeEnd, at: string): Life {
  return { ...life, phase: 'ended', end: how, endedAt: at, spans: how === 'failed' ? (life.spans ?? null) : null };
}
