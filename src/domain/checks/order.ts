import { type Evidence, type Finding, holds, passes } from '../finding.ts';
import { hasLease, isLive, liveIn, newestLife, standing } from '../lives.ts';
import { isProven, type Scene } from '../scene.ts';
import type { Ring } from '../service.ts';

/** The release must have been let into every ring before, and for `exit` into this one, and still be there or proven. */
export function checkOrder(scene: Scene): readonly Finding[] {
  if (scene.required.length === 0) return [passes({ check: 'order', ring: scene.ring.name }, 'first-ring')];
  return scene.required.map((ring) => orderIn(scene, ring));
}

function orderIn(scene: Scene, ring: Ring): Finding {
  const subject = { check: 'order', ring: ring.name } as const;
  const life = standing(scene.rollout, scene.version, ring.name);
  if (isProven(scene, ring.name)) return passes(subject, 'proven', { since: life?.provenAt ?? null });
  if (life !== undefined && isLive(life)) return passes(subject, 'open', { since: life.liveAt });
  const newest = newestLife(scene.rollout, scene.version, ring.name);
  if (newest !== undefined && hasLease(newest, scene.at)) {
    return holds(subject, 'previous-ring-missing', 'by-data', { state: 'promised', until: newest.leaseUntil });
  }
  return holds(subject, 'previous-ring-missing', 'by-person', whyMissing(scene, ring));
}

function whyMissing(scene: Scene, ring: Ring): Evidence {
  const running = liveIn(scene.rollout, scene.version, ring.name);
  if (running?.origin === 'ungated') return { state: 'ungated', since: running.liveAt };
  if (running !== undefined) return { state: 'restarted', since: running.liveAt };
  const newest = newestLife(scene.rollout, scene.version, ring.name);
  if (newest === undefined) return { state: 'never-entered' };
  if (newest.phase === 'promised') return { state: 'lease-ended', until: newest.leaseUntil };
  return { state: newest.end ?? 'ended', until: newest.endedAt };
}
