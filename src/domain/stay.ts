import type { Span } from './controls.ts';
import { after } from './instant.ts';
import type { Life, Rollout } from './life.ts';
import { type PromiseState, STAYS, type StayState } from './life-table.ts';
import { hasLease, isLive, newestLife, releaseState, spansOf } from './lives.ts';

/** How long things last that end by themselves: what a plan says, or what an earlier edition went by. */
export interface Terms {
  readonly deployments: 'assumed' | 'reported';
  readonly deploymentTimeoutMs: number;
  readonly proofForMs: number;
  /** Which life a release stands by in a ring, where an earlier edition chose otherwise. */
  readonly standsBy?: (rollout: Rollout, version: string, ring: string) => Life | undefined;
}

/** What a release is in a ring, in the words of life-table.ts, with the lives that say so. */
export interface Stay {
  readonly version: string;
  readonly ring: string;
  readonly state: StayState;
  readonly promise: PromiseState;
  /** The life that `state` speaks of. */
  readonly life: Life | undefined;
  /** The newest life, of whatever history: it has the promise. */
  readonly newest: Life | undefined;
  /** Whether a proof from here counts; `faded` where the release ran nowhere for too long since. */
  readonly proof: 'fresh' | 'faded' | 'none';
  /** Its place among the releases of the ring; null where it has none. */
  readonly placedAt: string | null;
}

/** Reads the lives of a release in a ring. */
export function stayOf(rollout: Rollout, version: string, ring: string, at: string, terms: Terms): Stay {
  const newest = newestLife(rollout, version, ring);
  const own = livesIn(rollout, version, ring);
  const life = (terms.standsBy ?? lastLived)(rollout, version, ring);
  const promise = promiseOf(newest, releaseState(rollout, version).epoch, at, terms);
  const state = stateOf(life, releaseState(rollout, version).epoch);
  const proof = proofOf(own, isFading(rollout, version, at, terms));
  return { version, ring, state, promise, life, newest, proof, placedAt: placeOf(own, promise) };
}

/** True while the release runs there. */
export function runs(stay: Stay): boolean {
  return STAYS[stay.state].runs;
}

/** True where its stay bakes, can prove the ring and come before other rings. */
export function counts(stay: Stay): boolean {
  return STAYS[stay.state].counts;
}

/** True where the ring is proven: it runs there, proven, or a successor ended it and the proof still counts. */
export function provesRing(stay: Stay): boolean {
  return stay.state === 'proven' || (stay.state === 'replaced' && stay.proof === 'fresh');
}

/** Let in by the gate, with a deployment that may have begun: it stands, has lapsed, or a halt has recalled it. */
export function isGiven({ promise }: Pick<Stay, 'promise'>): boolean {
  return promise === 'standing' || promise === 'lapsed' || promise === 'recalled';
}

/** The spans of a promise within which a deployment may still have begun. */
export function openSpans(stay: Stay, at: string, terms: Terms): readonly Span[] {
  if (!isGiven(stay) || stay.newest === undefined) return [];
  return spansOf(stay.newest).filter(({ end }) => end > at || after(end, terms.deploymentTimeoutMs) > at);
}

/** True when this release was let in, or reported, earlier than the other one in the same ring. */
export function isOlder(stay: Stay, other: Stay): boolean {
  return stay.placedAt !== null && other.placedAt !== null && stay.placedAt < other.placedAt;
}

/** True once the release has run nowhere for so long that its proofs fade. */
export function isFading(rollout: Rollout, version: string, at: string, { proofForMs }: Terms): boolean {
  const lives = rollout.lives.filter((life) => life.version === version && life.liveAt !== null);
  if (lives.some(isLive)) return false;
  const lastEnd = lives
    .flatMap(({ endedAt }) => endedAt ?? [])
    .sort()
    .at(-1);
  return lastEnd !== undefined && after(lastEnd, proofForMs) <= at;
}

function livesIn(rollout: Rollout, version: string, ring: string): readonly Life[] {
  const { epoch } = releaseState(rollout, version);
  const own = rollout.lives.filter((life) => life.version === version && life.ring === ring && life.epoch === epoch);
  return [...own].sort((a, b) => b.n - a.n);
}

/** The life in which it runs; else the newest of this history that it has lived, or that failed before it lived. */
function lastLived(rollout: Rollout, version: string, ring: string): Life | undefined {
  const running = rollout.lives.find((life) => life.version === version && life.ring === ring && isLive(life));
  if (running !== undefined) return running;
  const own = livesIn(rollout, version, ring);
  const lived = own.find(({ liveAt }) => liveAt !== null);
  const failed = own.find(({ liveAt, end, n }) => liveAt === null && end === 'failed' && n > (lived?.n ?? 0));
  // A failed attempt to come back takes nothing from a stay that a successor has ended.
  const kept = ['replaced', 'superseded'].includes(stateOf(lived, lived?.epoch ?? 0));
  return failed === undefined || kept ? lived : failed;
}

function stateOf(life: Life | undefined, epoch: number): StayState {
  if (life === undefined) return 'none';
  const outside = life.origin === 'late' || life.origin === 'ungated';
  if (isLive(life)) {
    if (life.origin === 'late') return 'late';
    if (outside || life.epoch !== epoch) return 'ungated';
    return life.phase === 'proven' ? 'proven' : 'live';
  }
  if (life.end === null || life.end === 'cleared') return 'none';
  if (life.end !== 'superseded') return life.end;
  if (outside) return 'none';
  return life.provenAt === null ? 'superseded' : 'replaced';
}

function promiseOf(newest: Life | undefined, epoch: number, at: string, terms: Terms): PromiseState {
  if (newest === undefined) return 'none';
  const end = spansOf(newest).at(-1)?.end;
  if (end === undefined) return 'none';
  const isRevoked = newest.revokedAt != null || newest.epoch !== epoch;
  if (!isRevoked && hasLease(newest, at)) return 'standing';
  if (end <= at && after(end, terms.deploymentTimeoutMs) <= at) return 'none';
  if (isRevoked) return 'revoked';
  return newest.recalled == null ? 'lapsed' : 'recalled';
}

/** The newest proof of this history that no report has taken. */
function proofOf(own: readonly Life[], fading: boolean): Stay['proof'] {
  const proof = own.find((life) => isProofLife(life) && life.proofEnd !== 'renewed');
  if (proof === undefined || proof.proofEnd === 'taken') return 'none';
  return proof.proofEnd === 'faded' || fading ? 'faded' : 'fresh';
}

function isProofLife({ provenAt, phase, end }: Life): boolean {
  return provenAt !== null && (phase === 'proven' || end === 'superseded');
}

/** Whoever neither runs nor has a promise has lost the place, unless its own stay there was let in. */
function placeOf(own: readonly Life[], promise: PromiseState): string | null {
  const placed = own.find((life, i) => {
    if (i === 0 && promise !== 'none') return true;
    const outside = life.origin === 'late' || life.origin === 'ungated';
    return life.liveAt !== null && (isLive(life) || !outside);
  });
  return placed === undefined ? null : (placed.placedAt ?? placed.promisedAt ?? placed.liveAt);
}
