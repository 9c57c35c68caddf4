import { type Finding, holds, passes } from '../finding.ts';
import { after } from '../instant.ts';
import type { Life } from '../life.ts';
import { hasLease, isLive, isOvertaken, liveIn, releaseState, standing } from '../lives.ts';
import type { Scene } from '../scene.ts';

/**
 * One release at a time has a ring to prove itself in. With `queue` whoever is there first is waited
 * for, unless it has been marked for rollback: then a fix can roll forward. In either case a release
 * whose unproven life was ended by a newer one is out of the race.
 */
export function checkOccupancy(scene: Scene): Finding {
  const subject = { check: 'occupancy', ring: scene.ring.name } as const;
  const lost = supersededLife(scene);
  if (lost !== undefined) {
    return holds({ check: 'occupancy', ring: lost.ring }, 'superseded', 'by-person', {
      at: lost.endedAt,
      by: overtakerOf(scene, lost),
    });
  }
  if (scene.situation.question.stage === 'exit') return passes(subject, 'not-applicable');
  if (scene.plan.concurrency === 'supersede') return passes(subject, 'not-applicable');
  const occupant = isThere(scene) ? undefined : blockerOf(scene);
  if (occupant === undefined) return passes(subject, 'open');
  if (occupant.origin === 'ungated') {
    return holds(subject, 'ring-occupied', 'by-person', {
      occupant: occupant.version,
      phase: 'ungated',
      since: occupant.liveAt,
    });
  }
  const frees =
    occupant.phase === 'promised' ? occupant.leaseUntil : after(occupant.liveAt ?? scene.at, scene.ring.bakeMs);
  const evidence = { occupant: occupant.version, phase: occupant.phase, since: occupant.liveAt ?? occupant.promisedAt };
  if (frees !== null && frees > scene.at) return holds(subject, 'ring-occupied', 'by-time', evidence, frees);
  return holds(subject, 'ring-occupied', 'by-data', evidence);
}

function blockerOf(scene: Scene): Life | undefined {
  const others = scene.rollout.lives.filter((life) => life.ring === scene.ring.name && life.version !== scene.version);
  const unproven = others.filter((life) => life.phase === 'live' || hasLease(life, scene.at));
  return unproven.find((life) => releaseState(scene.rollout, life.version).mark === null);
}

/** Whoever was deployed at the instant at which the life ended. */
function overtakerOf(scene: Scene, lost: Life): string | null {
  const here = scene.rollout.lives.filter((life) => life.ring === lost.ring && life.version !== lost.version);
  return here.find((life) => life.liveAt === lost.endedAt)?.version ?? null;
}

/** A release never holds its own ring back. */
function isThere(scene: Scene): boolean {
  const life = standing(scene.rollout, scene.version, scene.ring.name);
  return life !== undefined && isLive(life);
}

/** A ring in which the release's counted life was superseded before it was proven and has not come back since. */
function supersededLife(scene: Scene): Life | undefined {
  return scene.plan.rings
    .map((ring) => standing(scene.rollout, scene.version, ring.name))
    .find((life) => isOvertaken(life) && liveIn(scene.rollout, scene.version, life?.ring ?? '') === undefined);
}
