import { type Ask, decide } from '../../app/decide.ts';
import type { DecisionDocument } from '../../app/documents.ts';
import type { Ports, RequestContext } from '../../app/ports.ts';
import { unavailableDecision } from '../../app/unavailable-decision.ts';
import { parseDuration } from '../../domain/duration.ts';
import { GateError, invalid, NotDurable } from '../../domain/errors.ts';
import type { Answer, Call, Handlers } from '../answer.ts';
import { presentDecision, type View } from '../views.ts';
import { flaggerReport, unreported } from './flagger-report.ts';
import { postedQuestion, type Question } from './posted-question.ts';
import { releaseIn } from './release-in.ts';

const DEADLINE = { usual: '6s', mostMs: 25_000 };
const LONGEST_WAIT_MS = 25_000;

/** Asking the gate. Whatever fails here is a hold: an error is never a verdict of its own (law 1). */
export function gateHandlers({ ports, isDraining }: GateContext): Pick<Handlers, 'getGate' | 'postGate'> {
  const present = (decision: DecisionDocument, { view, prefersText }: Asked, replayed = false): Answer =>
    presentDecision(decision, view, prefersText, { stopping: isDraining(), replayed });
  const decided = async (asked: Asked, { context, signal, headers }: Caller): Promise<Answer> => {
    const key = headers.idempotencyKey;
    const { decision, replayed } = await decide(ports, context, asked.ask, { signal, key });
    return present(decision, asked, replayed);
  };
  const undecided = (asked: Asked, context: RequestContext | null, error: unknown): Answer =>
    present(undecidedAbout(ports, asked.ask, context, error), asked);
  const inQuery = ({ query = {}, ...call }: Get): Asked =>
    asked(call, { fields: query, pointerTo: (field) => `/query/${field}` }, query.view ?? 'status');
  return {
    getGate: {
      handle: (call) => decided(inQuery(call), call),
      failed: (call, error) => undecided(inQuery(call), call.context, error),
    },
    postGate: {
      async handle(call) {
        const question = postedQuestion(call.query, call.body);
        const { view = 'status' } = question.fields;
        if (view !== 'flagger-report') return await decided(asked(call, question, view), call);
        return await flaggerReport(
          ports,
          call.context,
          { release: releaseIn(call.path), ring: call.path.ring },
          question,
        );
      },
      failed(call, error) {
        const question = postedQuestion(call.query, call.body);
        const { view = 'status' } = question.fields;
        if (view === 'flagger-report') throw unreported(error);
        return undecided(asked(call, question, view), call.context, error);
      },
    },
  };
}

function undecidedAbout(ports: Ports, ask: Ask, request: RequestContext | null, error: unknown): DecisionDocument {
  const decision = unavailableDecision(ports, request, ask, because(error));
  const { verdict } = decision;
  ports.events.decided({ request, id: null, facts: null, verdict, cause: 'gate-unavailable', durationMs: 0 });
  return decision;
}

type Fields = Question['fields'];

interface GateContext {
  readonly ports: Ports;
  readonly isDraining: () => boolean;
}

interface Caller {
  readonly context: RequestContext;
  readonly signal: AbortSignal;
  readonly headers: { readonly idempotencyKey: string | null };
}

interface Asking {
  readonly path: { readonly release: string; readonly ring: string };
  readonly prefersText: boolean;
}

type Get = Asking & Pick<Call<'getGate'>, 'query'>;

interface Asked {
  readonly ask: Ask;
  readonly view: View;
  readonly prefersText: boolean;
}

function asked(call: Asking, { fields, pointerTo, flagger }: Question, view: View): Asked {
  const { stage, change, dryRun, artifact, actor, build, context, deadline, wait } = fields;
  const ask: Ask = {
    release: releaseIn(call.path),
    ring: call.path.ring,
    stage: stage ?? 'enter',
    change: change ?? 'standard',
    dryRun: dryRun ?? false,
    artifact: artifact ?? null,
    actor: actor ?? null,
    build: build ?? null,
    context: context ?? null,
    deadlineMs: deadlineOf(deadline, pointerTo('deadline')),
    waitMs: waitOf(wait, pointerTo('wait')),
    ...runningOf(fields, pointerTo('running'), flagger),
  };
  return { ask, view, prefersText: call.prefersText };
}

/** What is said outright is for `exit` alone; Flagger says its phase with every question, and cannot report instead. */
function runningOf({ stage, running }: Fields, pointer: string, flagger: Question['flagger']): Pick<Ask, 'running'> {
  if (running === true && stage !== 'exit') throw invalid([{ pointer, message: 'goes with the stage exit only' }]);
  const runs = stage === 'exit' && (running ?? flagger?.runs ?? false);
  return runs ? { running: { statedAt: flagger === undefined ? pointer : null } } : {};
}

function deadlineOf(text: string | undefined, pointer: string): number {
  const ms = parseDuration(text ?? DEADLINE.usual);
  if (ms !== null && ms > 0 && ms <= DEADLINE.mostMs) return ms;
  throw invalid([{ pointer, message: 'must be more than 0s and at most 25s' }]);
}

function waitOf(text: string | undefined, pointer: string): number {
  const ms = parseDuration(text ?? '0s');
  if (ms !== null && ms <= LONGEST_WAIT_MS) return ms;
  throw invalid([{ pointer, message: 'must be at most 25s' }]);
}

/** Told to callers, so without any detail of what failed, but for what only an operator of the database can change. */
function because(error: unknown): string | undefined {
  if (error instanceof NotDurable) return `The gate cannot decide now because ${error.message}`;
  const away = error instanceof GateError && error.code === 'unavailable';
  return away ? undefined : 'The gate cannot decide now because something failed in it';
}
