import type { ReportRequest, ReportResult } from '../../app/documents.ts';
import type { Ports, RequestContext } from '../../app/ports.ts';
import { report } from '../../app/reports.ts';
import { requireRight } from '../../app/rights.ts';
import { GateError, invalid } from '../../domain/errors.ts';
import type { Release } from '../../domain/release.ts';
import { type Answer, ok } from '../answer.ts';
import type { Question } from './posted-question.ts';

/** What Flagger's hook `post-rollout` has to say; in every other phase nothing has become of the canary yet. */
const STATES: Readonly<Record<string, ReportRequest['state']>> = { Succeeded: 'deployed', Failed: 'rolled-back' };

/** What goes with a report beside Flagger's own body. */
const TAKEN = ['view', 'context', 'build', 'actor', 'artifact'];

/**
 * Flagger can only POST its own body, so this is how it reports: no verdict, and 200 once nothing is left to do.
 * @throws GateError `invalid-request` without Flagger's phase, or with what goes with a question only; what `report` throws.
 */
export async function flaggerReport(
  ports: Ports,
  context: RequestContext,
  { release, ring }: { readonly release: Release; readonly ring: string },
  { fields, pointerTo, flagger }: Question,
): Promise<Answer> {
  requireRight(context.principal, 'deploy');
  const others = Object.keys(fields).filter((field) => !TAKEN.includes(field));
  const errors = others.map((field) => ({ pointer: pointerTo(field), message: 'does not go with a report' }));
  if (flagger?.phase === undefined) errors.push({ pointer: '/phase', message: "is needed: send Flagger's own body" });
  if (errors.length > 0) throw invalid(errors);
  const state = STATES[flagger?.phase ?? ''];
  if (state === undefined) return told(null);
  const { build, actor, artifact } = fields;
  const more = { ...(build && { build }), ...(actor && { actor }), ...(artifact && { artifact }) };
  return told(await report(ports, context, release, ring, { state, ...more }));
}

function told(recorded: ReportResult | null): Answer {
  return ok({ recorded: recorded !== null, report: recorded });
}

/** A report that could not be recorded is sent again, whatever kept it from being recorded: it is told as a 503. */
export function unreported(error: unknown): GateError {
  const away = error instanceof GateError && error.code === 'unavailable';
  return away ? error : new GateError('unavailable', 'the report could not be recorded');
}
