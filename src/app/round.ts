import { scrub } from '../domain/audit/plain-text.ts';
import type { Decision } from '../domain/decision.ts';
import { GateError } from '../domain/errors.ts';
import { EDITION, type Facts, type Question, type Situation } from '../domain/facts.ts';
import { evaluateGate } from '../domain/gate.ts';
import type { Measured } from '../domain/measurement.ts';
import { questionsFor } from '../domain/questions.ts';
import { planOf, ringOf, type ServiceDocument } from '../domain/service.ts';
import { askProviders, timingsOf } from './ask-providers.ts';
import { controlsFor } from './controls.ts';
import { EarlierAnswers } from './earlier-answers.ts';
import { noService } from './no-service.ts';
import type { GateState, Ports } from './ports.ts';

/** One look at everything: what was read and asked, and what it comes to. Nothing is recorded yet. */
export interface Round {
  readonly state: KnownState;
  readonly facts: Facts;
  readonly decision: Decision;
  /** When the state had been read, by the monotonic clock. */
  readonly readAt: number;
}

/** The state of a service that exists. */
export type KnownState = GateState & { readonly service: ServiceDocument };

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
  const facts = await gather(ports, state, situation, previous, withinMs - (readAt - began));
  return { state, facts, decision: evaluateGate(facts), readAt };
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

/** What is known of a question before the providers are asked. */
export function situationOf(
  { windowsAt }: Pick<Ports, 'windowsAt'>,
  state: KnownState,
  question: Question,
  askers: readonly string[],
): Situation {
  const { now: at, service, rules, rollout } = state;
  const controls = controlsFor(state, question, askers, windowsAt);
  return { v: EDITION, question, at, service, rules, providers: timingsOf(state.providers), rollout, controls };
}

/** Facts are complete when this returns; whatever was not answered in time is recorded as such. */
async function gather(
  ports: Ports,
  state: KnownState,
  situation: Situation,
  previous: Round | null,
  leftMs: number,
): Promise<Facts> {
  const reserve = Math.min(500, leftMs / 10);
  const { providers } = state;
  const earlier = new EarlierAnswers(previous?.state.providers ?? [], previous?.facts.measurements ?? []);
  const { ask, unaskable } = questionsFor(situation);
  const asked = await askProviders(
    ports,
    providers,
    ask.filter((question) => earlier.to(providers, question) === undefined),
    leftMs - reserve,
  );
  const anew = new Map(asked.map((measured) => [measured.id, measured]));
  const measured = ask.flatMap((question) => anew.get(question.id) ?? earlier.to(providers, question) ?? []);
  return { ...situation, measurements: scrub([...measured, ...unaskable]) as readonly Measured[] };
}
