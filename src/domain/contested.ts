import type { Decision } from './decision.ts';
import { type Finding, holds } from './finding.ts';

/** Law 5: what was decided on did not stay true for long enough to be recorded, so nothing can be said. A hold. */
export function contested(decision: Decision, attempts: number): Decision {
  const changed: Finding = holds({ check: 'state' }, 'state-changed', 'by-data', { attempts: String(attempts) });
  const shown = decision.findings.map(
    (finding): Finding => (finding.countedAs === null ? finding : { ...finding, countedAs: null }),
  );
  return {
    ...decision,
    verdict: 'hold',
    findings: [changed, ...shown],
    rollback: null,
    validUntil: null,
    retryAfterSeconds: 5,
    earliestPromoteAt: null,
  };
}
