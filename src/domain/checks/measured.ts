import { provesItsRing } from '../attribution.ts';
import { editionOf } from '../edition.ts';
import { type Finding, holds, passes } from '../finding.ts';
import { isProven, ownStay, type Scene } from '../scene.ts';
import type { Ring } from '../service.ts';
import { counts } from '../stay.ts';
import { isReportMissing } from './order.ts';

/** In every ring that is still to be proven, at least one counted rule must have promoted on real evidence from there. */
export function checkMeasured(scene: Scene, ruleFindings: readonly Finding[]): readonly Finding[] {
  return scene.required.map((ring) => measuredIn(scene, ring, ruleFindings));
}

function measuredIn(scene: Scene, ring: Ring, ruleFindings: readonly Finding[]): Finding {
  const subject = { check: 'measured', ring: ring.name } as const;
  if (isProven(scene, ring.name)) return passes(subject, 'proven');
  if (scene.plan.allowUnmeasured) return passes(subject, 'not-applicable', { allowUnmeasured: true });
  const stay = ownStay(scene, ring.name);
  if (!counts(stay)) {
    if (!editionOf(scene.situation).skippedRingsHold) return passes(subject, 'not-applicable');
    const clears = isReportMissing(scene, stay) ? 'by-data' : 'by-person';
    return holds(subject, 'nothing-measured', clears, { state: stay.state, rules: [], asked: scene.ring.name });
  }
  const measured = ruleFindings.filter((finding) => finding.ring === ring.name && finding.countedAs !== null);
  const here = measured.filter((finding) => provesItsRing(finding.evidence));
  const shared = measured.filter((finding) => isEvidence(finding) && !provesItsRing(finding.evidence));
  const met = here.filter((finding) => finding.verdict === 'promote' && isEvidence(finding));
  if (met.length > 0) return passes(subject, 'objective-met', { rules: met.map((finding) => finding.rule) });
  const waiting = here.filter((finding) => isEvidence(finding)).map((finding) => finding.rule);
  const tolerated = here.filter((finding) => finding.cause === 'tolerated');
  const mayCome = waiting.length > 0 || tolerated.some((finding) => finding.evidence.reachable === true);
  return holds(subject, 'nothing-measured', mayCome ? 'by-data' : 'by-person', {
    rules: waiting,
    ...(shared.length === 0 ? {} : { shared: shared.map(({ rule, evidence: { across } }) => ({ rule, across })) }),
    ...(tolerated.length === 0 ? {} : { tolerated: tolerated.map((finding) => finding.rule) }),
  });
}

/** Only rules of release or ring scope speak of this release; what was merely tolerated is no evidence. */
function isEvidence(finding: Finding): boolean {
  return finding.evidence.scope !== 'service' && finding.cause !== 'tolerated' && finding.cause !== 'not-applicable';
}
