import { advance } from '../domain/advance.ts';
import type { Decision } from '../domain/decision.ts';
import type { Facts } from '../domain/facts.ts';
import { evaluateGate } from '../domain/gate.ts';
import { ownQuestion } from '../domain/judge-occupant.ts';
import type { Rollout } from '../domain/life.ts';
import { isClaimed, liveIn, releaseState } from '../domain/lives.ts';
import type { Release } from '../domain/release.ts';
import { mayRollBack } from '../domain/rule.ts';
import { putRelease } from '../domain/transitions.ts';
import { decisionBody, ownAsker } from './decision-record.ts';
import type { ReportRequest } from './documents.ts';
import { gather, type KnownState, situationOf } from './gather.ts';
import type { NewEntry, Ports } from './ports.ts';
import { entryFrom } from './record.ts';

/** How long a report may wait for what the rules say, in milliseconds; what is not known by then is no harm. */
export const LEAVING_MS = 3000;

/** What the gate has asked itself about a release that leaves a ring. */
export interface Leaving {
  /** Of the decision. */
  readonly id: string;
  readonly facts: Facts;
  readonly decision: Decision;
}

/**
 * Judges a release once more when a report ends its stay: harm that nobody has asked about would leave no
 * mark, and the release would be let in again. Null where there is nothing to find: it does not run there, or
 * only by its own word, a mark stands or comes with the report, or no rule may roll back.
 */
export async function judgeLeaving(
  ports: Ports,
  state: KnownState,
  { release, ring, request }: { release: Release; ring: string; request: ReportRequest },
  leftMs: number,
): Promise<Leaving | null> {
  const life = liveIn(state.rollout, release.version, ring);
  const own = releaseState(state.rollout, release.version);
  if (life === undefined || isClaimed(life) || !leaves(request) || own.mark !== null) return null;
  if (!state.rules.some(({ rule }) => mayRollBack(rule))) return null;
  // Nothing but the mark may change by it.
  const question = ownQuestion({ service: release.service, ring, dryRun: false, mayDeploy: false }, own);
  const facts = await gather(ports, state, situationOf(ports, state, question, []), null, leftMs);
  return { id: ports.runtime.newId(), facts, decision: evaluateGate(facts) };
}

/** Every end of a stay by report; whoever rolls back with a reason has said what the harm was. */
function leaves({ state, reason }: ReportRequest): boolean {
  return state === 'abandoned' || state === 'failed' || (state === 'rolled-back' && (reason ?? null) === null);
}

/** The rollout with the mark that the harm sets. */
export function markedBy(leaving: Leaving | null, rollout: Rollout): Rollout {
  if (leaving === null) return rollout;
  return advance(leaving.facts, leaving.decision, leaving.id).releases.reduce(putRelease, rollout);
}

/** The record of it: it was asked for the report, and is written together with it. */
export function leavingEntry(ports: Pick<Ports, 'origin' | 'gateVersion'>, leaving: Leaving, report: string): NewEntry {
  const { id, facts, decision } = leaving;
  return entryFrom(id, decisionBody(id, ownAsker({ ...ports, attempts: 1 }, report), facts, decision));
}
