import { invalid } from '../domain/errors.ts';
import { after } from '../domain/instant.ts';
import { type Bound, earliestDeployment, earliestEnd } from '../domain/report-instants.ts';
import { type Stay, stayOf, type Terms } from '../domain/stay.ts';
import type { ReportRequest } from './documents.ts';
import type { GateState } from './ports.ts';

/** Clocks of callers may run ahead of the database's by this much. */
const AHEAD_MS = 5000;

/** What a report says of time, checked. */
export interface ReportedInstants {
  readonly happenedAt: string;
  readonly startedAt: string | null;
}

/**
 * When it happened and, where that is stated, when it began. Nobody may report the future, or the end of a stay
 * from before it began; a pipeline no deployment from before it was let in. Throws invalid-request (`at`, `startedAt`).
 */
export function reportedInstants(
  state: GateState,
  { version, ring, request, vouched }: { version: string; ring: string; request: ReportRequest; vouched: boolean },
  terms: Terms,
): ReportedInstants {
  const stay = stayOf(state.rollout, version, ring, state.now, terms);
  const happenedAt = happened(state, stay, request, vouched);
  return { happenedAt, startedAt: beginning(state, happenedAt, request) };
}

function happened(state: GateState, stay: Stay, request: ReportRequest, vouched: boolean): string {
  if (request.at === undefined) return state.now;
  const stated = instantOf(request.at, '/at');
  if (stated > after(state.now, AHEAD_MS)) throw refused(`lies in the future; it is ${state.now}`);
  const at = stated > state.now ? state.now : stated;
  const ends = request.state !== 'deployed';
  const bound = ends ? earliestEnd(stay) : earliestDeployment(state.rollout, stay);
  if (ends && bound !== null && at < bound.at) throw refused(`${at} lies before ${words(stay, bound)}`);
  if (vouched || at >= (bound?.at ?? after(state.now, -AHEAD_MS))) return at;
  if (bound === null) {
    throw refused(
      `lies in the past, but no promise is known there that it could rest on; leave "at" out, or let an operator say so`,
    );
  }
  throw refused(`${at} lies before ${words(stay, bound)}; only an operator may say so`);
}

function words({ version, ring }: Stay, { at, what }: Bound): string {
  if (what === 'began') return `the stay of ${version} in ${ring} began, at ${at}`;
  if (what === 'ended') return `the stay of ${version} in ${ring} before it ended, at ${at}`;
  return `the gate was last asked about ${ring}, and let ${version} in, at ${at}`;
}

/** When the deployment began, as it is stated: not after it happened. */
function beginning(state: GateState, happenedAt: string, { startedAt }: ReportRequest): string | null {
  if (startedAt === undefined) return null;
  const began = instantOf(startedAt, '/startedAt');
  if (began > after(happenedAt, AHEAD_MS)) {
    const message = `lies after the deployment, which happened at ${happenedAt}; it is ${state.now}`;
    throw invalid([{ pointer: '/startedAt', message }]);
  }
  return began > happenedAt ? happenedAt : began;
}

function instantOf(text: string, pointer: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw invalid([{ pointer, message: 'is not an instant that exists' }]);
  return new Date(ms).toISOString();
}

function refused(message: string): Error {
  return invalid([{ pointer: '/at', message }]);
}
