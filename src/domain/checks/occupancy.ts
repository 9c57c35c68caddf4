import { type Finding, holds, passes } from '../finding.ts';
import type { FoundOccupant } from '../found-occupant.ts';
import { after } from '../instant.ts';
import type { Life } from '../life.ts';
import { hasLease, isClaimed, isOvertaken, liveIn, releaseState, standing } from '../lives.ts';
import { isThere, type Scene } from '../scene.ts';

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
  const found = foundOf(scene, occupant);
  const evidence = {
    ...{ occupant: occupant.version, phase: occupant.phase, since: occupant.liveAt ?? occupant.promisedAt },
    ...(found === undefined ? {} : { exit: found.verdict, causes: found.causes, askedAt: found.askedAt }),
  };
  if (frees !== null && frees > scene.at) return holds(subject, 'ring-occupied', 'by-time', evidence, frees);
  const silent = found !== undefined && found.silentFrom <= scene.at;
  if (!silent) return holds(subject, 'ring-occupied', 'by-data', evidence);
  return holds(subject, 'ring-occupied', 'by-person', { ...evidence, silent });
}

/** What the gate has found of that very stay. */
function foundOf({ situation }: Scene, { version, n }: Life): FoundOccupant | undefined {
  const found = situation.occupant;
  return found?.version === version && found.n === n ? found : undefined;
}

function blockerOf(scene: Scene): Life | undefined {
  const others = scene.rollout.lives.filter((life) => life.ring === scene.ring.name && life.version !== scene.version);
  const unproven = others.filter((life) => (life.phase === 'live' && !isClaimed(life)) || hasLease(life, scene.at));
  return unproven.find((life) => releaseState(scene.rollout, life.version).mark === null);
}

/** Whoever was deployed at the instant at which the life ended. */
function overtakerOf(scene: Scene, lost: Life): string | null {
  const here = scene.rollout.lives.filter((life) => life.ring === lost.ring && life.version !== lost.version);
  return here.find((life) => life.liveAt === lost.endedAt)?.version ?? null;
}

/** A ring in which the release's counted life was superseded before it was proven and has not come back since. */
function supersededLife(scene: Scene): Life | undefined {
  return scene.plan.rings
    .map((ring) => standing(scene.rollout, scene.version, ring.name))
    .find((life) => isOvertaken(life) && liveIn(scene.rollout, scene.version, life?.ring ?? '') === undefined);
}
