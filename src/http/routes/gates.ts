import { type Ask, decide } from '../../app/decide.ts';
import type { DecisionDocument } from '../../app/documents.ts';
import type { Ports, RequestContext } from '../../app/ports.ts';
import { unavailableDecision } from '../../app/unavailable-decision.ts';
import { parseDuration } from '../../domain/duration.ts';
import { GateError, invalid } from '../../domain/errors.ts';
import type { Answer, Handlers } from '../answer.ts';
import type { components } from '../api.gen.ts';
import { presentDecision, type View } from '../views.ts';
import { releaseIn } from './release-in.ts';

type Fields = components['schemas']['GateRequest'];

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
  const undecided = (asked: Asked, context: RequestContext | null, error: unknown): Answer => {
    const decision = unavailableDecision(ports, context, asked.ask, because(error));
    const { verdict } = decision;
    ports.events.decided({
      request: context,
      id: null,
      facts: null,
      verdict,
      cause: 'gate-unavailable',
      durationMs: 0,
    });
    return present(decision, asked);
  };
  const inQuery = (call: Parts<'query'>): Asked => asked(call, call.query, '/query');
  const inBody = (call: Parts<'body'>): Asked => asked(call, call.body ?? {}, '');
  return {
    getGate: {
      handle: (call) => decided(inQuery(call), call),
      failed: (call, error) => undecided(inQuery(call), call.context, error),
    },
    postGate: {
      handle: (call) => decided(inBody(call), call),
      failed: (call, error) => undecided(inBody(call), call.context, error),
    },
  };
}

interface GateContext {
  readonly ports: Ports;
  readonly isDraining: () => boolean;
}

interface Caller {
  readonly context: RequestContext;
  readonly signal: AbortSignal;
  readonly headers: { readonly idempotencyKey: string | null };
}

type Parts<Where extends string> = { readonly path: GatePath; readonly prefersText: boolean } & {
  readonly [W in Where]: Fields | undefined;
};

interface GatePath {
  readonly release: string;
  readonly ring: string;
}

interface Asked {
  readonly ask: Ask;
  readonly view: View;
  readonly prefersText: boolean;
}

function asked(
  call: { readonly path: GatePath; readonly prefersText: boolean },
  fields: Fields | undefined,
  where: string,
): Asked {
  const { stage, change, dryRun, artifact, actor, build, context, deadline, wait, view } = fields ?? {};
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
    deadlineMs: deadlineOf(deadline, where),
    waitMs: waitOf(wait, where),
  };
  return { ask, view: view ?? 'status', prefersText: call.prefersText };
}

function deadlineOf(text: string | undefined, where: string): number {
  const ms = parseDuration(text ?? DEADLINE.usual);
  if (ms !== null && ms > 0 && ms <= DEADLINE.mostMs) return ms;
  throw invalid([{ pointer: `${where}/deadline`, message: 'must be more than 0s and at most 25s' }]);
}

function waitOf(text: string | undefined, where: string): number {
  const ms = parseDuration(text ?? '0s');
  if (ms !== null && ms <= LONGEST_WAIT_MS) return ms;
  throw invalid([{ pointer: `${where}/wait`, message: 'must be at most 25s' }]);
}

/** Told to callers, so without any detail of what failed. */
function because(error: unknown): string | undefined {
  const away = error instanceof GateError && error.code === 'unavailable';
  return away ? undefined : 'The gate cannot decide now because something failed in it';
}
