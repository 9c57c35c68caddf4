import type { Situation } from './facts.ts';
import { FIRST_EDITION } from './first-edition.ts';
import { happen } from './happen.ts';
import type { Rollout } from './life.ts';
import type { Plan } from './service.ts';
import { isGiven, stayOf, type Terms } from './stay.ts';
import { isOverNewer } from './transitions.ts';

/**
 * What facts of each edition are judged by, where that has changed: a recorded decision has to come out as it did
 * then (law 8). Everything that depends on the edition asks here, and nowhere else.
 */
export interface Edition {
  readonly termsOf: (plan: Plan) => Terms;
  /** What a question implies of a ring, where the plan assumes deployments. */
  readonly assume: (rollout: Rollout, version: string, ring: string, at: string, terms: Terms) => Rollout;
  /** A ring that was passed by an override still wants its bake and its evidence. */
  readonly skippedRingsHold: boolean;
  /** A release does not enter over one that was let in later. */
  readonly overtakenHolds: boolean;
  /** The end of a stay is named also after the release has started again. */
  readonly namesEarlierEnds: boolean;
  /** A stay ends at the instant at which its successor was deployed; later it ends no earlier than that was known. */
  readonly endsWithDeployment: boolean;
  /** Who has asked for a release is no second person behind an override of it. */
  readonly askersAreNoSeconds: boolean;
}

const SECOND_EDITION: Edition = {
  termsOf: (plan) => plan,
  assume,
  skippedRingsHold: true,
  overtakenHolds: true,
  namesEarlierEnds: false,
  endsWithDeployment: false,
  askersAreNoSeconds: true,
};

/** What the facts are judged by. */
export function editionOf({ v }: Pick<Situation, 'v'>): Edition {
  return v === 1 ? FIRST_EDITION : SECOND_EDITION;
}

/** What was promised has been deployed, unless that was reported as failed, but never over a release that came later. */
function assume(rollout: Rollout, version: string, ring: string, at: string, terms: Terms): Rollout {
  const stay = stayOf(rollout, version, ring, at, terms);
  if (!isGiven(stay) || stay.newest?.end === 'failed' || isOverNewer(rollout, stay, at, terms)) return rollout;
  const said = { at, now: at, vouched: false, startedAt: null, adopted: false, reason: null };
  return happen(rollout, { on: 'assumed', version, ring, ...said }, terms);
}
