import { editionOf } from '../edition.ts';
import { type Finding, holds, passes } from '../finding.ts';
import type { FoundOccupant } from '../found-occupant.ts';
import { after } from '../instant.ts';
import type { Life } from '../life.ts';
import { hasLease, isClaimed, isLive, isOvertaken, latest, occupantOf, releaseState } from '../lives.ts';
import { isProven, ownStay, type Scene, stayOfOther } from '../scene.ts';
import { type Ring, ringsUpTo } from '../service.ts';
import { counts, isOlder } from '../stay.ts';

/**
 * One release at a time has a ring to prove itself in. With `queue` whoever is there first is waited
 * for, unless it has been marked for rollback: then a fix can roll forward. In either case a release
 * whose unproven stay was ended by a newer one is out of the race, and none enters over a newer one.
 */
export function checkOccupancy(scene: Scene): readonly Finding[] {
  const subject = { check: 'occupancy', ring: scene.ring.name } as const;
  const held = [...ownEnd(scene), ...overtaken(scene)];
  if (held.length > 0) return held;
  if (scene.situation.question.stage === 'exit') return [passes(subject, 'not-applicable')];
  if (scene.plan.concurrency === 'supersede') return [passes(subject, 'not-applicable')];
  const blocker = counts(ownStay(scene, scene.ring.name)) ? undefined : blockerOf(scene);
  return [blocker === undefined ? passes(subject, 'open') : occupied(scene, blocker)];
}

/** Its own stay in a ring was superseded before it was proven, and it has not come back since. */
function ownEnd(scene: Scene): readonly Finding[] {
  const lost = scene.plan.rings.map(({ name }) => ownStay(scene, name)).find(({ state }) => state === 'superseded');
  if (lost?.life === undefined || !isOvertaken(lost.life)) return [];
  const evidence = { at: lost.life.endedAt, by: overtakerOf(scene, lost.life) };
  return [holds({ check: 'occupancy', ring: lost.ring }, 'superseded', 'by-person', evidence)];
}

/** Whoever was deployed there last when the life ended. */
function overtakerOf(scene: Scene, lost: Life): string | null {
  const here = scene.rollout.lives.filter((life) => life.ring === lost.ring && life.version !== lost.version);
  if (editionOf(scene.situation).endsWithDeployment) {
    return here.find((life) => life.liveAt === lost.endedAt)?.version ?? null;
  }
  const before = here.filter((life) => !isClaimed(life) && life.liveAt !== null && life.liveAt <= (lost.endedAt ?? ''));
  return latest(before, (life) => life.liveAt)?.version ?? null;
}

/** Rings that this question leads into, where a release runs that was let in later, there or in a ring before. */
function overtaken(scene: Scene): readonly Finding[] {
  if (!editionOf(scene.situation).overtakenHolds) return [];
  const again = scene.required.filter(({ name }) => !isProven(scene, name) && !counts(ownStay(scene, name)));
  const rings = scene.situation.question.stage === 'enter' ? [...again, scene.ring] : again;
  return rings.flatMap((ring) => overtakenIn(scene, ring));
}

function overtakenIn(scene: Scene, ring: Ring): readonly Finding[] {
  const occupant = occupantOf(scene.rollout, ring.name);
  if (occupant === undefined || occupant.version === scene.version || isMarked(scene, occupant)) return [];
  const { version } = occupant;
  if (!counts(stayOfOther(scene, version, ring.name))) return [];
  const passedIn = ringsUpTo(scene.plan, ring.name).find(({ name }) =>
    isOlder(ownStay(scene, name), stayOfOther(scene, version, name)),
  );
  if (passedIn === undefined) return [];
  const letIn = stayOfOther(scene, version, passedIn.name).placedAt;
  const isBack = occupant.origin === 'restored' && passedIn.name === ring.name;
  const evidence = {
    ...{ occupant: version, since: occupant.liveAt, passedIn: passedIn.name, letIn },
    ...(isBack ? { back: true } : {}),
  };
  return [holds({ check: 'occupancy', ring: ring.name }, 'superseded', 'by-person', evidence)];
}

/** Who else is not through with the ring: it runs there unproven, or may be deployed there any moment. */
function blockerOf(scene: Scene): Life | undefined {
  const others = scene.rollout.lives.filter((life) => life.ring === scene.ring.name && life.version !== scene.version);
  const unproven = others.filter((life) => (life.phase === 'live' && !isClaimed(life)) || hasLease(life, scene.at));
  return unproven.find((life) => !isMarked(scene, life));
}

function occupied(scene: Scene, occupant: Life): Finding {
  const subject = { check: 'occupancy', ring: scene.ring.name } as const;
  const { version, liveAt, origin } = occupant;
  if (!isLive(occupant) || isClaimed(occupant)) {
    const { leaseUntil: until, promisedAt: since } = occupant;
    return holds(
      subject,
      'ring-occupied',
      'by-time',
      { occupant: version, phase: 'promised', since },
      until ?? undefined,
    );
  }
  if (origin === 'ungated' || origin === 'late') {
    const evidence = { occupant: version, phase: origin, since: liveAt };
    return holds(subject, 'ring-occupied', 'by-person', evidence);
  }
  const frees = after(liveAt ?? scene.at, scene.ring.bakeMs);
  const found = foundOf(scene, occupant);
  const evidence = {
    ...{ occupant: version, phase: occupant.phase, since: liveAt },
    ...(found === undefined ? {} : { exit: found.verdict, causes: found.causes, askedAt: found.askedAt }),
  };
  if (frees > scene.at) return holds(subject, 'ring-occupied', 'by-time', evidence, frees);
  const silent = found !== undefined && found.silentFrom <= scene.at;
  if (!silent) return holds(subject, 'ring-occupied', 'by-data', evidence);
  return holds(subject, 'ring-occupied', 'by-person', { ...evidence, silent });
}

/** What the gate has found of that very stay. */
function foundOf({ situation }: Scene, { version, n }: Life): FoundOccupant | undefined {
  const found = situation.occupant;
  return found?.version === version && found.n === n ? found : undefined;
}

function isMarked(scene: Scene, { version }: Life): boolean {
  return releaseState(scene.rollout, version).mark !== null;
}
