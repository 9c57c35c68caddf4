import { formatDuration } from '../duration.ts';
import { type Finding, holds, passes } from '../finding.ts';
import { after, msOf } from '../instant.ts';
import { isLive, standing } from '../lives.ts';
import { isProven, type Scene } from '../scene.ts';
import type { Ring } from '../service.ts';

/** Every ring that is still to be proven must have had the release for its bake time. It counts from the deployment. */
export function checkBake(scene: Scene): readonly Finding[] {
  if (scene.required.length === 0) return [passes({ check: 'bake', ring: scene.ring.name }, 'first-ring')];
  return scene.required.map((ring) => bakeIn(scene, ring));
}

function bakeIn(scene: Scene, ring: Ring): Finding {
  const subject = { check: 'bake', ring: ring.name } as const;
  if (isProven(scene, ring.name)) return passes(subject, 'proven');
  const life = standing(scene.rollout, scene.version, ring.name);
  if (life === undefined || !isLive(life) || life.liveAt === null) return passes(subject, 'not-applicable');
  const served = msOf(scene.at) - msOf(life.liveAt);
  const evidence = { since: life.liveAt, required: formatDuration(ring.bakeMs), served: formatDuration(served) };
  if (served >= ring.bakeMs) return passes(subject, 'baked', evidence);
  return holds(subject, 'baking', 'by-time', evidence, after(life.liveAt, ring.bakeMs));
}
