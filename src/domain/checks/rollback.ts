import { type Finding, holds, passes, reverts } from '../finding.ts';
import { failedLast } from '../lives.ts';
import type { Scene } from '../scene.ts';

/** Law 3: a rollback mark is sticky. While the release runs anywhere it has to go; afterwards a person must clear it. */
export function checkRollbackMark(scene: Scene): Finding {
  const { mark } = scene.release;
  if (mark === null) return passes({ check: 'rollback' }, 'open');
  const evidence = { markedAt: mark.at, decision: mark.decision, reason: mark.reason };
  if (scene.live.length > 0) return reverts({ check: 'rollback' }, 'rolled-back-earlier', evidence);
  return holds({ check: 'rollback' }, 'rolled-back-earlier', 'by-person', evidence);
}

/** A failed deployment is undone for as long as nothing newer has been reported from that ring. Never sticky. */
export function checkFailedDeployments(scene: Scene): readonly Finding[] {
  return failedRings(scene).map(({ ring, at, reason }) =>
    reverts({ check: 'rollback', ring }, 'deployment-failed', { reportedAt: at, reason }),
  );
}

/** Rings whose newest report says that this release failed to deploy. */
export function failedRings(scene: Scene): readonly { ring: string; at: string; reason: string | null }[] {
  return scene.plan.rings.flatMap((ring) => {
    const failed = failedLast(scene.rollout, ring.name);
    if (failed?.version !== scene.version || failed.reportedAt === null) return [];
    return [{ ring: ring.name, at: failed.reportedAt, reason: failed.reason }];
  });
}
