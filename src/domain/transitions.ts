import { canonicalJson } from './audit/canonical.ts';
import type { Span } from './controls.ts';
import type { Life, LifeEnd, ProofEnd, ReleaseState, Rollout } from './life.ts';
import { isLive, newestLife, nextNumber, occupantOf, releaseState } from './lives.ts';
import { counts, isGiven, isOlder, openSpans, type Stay, stayOf, type Terms } from './stay.ts';

/**
 * How lives begin, go on and end. Each function takes a rollout and returns the next one; what has
 * changed is found by comparison (changesBetween), so a transition cannot forget to report a row.
 */

/**
 * A promise to enter: begins a lease, or makes the one that stands longer. One promise may have several spans,
 * because what began in an earlier one may still be reported. A release that counts in the ring needs none.
 */
export function promise(
  rollout: Rollout,
  entry: { version: string; ring: string; at: string; until: string; decision: string },
  terms: Terms,
): Rollout {
  const { at, until } = entry;
  const stay = stayOf(rollout, entry.version, entry.ring, at, terms);
  const release = releaseState(rollout, entry.version);
  const next = putRelease(rollout, release);
  const stands = stay.promise === 'standing';
  if (counts(stay) || (stands && stay.newest?.leaseUntil === until)) return next;
  const base = promisedLife(next, stay);
  const spans = spansAfter(stay, at, until, terms);
  const keepsPlace = stands && !isOverNewer(next, stay, at, terms);
  return putLife(base.rollout, {
    ...base.life,
    ...{ promisedAt: stay.promise === 'none' ? at : (base.life.promisedAt ?? at), leaseUntil: until, spans },
    ...{ renewedAt: at, recalled: null, revokedAt: null, enteredBy: entry.decision },
    placedAt: keepsPlace ? (base.life.placedAt ?? at) : at,
  });
}

/** So many spans are kept at most: a lease of a few seconds, asked for again and again, must not fill the record. */
const MOST_SPANS = 100;

function spansAfter(stay: Stay, at: string, until: string, terms: Terms): readonly Span[] {
  const known = openSpans(stay, at, terms);
  const last = known.at(-1);
  if (stay.promise !== 'standing' || last === undefined)
    return [...known, { start: at, end: until }].slice(-MOST_SPANS);
  return [...known.slice(0, -1), { start: last.start, end: until }];
}

/**
 * True where a release that was let in, or reported, later than this one runs in the ring: what nobody has said must
 * not be taken for later than what somebody has.
 */
export function isOverNewer(rollout: Rollout, stay: Stay, at: string, terms: Terms): boolean {
  const other = occupantOf(rollout, stay.ring);
  if (other === undefined || other.version === stay.version) return false;
  const isReportedLater = other.report === 'deployed' && (other.reportedAt ?? '') > (stay.placedAt ?? '');
  return isReportedLater || isOlder(stay, stayOf(rollout, other.version, stay.ring, at, terms));
}

/** The life that a promise belongs to: the one that runs there or was promised before, else a new one. */
function promisedLife(rollout: Rollout, stay: Stay): { readonly life: Life; readonly rollout: Rollout } {
  const { newest, version, ring } = stay;
  const { epoch } = releaseState(rollout, version);
  const goesOn = newest?.phase === 'promised' && newest.epoch === epoch && stay.promise !== 'none';
  if (newest !== undefined && (goesOn || isLive(newest))) return { life: newest, rollout };
  const life = blankLife(version, ring, nextNumber(newest), epoch);
  // A promise that is lost stays with its own life, to be told.
  if (newest === undefined || !isGiven(stay)) return { life, rollout };
  return { life, rollout: putLife(rollout, { ...newest, spans: null }) };
}

/** The life has proven itself; it stays proven for as long as it lasts. An older proof no longer matters. */
export function prove(rollout: Rollout, life: Life, at: string, decision: string): Rollout {
  if (life.phase !== 'live') return rollout;
  const known = endProofs(rollout, life.version, 'renewed', life.ring);
  return putLife(known, { ...life, phase: 'proven', provenAt: at, provenBy: decision });
}

/** The proofs of a release, of one ring or of all, no longer count. What was renewed or taken before stays so. */
export function endProofs(rollout: Rollout, version: string, how: ProofEnd, ring?: string): Rollout {
  const lives = rollout.lives.map((life) => {
    const open = life.provenAt !== null && (life.proofEnd == null || life.proofEnd === 'faded');
    const meant = life.version === version && (ring === undefined || life.ring === ring);
    return open && meant ? { ...life, proofEnd: how } : life;
  });
  return { ...rollout, lives };
}

/** The life, ended. */
export function endLife(life: Life, how: LifeEnd, at: string, reason: string | null): Life {
  return { ...life, phase: 'ended', end: how, endedAt: at, reason: reason ?? life.reason };
}

/** Sets the sticky mark; the first one stands. */
export function mark(rollout: Rollout, version: string, at: string, decision: string | null, reason: string): Rollout {
  const release = releaseState(rollout, version);
  if (release.mark !== null) return rollout;
  return putRelease(rollout, { ...release, mark: { at, decision, reason } });
}

/** From now on the release has to start again at the first ring; what it proved and was promised before no longer counts. */
export function restart(rollout: Rollout, version: string, at: string): Rollout {
  const release = releaseState(rollout, version);
  const isOpen = (life: Life) =>
    life.spans != null && life.revokedAt == null && newestLife(rollout, version, life.ring) === life;
  const lives = rollout.lives.map((life) => (isOpen(life) ? { ...life, revokedAt: at } : life));
  return putRelease({ ...rollout, lives }, { ...release, epoch: release.epoch + 1 });
}

/** Takes the mark away, ends every life of the release and lets it start again. */
export function clear(rollout: Rollout, version: string, at: string, reason: string): Rollout {
  const open = rollout.lives.filter((life) => life.version === version && life.phase !== 'ended');
  const closed = open.reduce((state, life) => putLife(state, endLife(life, 'cleared', at, reason)), rollout);
  const again = restart(closed, version, at);
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
