import type { Decision } from './decision.ts';
import type { Situation } from './facts.ts';
import { msOf } from './instant.ts';
import type { Life, Rollout } from './life.ts';
import { hasLease, isLive, standing } from './lives.ts';
import { type Scene, sceneOf } from './scene.ts';
import { changesBetween, mark, promise, prove } from './transitions.ts';

/** What a decision does to the rollout: the rows to write, and whether others must notice. */
export interface Advance {
  readonly changes: Rollout;
  /** False when a lease that stands is only renewed: nothing that anybody else decides on has changed. */
  readonly matters: boolean;
}

const HARM = new Set(['objective-breached', 'burning-fast', 'regression']);
/** A lease with less left than this may be seen as ended by somebody else before the renewal is recorded. */
const SAFE_LEASE_MS = 60_000;

/**
 * The state after a decision. Implied deployments become real, a promote starts a lease and proves
 * the rings it rested on, harm sets the sticky mark. Dry runs and callers who may not deploy change
 * nothing but the mark; a dry run not even that.
 */
export function advance(situation: Situation, decision: Decision, id: string): Advance {
  const { question } = situation;
  const scene = sceneOf(situation);
  if (question.dryRun) return { changes: { lives: [], releases: [] }, matters: false };
  const started = question.mayDeploy ? scene.rollout : situation.rollout;
  const next =
    goesOn(scene, decision) && question.mayDeploy ? promote(scene, decision, id) : marked(scene, started, decision, id);
  const changes = changesBetween(situation.rollout, next);
  return { changes, matters: !isRenewal(scene, situation.rollout, changes) };
}

function goesOn(scene: Scene, decision: Decision): boolean {
  return decision.verdict === 'promote' || scene.plan.enforcement === 'advise';
}

function promote(scene: Scene, decision: Decision, id: string): Rollout {
  const proven = scene.required.reduce((rollout, ring) => {
    const life = standing(rollout, scene.version, ring.name);
    return life !== undefined && isLive(life) ? prove(rollout, life, scene.at, id) : rollout;
  }, scene.rollout);
  if (decision.validUntil === null) return proven;
  const { artifact, ring, version } = scene.situation.question;
  return promise(proven, { version, ring, at: scene.at, until: decision.validUntil, decision: id, artifact });
}

function marked(scene: Scene, rollout: Rollout, decision: Decision, id: string): Rollout {
  if (scene.plan.enforcement === 'advise') return rollout;
  const harm = decision.findings.find((finding) => finding.countedAs === 'rollback' && HARM.has(finding.cause));
  return harm === undefined ? rollout : mark(rollout, scene.version, scene.at, id, `${harm.rule}: ${harm.cause}`);
}

function isRenewal(scene: Scene, before: Rollout, changes: Rollout): boolean {
  if (changes.releases.length > 0) return false;
  return changes.lives.every((life) => {
    const old = before.lives.find(
      (other) => other.version === life.version && other.ring === life.ring && other.n === life.n,
    );
    return old !== undefined && life.phase === 'promised' && stands(old, scene.at);
  });
}

function stands(life: Life, at: string): boolean {
  return hasLease(life, at) && msOf(life.leaseUntil ?? at) - msOf(at) > SAFE_LEASE_MS;
}
