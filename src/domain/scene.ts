import { claim } from './claim.ts';
import { editionOf } from './edition.ts';
import type { Question, Situation } from './facts.ts';
import { withFound } from './found-occupant.ts';
import type { Life, ReleaseState, Rollout } from './life.ts';
import { liveIn, releaseState } from './lives.ts';
import { type Plan, planOf, predecessorsOf, type Ring, ringOf } from './service.ts';
import { provesRing, type Stay, stayOf, type Terms } from './stay.ts';

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
  /** What ends by itself, and when. */
  readonly terms: Terms;
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
  const { termsOf, assume } = editionOf(situation);
  const terms = termsOf(plan);
  const imply = (state: Rollout, { name }: Ring) => assume(state, question.version, name, at, terms);
  const known = withFound(situation.rollout, at, ring.name, situation.occupant);
  const implies = plan.deployments === 'assumed' && question.own !== true;
  const assumed = implies ? implied.reduce(imply, known) : known;
  const rollout = isClaim(question)
    ? claim(assumed, { version: question.version, ring: ring.name, at, timeoutMs: plan.deploymentTimeoutMs })
    : assumed;
  const live = plan.rings.flatMap((r) => {
    const life = liveIn(rollout, question.version, r.name);
    return life === undefined ? [] : [{ ring: r, life }];
  });
  const release = releaseState(rollout, question.version);
  return { situation, at, version: question.version, plan, terms, ring, release, rollout, required, live };
}

/** Whoever may not deploy cannot say what runs either. */
function isClaim({ stage, running, mayDeploy }: Question): boolean {
  return stage === 'exit' && running === true && mayDeploy;
}

/** What the release that asks is in a ring. */
export function ownStay(scene: Scene, ring: string): Stay {
  return stayOfOther(scene, scene.version, ring);
}

/** What any release is in a ring, as far as this decision knows. */
export function stayOfOther({ rollout, at, terms }: Scene, version: string, ring: string): Stay {
  return stayOf(rollout, version, ring, at, terms);
}

/** True when the release has already proven itself in that ring, in its present history. */
export function isProven(scene: Scene, ring: string): boolean {
  return provesRing(ownStay(scene, ring));
}

/** Required and not proven yet: there, every finding counts. */
export function isOpenRequirement(scene: Scene, ring: string): boolean {
  return scene.required.some((required) => required.name === ring) && !isProven(scene, ring);
}
