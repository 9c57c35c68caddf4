import { after } from './instant.ts';
import { isProof, standing } from './lives.ts';
import type { Scene } from './scene.ts';
import { lastRingsOf } from './service.ts';

/**
 * A settled release is the service's normal state: harm that shows up now is hardly its fault, so it
 * holds and is never rolled back. Settled is what has proven itself in every last ring, or entered
 * them longer ago than the plan's `rollbackWithin`.
 */
export function isSettled(scene: Scene): boolean {
  return lastRingsOf(scene.plan).every((ring) => {
    const life = standing(scene.rollout, scene.version, ring.name);
    if (life === undefined || life.liveAt === null) return false;
    return isProof(life) || after(life.liveAt, scene.plan.rollbackWithinMs) <= scene.at;
  });
}
