import { checkApprovals } from './checks/approval.ts';
import { checkArtifact } from './checks/artifact.ts';
import { checkBake } from './checks/bake.ts';
import { checkFreezes } from './checks/freeze.ts';
import { checkHalts } from './checks/halt.ts';
import { checkMeasured } from './checks/measured.ts';
import { checkOccupancy } from './checks/occupancy.ts';
import { checkOrder } from './checks/order.ts';
import { checkFailedDeployments, checkRollbackMark } from './checks/rollback.ts';
import { checkRules } from './checks/rule.ts';
import type { Decision } from './decision.ts';
import type { Facts } from './facts.ts';
import { probesFor } from './probes.ts';
import { sceneOf } from './scene.ts';
import { conclude } from './verdict.ts';
import { waive } from './waive.ts';

/**
 * The gate: facts in, decision out. Pure and synchronous; every check always answers, and the worst
 * of the counted answers is the verdict.
 */
export function evaluateGate(facts: Facts): Decision {
  const scene = sceneOf(facts);
  const answers = new Map(facts.measurements.map((measured) => [measured.id, measured]));
  const rules = checkRules(scene, probesFor(scene), answers);
  const findings = [
    checkRollbackMark(scene),
    ...checkFailedDeployments(scene),
    ...checkHalts(scene),
    ...checkFreezes(scene),
    checkArtifact(scene),
    ...checkOrder(scene),
    ...checkBake(scene),
    ...checkOccupancy(scene),
    ...checkApprovals(scene),
    ...rules,
    ...checkMeasured(scene, rules),
  ];
  return conclude(scene, waive(scene, findings));
}
