import { claim } from './claim.ts';
import type { Question, Situation } from './facts.ts';
import { withFound } from './found-occupant.ts';
import type { Life, ReleaseState, Rollout } from './life.ts';
import { hasLease, isLive, isProof, liveIn, newestLife, releaseState, standing } from './lives.ts';
import { type Plan, planOf, predecessorsOf, type Ring, ringOf } from './service.ts';
import { deploy } from './transitions.ts';

/**
 * What every check looks at: the situation with the defaults of its plan filled in, and with the
 * deployments that the question itself implies (an ask for exit, or for a later ring, says that the
 * promised rings before it have been deployed).
 */
export interface Scene {
  readonly situation: Situation;
  readonly at: string;
  readonly version: string;
  readonly plan: Plan;
  /** The ring that was asked for. */
  readonly ring: Ring;
  readonly release: ReleaseState;
  readonly rollout: Rollout;
  /** Rings that must be proven before the answer can be promote: the predecessors, or for exit the ring itself. */
  readonly required: readonly Ring[];
  /** Rings in which the release runs now, in plan order, with their lives. */
  readonly live: readonly { readonly ring: Ring; readonly life: Life }[];
}

/** Throws when the ring is not in the plan: callers have answered 404 before. */
export function sceneOf(situation: Situation): Scene {
  const { question, at } = situation;
  const plan = planOf(situation.service);
  const ring = ringOf(plan, question.ring);
  if (ring === undefined) throw new RangeError(`no ring ${question.ring}`);
  const required = question.stage === 'exit' ? [ring] : predecessorsOf(plan, ring.name);
  const implied = question.stage === 'exit' ? [...predecessorsOf(plan, ring.name), ring] : required;
  const known = withFound(situation.rollout, at, ring.name, situation.occupant);
  const assumed = plan.deployments === 'assumed' ? assumeDeployed(known, question.version, implied, at) : known;
  const rollout = isClaim(question)
    ? claim(assumed, { version: question.version, ring: ring.name, at, timeoutMs: plan.deploymentTimeoutMs })
    : assumed;
  const live = plan.rings.flatMap((r) => {
    const life = liveIn(rollout, question.version, r.name);
    return life === undefined ? [] : [{ ring: r, life }];
  });
  const release = releaseState(rollout, question.version);
  return { situation, at, version: question.version, plan, ring, release, rollout, required, live };
}

/** True when the release has already proven itself in that ring, in its present epoch. */
export function isProven(scene: Scene, ring: string): boolean {
  return isProof(standing(scene.rollout, scene.version, ring));
}

/** Required and not proven yet: there, every finding counts. */
export function isOpenRequirement(scene: Scene, ring: string): boolean {
  return scene.required.some((required) => required.name === ring) && !isProven(scene, ring);
}

/** A release that runs in the ring it asks for never holds itself back. */
export function isThere(scene: Scene): boolean {
  const life = standing(scene.rollout, scene.version, scene.ring.name);
  return life !== undefined && isLive(life);
}

/** Whoever may not deploy cannot say what runs either. */
function isClaim({ stage, running, mayDeploy }: Question): boolean {
  return stage === 'exit' && running === true && mayDeploy;
}

function assumeDeployed(rollout: Rollout, version: string, rings: readonly Ring[], at: string): Rollout {
  return rings.reduce((state, ring) => {
    const life = newestLife(state, version, ring.name);
    if (life === undefined || !hasLease(life, at)) return state;
    return deploy(state, life, at, { proven: false, origin: 'gated', reason: null });
  }, rollout);
}
