import type { Named } from '../domain/asker.ts';
import { canonicalJson } from '../domain/audit/canonical.ts';
import { GateError, invalid } from '../domain/errors.ts';
import type { Question } from '../domain/facts.ts';
import type { Release } from '../domain/release.ts';
import type { ServiceDocument } from '../domain/service.ts';
import { namedBy } from './askers.ts';
import { contestedCommit, type DecisionCommit, decisionCommit } from './decision-commit.ts';
import { type Asker, type DecisionBody, documentFromBody, MAX_ATTEMPTS } from './decision-record.ts';
import type { DecisionDocument } from './documents.ts';
import { type AskKey, askKey, type Remembered, remember, remembering } from './idempotency.ts';
import { overrideUses } from './override-uses.ts';
import type { Commit, Ports, RequestContext } from './ports.ts';
import { hasRight } from './rights.ts';
import { takeRound } from './round.ts';
import { joinOthers, type Patience, type Settled, settle, takeRoundTogether } from './settle.ts';

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
  /** There where the caller says that the release runs in the ring. */
  readonly running?: Running;
  /** For the whole decision, in milliseconds. */
  readonly deadlineMs: number;
  /** How long a hold may be looked at again before it is the answer, in milliseconds; 0 answers at once. */
  readonly waitMs: number;
}

/** Where a caller says that the release runs: a JSON Pointer, or null where its dialect says so and it can report nothing. */
export interface Running {
  readonly statedAt: string | null;
}

/** What comes with an ask beside its parameters. */
export interface AskingCall {
  /** The Idempotency-Key, if there is one. */
  readonly key: string | null;
  /** Aborted when the caller has gone away: then nobody waits, and nothing more is recorded. */
  readonly signal: AbortSignal;
}

export interface Answered {
  readonly decision: DecisionDocument;
  /** True when it is the answer to an earlier request with the same Idempotency-Key. */
  readonly replayed: boolean;
}

/**
 * The main job: load, ask, evaluate, record. The answer is given only once its record is durable
 * (law 4). When what it rests on has changed meanwhile it is taken again, at most twice (law 5).
 * With `waitMs` a hold is looked at again until it turns or the time is over; only the last look is
 * recorded. Throws GateError: not-found for an unknown service or ring, forbidden for a change class
 * that the caller may not claim, idempotency-mismatch for a key that was used for another question,
 * unavailable when the store does not answer: then nothing was promised.
 */
export async function decide(ports: Ports, context: RequestContext, ask: Ask, call: AskingCall): Promise<Answered> {
  const task = taskOf(ports, context, ask, call);
  const { key } = task;
  if (key === null) return await take(ports, task);
  for (;;) {
    try {
      return await takeTogether(ports, task, key, ask.waitMs);
    } catch (error) {
      if (!isAbandoned(error) || call.signal.aborted) throw error;
    }
  }
}

/** Concurrent requests with one key wait for one decision. A hold that they share is new for all of them. */
async function takeTogether(ports: Ports, task: Task, { id, fingerprint }: AskKey, waitMs: number): Promise<Answered> {
  let mine = false;
  const answered = await ports.desk.keyed.run(canonicalJson([id, fingerprint, waitMs]), () => {
    mine = true;
    return take(ports, task);
  });
  return mine || answered.decision.verdict === 'hold' ? answered : { ...answered, replayed: true };
}

/** Of several concurrent requests with one key one works for all; when it goes away another one has to. */
function isAbandoned(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Only those who wait look together from the first time on: it costs a little, and most asks are alone. */
async function take(ports: Ports, task: Task): Promise<Answered> {
  if (!waits(task)) return await takeAmongOthers(ports, task);
  const leave = joinOthers(ports, task.patience);
  try {
    return await takeAmongOthers(ports, task);
  } finally {
    leave();
  }
}

async function takeAmongOthers(ports: Ports, task: Task): Promise<Answered> {
  let settled: Settled | null = null;
  for (let attempts = 1; ; ) {
    const earlier = task.key === null ? null : await remember(ports, task.key);
    if (earlier !== null && earlier.replay !== null) return { decision: earlier.replay, replayed: true };
    settled = await look(ports, task, settled);
    checkRunning(settled.round.state.service, task.running);
    const other = ports.desk.writing.get(settled.round);
    if (other !== undefined) {
      await other;
      continue;
    }
    const asker = { ...task.asker, attempts, ...(earlier?.decision == null ? {} : { follows: earlier.decision }) };
    const ready = decisionCommit(ports, asker, settled.round, task.named);
    const { body, records } = ready;
    const commit = keyed(ready, task.key, earlier);
    const outcome = ports.store.append(commit);
    if (commit.raises.length > 0)
      ports.desk.writing.set(
        settled.round,
        outcome.catch(() => null),
      );
    if ((await outcome) === 'recorded') {
      for (const record of records) ports.desk.holds.keep(record, settled.round.state.revisions.history);
      return answer(ports, task, settled, body, commit);
    }
    const patient = ports.runtime.monotonicMs() < task.patience.until;
    if (attempts >= MAX_ATTEMPTS && !patient) return await contest(ports, task, settled, attempts + 1);
    attempts = attempts >= MAX_ATTEMPTS ? 1 : attempts + 1;
  }
}

/** One ask on its way to an answer. */
interface Task {
  readonly running: Running | undefined;
  readonly context: RequestContext;
  readonly patience: Patience;
  readonly asker: Omit<Asker, 'attempts'>;
  readonly key: AskKey | null;
  /** The people behind it. */
  readonly named: readonly Named[];
  /** By the monotonic clock. */
  readonly startedAt: number;
}

function taskOf(ports: Ports, context: RequestContext, ask: Ask, call: AskingCall): Task {
  const startedAt = ports.runtime.monotonicMs();
  const named = namedBy(context, ask.actor);
  const asking = { question: questionOf(context, ask), askers: named.map(({ name }) => name) };
  const patience = { ...asking, deadlineMs: ask.deadlineMs, until: startedAt + ask.waitMs, signal: call.signal };
  const key = call.key === null ? null : askKey(context.principal, call.key, ask);
  return { running: ask.running, context, patience, asker: askerOf(ports, context, ask), key, named, startedAt };
}

/** Whoever can report has to, where the plan wants reports: a claim would stand in the place of one. */
function checkRunning({ deployments }: ServiceDocument, running: Running | undefined): void {
  if (deployments !== 'reported' || running === undefined || running.statedAt === null) return;
  const message = 'is refused by a plan whose deployments are reported: report the deployment instead';
  throw invalid([{ pointer: running.statedAt, message }]);
}

function waits({ patience, startedAt }: Task): boolean {
  return patience.until > startedAt;
}

/** The deadline is for everything that is done for one answer; the time that is slept through does not count. */
async function look(ports: Ports, task: Task, last: Settled | null): Promise<Settled> {
  const { patience, startedAt } = task;
  const sleptMs = last?.sleptMs ?? 0;
  const spentMs = ports.runtime.monotonicMs() - startedAt - sleptMs;
  const leftMs = patience.deadlineMs - spentMs;
  const first = await (last === null && !waits(task)
    ? takeRound(ports, patience, leftMs, null)
    : takeRoundTogether(ports, patience, leftMs, last?.round ?? null));
  const settled = await settle(ports, patience, first);
  return { round: settled.round, sleptMs: sleptMs + settled.sleptMs };
}

/** Law 5: what the decision rests on did not stay true for long enough to be recorded, so the answer is a hold. */
async function contest(ports: Ports, task: Task, settled: Settled, attempts: number): Promise<Answered> {
  const { body, commit } = contestedCommit(ports, { ...task.asker, attempts }, settled.round, task.named);
  await ports.store.append(commit);
  return answer(ports, task, settled, body, commit);
}

function answer(ports: Ports, task: Task, { sleptMs }: Settled, body: DecisionBody, commit: Commit): Answered {
  announce(ports, task.context, body, ports.runtime.monotonicMs() - task.startedAt - sleptMs);
  return { decision: documentFromBody(body, commit.entry), replayed: false };
}

function questionOf(context: RequestContext, ask: Ask): Question {
  if (!context.principal.changes.includes(ask.change)) {
    throw new GateError(
      'forbidden',
      `this token may not claim the change class "${ask.change}"; it may claim ${context.principal.changes.join(', ')}. An administrator makes a token that may, with "changes": ["${ask.change}"]`,
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
    ...(ask.running === undefined ? {} : { running: true }),
  };
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

/** The commit, remembered under the key where there is one. */
function keyed({ body, commit }: DecisionCommit, key: AskKey | null, earlier: Remembered | null): Commit {
  return key === null || earlier === null ? commit : remembering(commit, body, key, earlier);
}

function announce(ports: Ports, request: RequestContext, body: DecisionBody, durationMs: number): void {
  const cause = body.causes[0] ?? 'open';
  ports.events.decided({ request, id: body.id, facts: body.facts, verdict: body.verdict, cause, durationMs });
  for (const use of overrideUses(body)) ports.events.overridden({ request, ...use });
}
