import type { Span } from './controls.ts';
import type { Life, ReleaseState, Rollout } from './life.ts';

/** How long a promise to enter stands, unless something ends it before. */
export const LEASE_MS = 15 * 60_000;

/** The release's own state; a release never seen before is in its first epoch, unmarked. */
export function releaseState(rollout: Rollout, version: string): ReleaseState {
  const known = rollout.releases.find((release) => release.version === version);
  return known ?? { version, epoch: 1, artifact: null, mark: null };
}

/** True while the release runs in that ring, proven or not. */
export function isLive(life: Life): boolean {
  return life.phase === 'live' || life.phase === 'proven';
}

/** True for one that runs by the word of a question alone: it counts against its own release, and for nobody else. */
export function isClaimed(life: Life): boolean {
  return life.claimed === true && life.origin === 'ungated' && life.phase === 'live';
}

/**
 * When a deployment may begin, or might have begun, under the promise of this life. Facts of edition 1 have
 * no spans; there a promise was one, until something was deployed.
 */
export function spansOf(life: Life): readonly Span[] {
  if (life.spans !== undefined) return life.spans ?? [];
  const { phase, promisedAt, leaseUntil } = life;
  if (phase !== 'promised' || promisedAt === null || leaseUntil === null) return [];
  return [{ start: promisedAt, end: leaseUntil }];
}

/** True while a promise to enter stands. It ends by itself when the lease runs out. */
export function hasLease(life: Life, at: string): boolean {
  const last = spansOf(life).at(-1);
  return last !== undefined && last.end > at && life.revokedAt == null;
}

/** What decisions about `version` may know at that instant: of others no promise that has ended (they would pile up for ever). */
export function knownTo(rollout: Rollout, version: string, at: string): Rollout {
  const isEnded = (life: Life) => life.phase === 'promised' && life.version !== version && !hasLease(life, at);
  if (!rollout.lives.some(isEnded)) return rollout;
  return { ...rollout, lives: rollout.lives.filter((life) => !isEnded(life)) };
}

/** The newest life of a version in a ring, whatever its phase. */
export function newestLife(rollout: Rollout, version: string, ring: string): Life | undefined {
  return rollout.lives
    .filter((life) => life.version === version && life.ring === ring)
    .reduce<Life | undefined>((a, b) => (a === undefined || b.n > a.n ? b : a), undefined);
}

/** The number of the life that comes after this one. */
export function nextNumber(newest: Life | undefined): number {
  return (newest?.n ?? 0) + 1;
}

/** The life in which the version runs in that ring now, if it does. */
export function liveIn(rollout: Rollout, version: string, ring: string): Life | undefined {
  return rollout.lives.find((life) => life.version === version && life.ring === ring && isLive(life));
}

/**
 * The life that counts for order, bake and proof: the newest of the present epoch that has been
 * live and that the gate has let in (or an operator has adopted). A promise alone is none.
 */
export function standing(rollout: Rollout, version: string, ring: string): Life | undefined {
  const { epoch } = releaseState(rollout, version);
  return rollout.lives
    .filter((life) => life.version === version && life.ring === ring && life.epoch === epoch)
    .filter((life) => life.liveAt !== null && life.origin !== 'ungated')
    .reduce<Life | undefined>((a, b) => (a === undefined || b.n > a.n ? b : a), undefined);
}

/** True for a life that a newer release ended before it had proven itself. */
export function isOvertaken(life: Life | undefined): boolean {
  return life?.end === 'superseded' && life.provenAt === null;
}

/** True when the release can only go on after somebody has cleared it: it is marked, or was overtaken. */
export function needsClearing(rollout: Rollout, version: string): boolean {
  const { mark } = releaseState(rollout, version);
  const rings = new Set(rollout.lives.filter((life) => life.version === version).map((life) => life.ring));
  return mark !== null || [...rings].some((ring) => isOvertaken(standing(rollout, version, ring)));
}

/** A proof outlives supersession, but no other end. */
export function isProof(life: Life | undefined): boolean {
  if (life === undefined || life.provenAt === null) return false;
  return life.phase === 'proven' || life.end === 'superseded';
}

/** Who runs in the ring now. Newer means deployed later in that ring, never the version text. */
export function occupantOf(rollout: Rollout, ring: string): Life | undefined {
  return latest(
    rollout.lives.filter((life) => life.ring === ring && isLive(life) && !isClaimed(life)),
    (life) => life.liveAt,
  );
}

/** The last other release that was proven in the ring, is not marked, and has not had to start again since. */
export function lastProven(rollout: Rollout, ring: string, except: string): string | null {
  const proven = rollout.lives.filter((life) => {
    const { mark, epoch } = releaseState(rollout, life.version);
    const stands = isProof(life) && life.proofEnd !== 'taken' && life.proofEnd !== 'renewed';
    return life.ring === ring && life.version !== except && stands && life.epoch === epoch && mark === null;
  });
  return latest(proven, (life) => life.liveAt)?.version ?? null;
}

/** The failed deployment that is the newest thing known of the ring: nothing was reported or deployed there since. */
export function failedLast(rollout: Rollout, ring: string): Life | undefined {
  const here = rollout.lives.filter((life) => life.ring === ring);
  const last = latest(
    here.filter((life) => life.reportedAt !== null),
    (life) => life.reportedAt,
  );
  const overtaken = here.some(
    (life) => isLive(life) && !isClaimed(life) && (life.liveAt ?? '') > (last?.reportedAt ?? ''),
  );
  return last?.report === 'failed' && !overtaken ? last : undefined;
}

/** Of several at one instant the first. */
export function latest(lives: readonly Life[], instant: (life: Life) => string | null): Life | undefined {
  return lives.reduce<Life | undefined>(
    (a, b) => (a === undefined || (instant(b) ?? '') > (instant(a) ?? '') ? b : a),
    undefined,
  );
}
