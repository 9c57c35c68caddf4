import type { Decision } from '../domain/decision.ts';
import type { Facts, Situation } from '../domain/facts.ts';
import type { FoundOccupant } from '../domain/found-occupant.ts';
import { evaluateGate } from '../domain/gate.ts';
import { findOccupant, occupantToJudge, ownQuestion } from '../domain/judge-occupant.ts';
import type { Life } from '../domain/life.ts';
import { releaseState } from '../domain/lives.ts';
import { formatRelease } from '../domain/release.ts';
import { sceneOf } from '../domain/scene.ts';
import { type Earlier, gather, type KnownState, situationOf } from './gather.ts';
import type { Ports } from './ports.ts';

/** A question that the gate has asked itself about the release that has the ring. */
export interface Look {
  readonly facts: Facts;
  readonly decision: Decision;
  readonly found: FoundOccupant;
}

/** Stands for the decision about the occupant until it is recorded: each newcomer's record has one of its own. */
const UNRECORDED = '';

/**
 * Judges whoever keeps a newcomer out of its ring, in the newcomer's own time: at the same instant, and with
 * questions that go to the providers together with the newcomer's. Null where nobody has to be judged.
 */
export async function lookAtOccupant(
  ports: Ports,
  state: KnownState,
  newcomer: Situation,
  earlier: Earlier | null,
  leftMs: number,
): Promise<Look | null> {
  const occupant = occupantToJudge(sceneOf(newcomer));
  if (occupant === undefined) return null;
  const began = ports.runtime.monotonicMs();
  const { service, version } = { ...newcomer.question, version: occupant.version };
  const read = () =>
    Promise.all([ports.store.gateState(service, version), ports.store.lastAsked(formatRelease({ service, version }))]);
  const [its, askedAt] = await (earlier === null ? read() : ports.desk.reads(read));
  const known: KnownState = { ...its, service: state.service, now: state.now };
  const question = ownQuestion(newcomer.question, releaseState(known.rollout, version));
  const situation = situationOf(ports, known, question, []);
  const facts = await gather(ports, known, situation, earlier, leftMs - (ports.runtime.monotonicMs() - began));
  return judged(facts, occupant, askedAt);
}

function judged(facts: Facts, occupant: Life, askedAt: string | null): Look {
  const decision = evaluateGate(facts);
  return { facts, decision, found: findOccupant(facts, decision, occupant, askedAt, UNRECORDED) };
}
