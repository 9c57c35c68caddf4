import { advance } from '../domain/advance.ts';
import { GateError } from '../domain/errors.ts';
import type { Question } from '../domain/facts.ts';
import type { Release } from '../domain/release.ts';
import { type Asker, type DecisionBody, decisionBody, documentFromBody, MAX_ATTEMPTS } from './decision-record.ts';
import type { DecisionDocument } from './documents.ts';
import { overrideUses } from './override-uses.ts';
import type { Commit, GateState, Ports, RequestContext } from './ports.ts';
import { entryFrom } from './record.ts';
import { hasRight } from './rights.ts';
import { takeRound } from './round.ts';
import { type Patience, type Settled, settle } from './settle.ts';
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
  /** How long a hold may be looked at again before it is the answer, in milliseconds; 0 answers at once. */
  readonly waitMs: number;
}

/** What comes with an ask beside its parameters. */
export interface AskingCall {
  /** Aborted when the caller has gone away: then nobody waits, and nothing more is recorded. */
  readonly signal: AbortSignal;
}

const STAYS: AskingCall = { signal: new AbortController().signal };

/**
 * The main job: load, ask, evaluate, record. The answer is given only once its record is durable
 * (law 4). When what it rests on has changed meanwhile it is taken again, at most twice (law 5).
 * With `waitMs` a hold is looked at again until it turns or the time is over; only the last look is
 * recorded. Throws GateError: not-found for an unknown service or ring, forbidden for a change class
 * that the caller may not claim, unavailable when the store does not answer: then nothing was promised.
 */
export async function decide(
  ports: Ports,
  context: RequestContext,
  ask: Ask,
  call: AskingCall = STAYS,
): Promise<DecisionDocument> {
  const task = taskOf(ports, context, ask, call);
  let settled: Settled | null = null;
  for (let attempts = 1; ; attempts += 1) {
    settled = await look(ports, task, settled);
    const { round } = settled;
    const body = decisionBody(ports.runtime.newId(), { ...task.asker, attempts }, round.facts, round.decision);
    const commit = commitOf(body, round.state);
    if ((await ports.store.append(commit)) === 'recorded') return answer(ports, task, settled, body, commit);
    if (attempts < MAX_ATTEMPTS) continue;
    if (ports.runtime.monotonicMs() >= task.patience.until) return await contest(ports, task, settled, attempts + 1);
    attempts = 0;
  }
}

/** One ask on its way to an answer. */
interface Task {
  readonly context: RequestContext;
  readonly patience: Patience;
  readonly asker: Omit<Asker, 'attempts'>;
  /** By the monotonic clock. */
  readonly startedAt: number;
}

function taskOf(ports: Ports, context: RequestContext, ask: Ask, { signal }: AskingCall): Task {
  const startedAt = ports.runtime.monotonicMs();
  const asking = { question: questionOf(context, ask), askers: askersOf(context, ask) };
  const patience = { ...asking, deadlineMs: ask.deadlineMs, until: startedAt + ask.waitMs, signal };
  return { context, patience, asker: askerOf(ports, context, ask), startedAt };
}

/** The deadline is for everything that is done for one answer; the time that is slept through does not count. */
async function look(ports: Ports, { patience, startedAt }: Task, last: Settled | null): Promise<Settled> {
  const sleptMs = last?.sleptMs ?? 0;
  const spentMs = ports.runtime.monotonicMs() - startedAt - sleptMs;
  const first = await takeRound(ports, patience, patience.deadlineMs - spentMs, last?.round ?? null);
  const settled = await settle(ports, patience, first);
  return { round: settled.round, sleptMs: sleptMs + settled.sleptMs };
}

/** Law 5: what the decision rests on did not stay true for long enough to be recorded, so the answer is a hold. */
async function contest(ports: Ports, task: Task, settled: Settled, attempts: number): Promise<DecisionDocument> {
  const body = decisionBody(ports.runtime.newId(), { ...task.asker, attempts }, settled.round.facts);
  const commit = { entry: entryFrom(body.id, body), expects: {}, raises: [], writes: [] };
  await ports.store.append(commit);
  return answer(ports, task, settled, body, commit);
}

function answer(ports: Ports, task: Task, { sleptMs }: Settled, body: DecisionBody, commit: Commit): DecisionDocument {
  announce(ports, task.context, body, ports.runtime.monotonicMs() - task.startedAt - sleptMs);
  return documentFromBody(body, commit.entry);
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
  for (const use of overrideUses(body)) ports.events.overridden({ request, ...use });
}
