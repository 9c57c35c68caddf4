import { canonicalJson, sha256Hex } from '../domain/audit/canonical.ts';
import type { Decision } from '../domain/decision.ts';
import { GateError } from '../domain/errors.ts';
import { BUCKET_MS, msOf } from '../domain/instant.ts';
import { nextTurn } from '../domain/next-turn.ts';
import type { Ports } from './ports.ts';
import { type Asking, type Round, takeRound } from './round.ts';

/** A question together with how long its answer may take. */
export interface Patience extends Asking {
  /** For one look, in milliseconds. */
  readonly deadlineMs: number;
  /** Until when a hold is no answer yet, by the monotonic clock. */
  readonly until: number;
  /** Aborted when the caller has gone away. */
  readonly signal: AbortSignal;
}

export interface Settled {
  readonly round: Round;
  /** How much of the time nothing was done in. */
  readonly sleptMs: number;
}

/** While the store does not answer, those who wait ask it no more often than this. */
const AWAY_MS = 1000;
/** Nobody looks again sooner than this without a change. */
const LEAST_MS = 10;
/** The first looks into a bucket are spread over this time. */
const SPREAD_MS = 1000;

/**
 * Looks until the answer is no hold, for as long as the caller is willing to wait: again when the
 * state changes, at the instants at which a finding clears, and once in each evaluation bucket. A
 * hold that never clears is not waited for. Throws what takeRound throws, and the signal's reason.
 */
export async function settle(ports: Ports, patience: Patience, first: Round): Promise<Settled> {
  const { watch } = ports.desk;
  const leave = mayTurn(first) && leftOf(ports, patience) > 0 ? watch.enter() : null;
  if (leave === null) return { round: first, sleptMs: 0 };
  let look: Look = { round: first, away: false };
  let sleptMs = 0;
  try {
    while (mayTurn(look.round) && leftOf(ports, patience) > 0) {
      const asleepAt = ports.runtime.monotonicMs();
      const forMs = Math.min(leftOf(ports, patience), lookIn(ports, patience, look));
      const woken = await watch.sleep(look.round.state.revisions, forMs, patience.signal);
      sleptMs += ports.runtime.monotonicMs() - asleepAt;
      if (woken === 'gone') throw patience.signal.reason;
      if (woken === 'released') break;
      look = await lookAgain(ports, patience, look.round);
    }
    return { round: look.round, sleptMs };
  } finally {
    leave();
  }
}

/** The latest round, and whether the store did not answer when it was asked for a newer one. */
interface Look {
  readonly round: Round;
  readonly away: boolean;
}

/** What the caller is told: a plan that only advises lets everything through. */
export function toldVerdict({ facts, decision }: Pick<Round, 'facts' | 'decision'>): Decision['verdict'] {
  return facts.service.enforcement === 'advise' ? 'promote' : decision.verdict;
}

function mayTurn(round: Round): boolean {
  const never = round.decision.findings.some(({ countedAs, clears }) => countedAs === 'hold' && clears === 'never');
  return toldVerdict(round) === 'hold' && !never;
}

function leftOf(ports: Ports, { until }: Patience): number {
  return until - ports.runtime.monotonicMs();
}

/**
 * A round together with all who look for the same answer. What providers have told any of those who
 * stay is not asked again for the same instant.
 */
export function takeRoundTogether(
  ports: Ports,
  patience: Patience,
  withinMs: number,
  previous: Round | null,
): Promise<Round> {
  return ports.desk.rounds.run(keyOf(patience), (latest) => takeRound(ports, patience, withinMs, latest ?? previous));
}

/** Joins those who wait for the same answer; gives the function that leaves them. */
export function joinOthers(ports: Ports, patience: Patience): () => void {
  return ports.desk.rounds.stay(keyOf(patience));
}

/** Until their time is over those who wait outlast a store that is away. */
async function lookAgain(ports: Ports, patience: Patience, round: Round): Promise<Look> {
  try {
    return { round: await takeRoundTogether(ports, patience, patience.deadlineMs, round), away: false };
  } catch (error) {
    const away = error instanceof GateError && error.code === 'unavailable';
    if (!away || leftOf(ports, patience) <= 0) throw error;
    return { round, away };
  }
}

function keyOf({ question, askers, deadlineMs }: Patience): string {
  return canonicalJson({ question, askers, deadlineMs });
}

/** Milliseconds until the answer may turn by itself: the store's clock, carried on by the monotonic one. */
function lookIn(ports: Ports, patience: Patience, { round, away }: Look): number {
  if (away) return AWAY_MS;
  const { byTime, bucket } = nextTurn(round.facts, round.decision);
  const since = ports.runtime.monotonicMs() - round.readAt;
  const inMs = (instant: string) => msOf(instant) - msOf(round.facts.at) - since;
  const known = [
    ...(byTime === null ? [] : [inMs(byTime)]),
    ...(bucket === null ? [] : [Math.min(inMs(bucket), BUCKET_MS) + spreadOf(patience)]),
  ];
  return Math.max(LEAST_MS, Math.min(...known, Number.MAX_SAFE_INTEGER));
}

/** The same for all who wait for one answer, and different for others, so that a herd does not ask at one instant. */
function spreadOf(patience: Patience): number {
  return Number.parseInt(sha256Hex(keyOf(patience)).slice(0, 8), 16) % SPREAD_MS;
}
