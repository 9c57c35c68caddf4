import type { Decision } from '../domain/decision.ts';
import { GateError } from '../domain/errors.ts';
import type { Facts, Question } from '../domain/facts.ts';
import { evaluateGate } from '../domain/gate.ts';
import { planOf, ringOf } from '../domain/service.ts';
import { gather, type KnownState, situationOf } from './gather.ts';
import { noService } from './no-service.ts';
import { type Look, lookAtOccupant } from './occupant-look.ts';
import type { Ports } from './ports.ts';

/** One look at everything: what was read and asked, and what it comes to. Nothing is recorded yet. */
export interface Round {
  readonly state: KnownState;
  readonly facts: Facts;
  readonly decision: Decision;
  /** What was found of the release that has the ring, where it was looked at. */
  readonly occupant: Look | null;
  /** When the state had been read, by the monotonic clock. */
  readonly readAt: number;
}

/** What is asked, and by whom it is known to be wanted. */
export interface Asking {
  readonly question: Question;
  readonly askers: readonly string[];
}

/**
 * Load, ask, evaluate, within some milliseconds. Whoever looks again does not ask providers what
 * `previous` has from them for the same instant, and leaves connections to those who have just come.
 * Throws GateError: not-found for an unknown service or ring, unavailable without a store.
 */
export async function takeRound(
  ports: Ports,
  { question, askers }: Asking,
  withinMs: number,
  previous: Round | null,
): Promise<Round> {
  const began = ports.runtime.monotonicMs();
  const read = () => load(ports, question);
  const state = await (previous === null ? read() : ports.desk.reads(read));
  const readAt = ports.runtime.monotonicMs();
  const situation = situationOf(ports, state, question, askers);
  const leftMs = withinMs - (readAt - began);
  const answersTo = (facts: Facts | undefined) =>
    previous && { providers: previous.state.providers, measurements: facts?.measurements ?? [] };
  const [own, occupant] = await Promise.all([
    gather(ports, state, situation, answersTo(previous?.facts), leftMs),
    lookAtOccupant(ports, state, situation, answersTo(previous?.occupant?.facts), leftMs),
  ]);
  const facts = occupant === null ? own : { ...own, occupant: occupant.found };
  return { state, facts, decision: evaluateGate(facts), occupant, readAt };
}

async function load(ports: Ports, question: Question): Promise<KnownState> {
  const state = await ports.store.gateState(question.service, question.version);
  if (state.service === null) throw noService(question.service);
  if (ringOf(planOf(state.service), question.ring) === undefined) {
    const rings = state.service.rings.map((ring) => ring.name).join(', ');
    throw new GateError('not-found', `${question.service} has no ring "${question.ring}"; it has ${rings}`);
  }
  return { ...state, service: state.service };
}
