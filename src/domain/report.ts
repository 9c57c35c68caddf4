import { happen } from './happen.ts';
import type { ReportState, Rollout } from './life.ts';
import { releaseState } from './lives.ts';
import type { Stated } from './report-instants.ts';
import type { Terms } from './stay.ts';
import { mark, putRelease } from './transitions.ts';

/** What somebody says happened to a release in a ring. */
export interface Report extends Stated {
  readonly version: string;
  readonly ring: string;
  readonly state: ReportState;
  /** When the deployment began, where that is stated. */
  readonly startedAt: string | null;
  readonly reason: string | null;
  /** An operator's word that a deployment past the gate was meant so. */
  readonly adopted: boolean;
}

/**
 * The rollout after a report: the row of the life's table that fits (life-table.ts), in its own ring only. A
 * `rolled-back` with a reason also sets the mark.
 */
export function applyReport(rollout: Rollout, report: Report, terms: Terms): Rollout {
  const { state, reason, version, now } = report;
  const next = happen(rollout, { ...report, on: state }, terms);
  const known = putRelease(next, releaseState(next, version));
  return state === 'rolled-back' && reason !== null ? mark(known, version, now, null, reason) : known;
}
