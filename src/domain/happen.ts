import { unclaimed } from './claim.ts';
import type { Life, LifeEnd, LifeOrigin, ReportState, Rollout } from './life.ts';
import { type Condition, type StayEvent, type StayState, type Turn, turnFor } from './life-table.ts';
import { isClaimed, isLive, nextNumber, releaseState, spansOf } from './lives.ts';
import { bakesFrom, endsAt, type Stated } from './report-instants.ts';
import { isFading, isGiven, openSpans, runs, type Stay, stayOf, type Terms } from './stay.ts';
import { blankLife, endLife, endProofs, putLife, putRelease, restart } from './transitions.ts';

/** Something that happens to a release in a ring: it is reported, or a question implies it. */
export interface Happening extends Stated {
  readonly on: Exclude<StayEvent, 'proven' | 'succeeded'>;
  readonly version: string;
  readonly ring: string;
  /** When the deployment began, where that was stated. */
  readonly startedAt: string | null;
  readonly adopted: boolean;
  readonly reason: string | null;
}

/** The rollout after it, by the row of the table that fits (life-table.ts). */
export function happen(rollout: Rollout, what: Happening, terms: Terms): Rollout {
  const begins = what.on === 'deployed' || what.on === 'assumed';
  const known = begins ? unclaimed(rollout, what.version, what.ring) : rollout;
  const stay = stayOf(known, what.version, what.ring, what.now, terms);
  const turn = turnFor(what.on, stay.state, conditionsOf(known, stay, what, terms));
  // Nothing is known beyond the claim, so it stays one.
  if (known !== rollout && turn.to === 'same') return rollout;
  const moved = begins ? deployed(known, stay, turn, what, terms) : ended(known, stay, turn, what, what.on);
  return turn.also.includes('restart') ? restart(moved, what.version, what.now) : moved;
}

function conditionsOf(
  rollout: Rollout,
  stay: Stay,
  what: Happening,
  terms: Terms,
): Readonly<Record<Condition, boolean>> {
  const elsewhere = rollout.lives.some(
    (life) => life.version === what.version && life.ring !== what.ring && isLive(life),
  );
  return {
    covered: beganInside(stay, what, terms),
    promised: stay.promise !== 'none',
    recalled: stay.promise === 'recalled',
    adopted: what.adopted,
    fresh: stay.proof === 'fresh',
    faded: stay.proof === 'faded',
    unmarked: releaseState(rollout, what.version).mark === null,
    last: !elsewhere,
  };
}

/**
 * A promise allows a deployment to begin. Where a plan assumes deployments, a question or a report that says
 * nothing of the beginning is believed as long as the promise is known, unless a halt has recalled it. A time in
 * whole seconds means that second: the promise may have been given in the middle of it.
 */
function beganInside(stay: Stay, { at, now, startedAt }: Happening, terms: Terms): boolean {
  if (!isGiven(stay)) return false;
  const began = startedAt ?? at;
  const latest = began.replace(/\.000Z$/, '.999Z');
  if (openSpans(stay, now, terms).some((span) => span.start <= latest && began < span.end)) return true;
  return terms.deployments === 'assumed' && startedAt === null && stay.promise !== 'recalled';
}

function deployed(rollout: Rollout, stay: Stay, turn: Turn, what: Happening, terms: Terms): Rollout {
  const said = noted(what);
  const { life } = stay;
  if (turn.to === 'same') return life === undefined ? rollout : putLife(rollout, { ...life, ...said });
  const spans = turn.also.includes('used') ? { spans: null } : {};
  const become = { ...said, ...becoming(turn.to, stay, what, terms), ...spans };
  const { epoch } = releaseState(rollout, what.version);
  if (life !== undefined && runs(stay)) return putLife(rollout, { ...life, ...become, epoch });
  const faded = isFading(rollout, what.version, what.now, terms) ? endProofs(rollout, what.version, 'faded') : rollout;
  const base = successorOf(faded, stay);
  return occupy(base.rollout, { ...base.life, ...become, placedAt: placeAfter(stay, turn.to, what, terms) }, what);
}

/** What the row says of a life that becomes this. */
function becoming(to: StayState, stay: Stay, what: Happening, terms: Terms): Partial<Life> {
  const { reason } = what;
  const origin = originOf(to, stay, what);
  const at = comesBackUnproven(to, stay, what, terms) && !what.adopted ? what.now : bakesFrom(what);
  if (to !== 'proven') return { phase: 'live', origin, liveAt: at, reason };
  return { phase: 'proven', origin, liveAt: at, provenAt: at, reason };
}

function originOf(to: StayState, stay: Stay, what: Happening): LifeOrigin {
  if (to === 'late' || to === 'ungated') return to;
  if (to === 'proven') return 'restored';
  if (what.adopted) return 'adopted';
  return isGiven(stay) ? 'gated' : 'restored';
}

/** A report is remembered with the life; what a question implies is none. */
function noted({ on, now, startedAt }: Happening): Partial<Life> {
  if (on === 'assumed') return {};
  return { report: on satisfies ReportState, reportedAt: now, ...(startedAt === null ? {} : { startedAt }) };
}

/** The promised life itself, or a new one, which takes over the promise of the one before it. */
function successorOf(rollout: Rollout, stay: Stay): { readonly life: Life; readonly rollout: Rollout } {
  const { newest, version, ring } = stay;
  const { epoch } = releaseState(rollout, version);
  if (newest?.phase === 'promised' && newest.epoch === epoch) return { life: newest, rollout };
  const life = blankLife(version, ring, nextNumber(newest), epoch);
  if (newest === undefined || stay.promise === 'none') return { life, rollout };
  const { promisedAt, leaseUntil, enteredBy, renewedAt = null, recalled = null, revokedAt = null } = newest;
  const promise = { promisedAt, leaseUntil, enteredBy, renewedAt, recalled, revokedAt, spans: spansOf(newest) };
  return { life: { ...life, ...promise }, rollout: putLife(rollout, { ...newest, spans: null }) };
}

/** By a proof that has faded: there nothing but the report says since when it runs again. */
function comesBackUnproven(to: StayState, stay: Stay, what: Happening, terms: Terms): boolean {
  return stay.proof === 'faded' && to === 'live' && !beganInside(stay, what, terms);
}

/** A late deployment makes nobody newer; going back, and coming without a promise, does. */
function placeAfter(stay: Stay, to: StayState, what: Happening, terms: Terms): string {
  const goesBack = to === 'proven' || comesBackUnproven(to, stay, what, terms);
  if (goesBack || stay.promise === 'none') return what.now;
  return stay.placedAt ?? stay.newest?.placedAt ?? what.now;
}

/**
 * Ends every other life that runs in the ring. Whoever was deployed there later stays: then it is the newcomer
 * that has ended at once.
 */
function occupy(rollout: Rollout, begun: Life, what: Happening): Rollout {
  const others = rollout.lives.filter(
    (other) => other.ring === begun.ring && isLive(other) && !(other.version === begun.version && other.n === begun.n),
  );
  const newer = others.find(
    (other) => other.version !== begun.version && !isClaimed(other) && (other.liveAt ?? '') > what.at,
  );
  const known = begun.provenAt === null ? rollout : endProofs(rollout, begun.version, 'renewed', begun.ring);
  if (newer !== undefined) {
    const until = what.vouched ? (newer.liveAt ?? what.at) : what.now;
    return putLife(known, { ...endLife({ ...begun, liveAt: what.at }, 'superseded', until, null), spans: null });
  }
  const until = endsAt(what);
  const rest = others.reduce((state, other) => putLife(state, endLife(other, 'superseded', until, null)), known);
  return putLife(putRelease(rest, releaseState(rest, begun.version)), begun);
}

/** A report that ends the stay takes every proof of that ring; one that ends nothing is only remembered. */
function ended(rollout: Rollout, stay: Stay, turn: Turn, what: Happening, how: LifeEnd & ReportState): Rollout {
  const { newest, life } = stay;
  const spans = turn.also.includes('given-up') ? { spans: null } : {};
  const over = (each: Life): Life => ({ ...endLife(each, how, endsAt(what), what.reason), ...noted(what), ...spans });
  if (life !== undefined && (runs(stay) || (stay.state === 'failed' && how !== 'failed'))) {
    const taken = runs(stay) ? endProofs(rollout, what.version, 'taken', what.ring) : rollout;
    const promised = newest !== undefined && newest !== life && how !== 'failed' ? putLife(taken, over(newest)) : taken;
    return putLife(promised, {
      ...over(life),
      ...(runs(stay) ? { proofEnd: life.provenAt === null ? null : 'taken' } : {}),
    });
  }
  if (newest?.phase === 'promised') return putLife(rollout, over(newest));
  if (how === 'failed' && newest?.end !== 'failed') {
    const base = successorOf(rollout, stay);
    return putLife(base.rollout, { ...over(base.life), origin: 'ungated' });
  }
  return newest === undefined ? rollout : putLife(rollout, { ...newest, ...noted(what), ...spans });
}
