import { scrub } from '../domain/audit/plain-text.ts';
import { withoutLapsedClaims } from '../domain/claim.ts';
import { EDITION, type Facts, type Question, type Situation } from '../domain/facts.ts';
import type { Measured } from '../domain/measurement.ts';
import { questionsFor } from '../domain/questions.ts';
import { planOf, type ServiceDocument } from '../domain/service.ts';
import { askProviders, timingsOf } from './ask-providers.ts';
import { controlsFor } from './controls.ts';
import { EarlierAnswers } from './earlier-answers.ts';
import type { GateState, Ports } from './ports.ts';

/** The state of a service that exists. */
export type KnownState = GateState & { readonly service: ServiceDocument };

/** Answers that somebody has had before, and the providers as they were configured then. */
export interface Earlier {
  readonly providers: GateState['providers'];
  readonly measurements: readonly Measured[];
}

/** What is known of a question before the providers are asked. */
export function situationOf(
  { windowsAt }: Pick<Ports, 'windowsAt'>,
  state: KnownState,
  question: Question,
  askers: readonly string[],
): Situation {
  const { now: at, service, rules } = state;
  const rollout = withoutLapsedClaims(state.rollout, at, planOf(service).deploymentTimeoutMs);
  const controls = controlsFor(state, question, askers, windowsAt);
  return { v: EDITION, question, at, service, rules, providers: timingsOf(state.providers), rollout, controls };
}

/** Facts are complete when this returns; whatever was not answered in time is recorded as such. */
export async function gather(
  ports: Ports,
  state: KnownState,
  situation: Situation,
  earlier: Earlier | null,
  leftMs: number,
): Promise<Facts> {
  const reserve = Math.min(500, leftMs / 10);
  const { providers } = state;
  const known = new EarlierAnswers(earlier?.providers ?? [], earlier?.measurements ?? []);
  const { ask, unaskable } = questionsFor(situation);
  const asked = await askProviders(
    ports,
    providers,
    ask.filter((question) => known.to(providers, question) === undefined),
    leftMs - reserve,
  );
  const anew = new Map(asked.map((measured) => [measured.id, measured]));
  const measured = ask.flatMap((question) => anew.get(question.id) ?? known.to(providers, question) ?? []);
  return { ...situation, measurements: scrub([...measured, ...unaskable]) as readonly Measured[] };
}
