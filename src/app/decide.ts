import { advance } from '../domain/advance.ts';
import { scrub } from '../domain/audit/plain-text.ts';
import { GateError } from '../domain/errors.ts';
import type { Facts, Question, Situation } from '../domain/facts.ts';
import type { Measured } from '../domain/measurement.ts';
import { questionsFor } from '../domain/questions.ts';
import type { Release } from '../domain/release.ts';
import { planOf, ringOf } from '../domain/service.ts';
import { askProviders, delaysOf } from './ask-providers.ts';
import { controlsFor } from './controls.ts';
import { type Asker, type DecisionBody, decisionBody, documentFromBody, MAX_ATTEMPTS } from './decision-record.ts';
import type { DecisionDocument } from './documents.ts';
import type { Commit, GateState, Ports, RequestContext } from './ports.ts';
import { entryFrom } from './record.ts';
import { hasRight } from './rights.ts';
import { writesOf } from './writes.ts';

/** One question of a pipeline, validated at the edge. */
export interface Ask {
  readonly release: Release;
  readonly ring: string;
  readonly stage: 'enter' | 'exit';
  readonly change: string;
  readonly dryRun: boolean;
  readonly artifact: string | null;
  readonly actor: string | null;
  readonly build: string | null;
  readonly context: Readonly<Record<string, unknown>> | null;
  /** For the whole decision, in milliseconds. */
  readonly deadlineMs: number;
}

/**
 * The main job: load, ask, evaluate, record. The answer is given only once its record is durable
 * (law 4). When what it rests on has changed meanwhile it is taken again, at most twice (law 5).
 * Throws GateError: not-found for an unknown service or ring, forbidden for a change class that the
 * caller may not claim, unavailable when the store does not answer: then nothing was promised.
 */
export async function decide(ports: Ports, context: RequestContext, ask: Ask): Promise<DecisionDocument> {
  const started = ports.runtime.monotonicMs();
  const question = questionOf(context, ask);
  const asker = askerOf(ports, context, ask);
  const answer = (body: DecisionBody, commit: Commit): DecisionDocument => {
    announce(ports, context, body, ports.runtime.monotonicMs() - started);
    return documentFromBody(body, commit.entry);
  };
  for (let attempts = 1; ; attempts += 1) {
    const state = await load(ports, question);
    const facts = await gather(
      ports,
      state,
      question,
      askersOf(context, ask),
      ask.deadlineMs - (ports.runtime.monotonicMs() - started),
    );
    const body = decisionBody(ports.runtime.newId(), { ...asker, attempts }, facts);
    const commit = commitOf(body, state);
    if ((await ports.store.append(commit)) === 'recorded') return answer(body, commit);
    if (attempts < MAX_ATTEMPTS) continue;
    const contested = decisionBody(ports.runtime.newId(), { ...asker, attempts: attempts + 1 }, facts);
    const last = { entry: entryFrom(contested.id, contested), expects: {}, raises: [], writes: [] };
    await ports.store.append(last);
    return answer(contested, last);
  }
}

function questionOf(context: RequestContext, ask: Ask): Question {
  if (!context.principal.changes.includes(ask.change)) {
    throw new GateError(
      'forbidden',
      `this token may not claim the change class "${ask.change}"; it may claim ${context.principal.changes.join(', ')}`,
    );
  }
  const { stage, change, dryRun, artifact } = ask;
  return {
    ...ask.release,
    ring: ask.ring,
    stage,
    change,
    dryRun,
    artifact,
    mayDeploy: hasRight(context.principal, 'deploy'),
  };
}

async function load(
  ports: Ports,
  question: Question,
): Promise<GateState & { service: NonNullable<GateState['service']> }> {
  const state = await ports.store.gateState(question.service, question.version);
  if (state.service === null) throw new GateError('not-found', `there is no service "${question.service}"`);
  if (ringOf(planOf(state.service), question.ring) === undefined) {
    const rings = state.service.rings.map((ring) => ring.name).join(', ');
    throw new GateError('not-found', `${question.service} has no ring "${question.ring}"; it has ${rings}`);
  }
  return { ...state, service: state.service };
}

/** Facts are complete when this returns; whatever was not answered in time is recorded as such. */
async function gather(
  ports: Ports,
  state: GateState & { service: NonNullable<GateState['service']> },
  question: Question,
  askers: readonly string[],
  leftMs: number,
): Promise<Facts> {
  const { now: at, service, rules, rollout } = state;
  const controls = controlsFor(state, question, askers, ports.windowsAt);
  const situation: Situation = {
    question,
    at,
    service,
    rules,
    providers: delaysOf(state.providers),
    rollout,
    controls,
  };
  const reserve = Math.min(500, leftMs / 10);
  const { ask, unaskable } = questionsFor(situation);
  const measured = await askProviders(ports, state.providers, ask, leftMs - reserve);
  return { v: 1, ...situation, measurements: scrub([...measured, ...unaskable]) as readonly Measured[] };
}

/** Whoever is known to want this: the person that is named, and an operator who asks. */
function askersOf({ principal }: RequestContext, { actor }: Ask): readonly string[] {
  const named = actor === null ? [] : [actor];
  return hasRight(principal, 'operate') ? [...new Set([...named, principal.name])] : named;
}

function askerOf(ports: Ports, context: RequestContext, ask: Ask): Omit<Asker, 'attempts'> {
  const { kind, id, name } = context.principal;
  return {
    origin: ports.origin,
    gateVersion: ports.gateVersion,
    caller: { kind, id, name },
    request: { id: context.requestId, ip: context.ip },
    actor: ask.actor,
    build: ask.build,
    context: ask.context,
  };
}

function commitOf(body: DecisionBody, state: GateState): Commit {
  const entry = entryFrom(body.id, body);
  const writes = writesOf(body.service, advance(body.facts, body.decision, body.id));
  return {
    entry,
    expects: state.revisions,
    raises: writes.length > 0 ? [`service/${body.service}`] : [],
    writes,
  };
}

function announce(ports: Ports, request: RequestContext, body: DecisionBody, durationMs: number): void {
  const cause = body.causes[0] ?? 'open';
  ports.events.decided({ request, id: body.id, facts: body.facts, verdict: body.verdict, cause, durationMs });
}
