import { after } from './instant.ts';
import { isProof, standing } from './lives.ts';
import type { Scene } from './scene.ts';
import { lastRingsOf } from './service.ts';

const USUALLY_WITHIN_MS = 24 * 3_600_000;

/**
 * A settled release is the service's normal state: harm that shows up now is hardly its fault, so it
 * holds and is never rolled back. Settled is what has proven itself in every last ring, or entered
 * them a day ago; a plan's `rollbackWithin` replaces both by a time of its own.
 */
export function isSettled(scene: Scene): boolean {
  const { rollbackWithinMs } = scene.plan;
  return lastRingsOf(scene.plan).every((ring) => {
    const life = standing(scene.rollout, scene.version, ring.name);
    if (life === undefined || life.liveAt === null) return false;
    if (rollbackWithinMs === null && isProof(life)) return true;
    return after(life.liveAt, rollbackWithinMs ?? USUALLY_WITHIN_MS) <= scene.at;
  });
}
