import { fixArtifact } from './artifact.ts';
import type { Decision } from './decision.ts';
import type { Situation } from './facts.ts';
import { withFound } from './found-occupant.ts';
import type { Rollout } from './life.ts';
import { type Scene, sceneOf } from './scene.ts';
import { stayOf } from './stay.ts';
import { changesBetween, mark, promise, prove } from './transitions.ts';

const HARM = new Set(['objective-breached', 'burning-fast', 'regression']);

/**
 * The rows that change with a decision. Implied deployments become real, a promote starts a lease and
 * proves the rings it rested on, harm sets the sticky mark. A plan that only advises lets releases in,
 * but proves nothing that is not proven. Dry runs change nothing; callers who may not deploy only
 * ever set the mark. What was found of the occupant is written with its own decision.
 */
export function advance(situation: Situation, decision: Decision, id: string): Rollout {
  const { question } = situation;
  const scene = sceneOf(situation);
  if (question.dryRun) return { lives: [], releases: [] };
  const known = withFound(situation.rollout, scene.at, scene.ring.name, situation.occupant);
  const started = question.mayDeploy ? scene.rollout : known;
  const proven =
    decision.verdict === 'promote' && question.mayDeploy ? proveAll(scene, started, decision, id) : started;
  const entered = fixed(scene, promised(scene, proven, decision, id), decision);
  return changesBetween(known, marked(scene, entered, decision, id));
}

/**
 * A ring that was only let pass by an override is not proven by going on to the next one; where its exit was
 * overridden itself, somebody has said that it shall count.
 */
function proveAll(scene: Scene, rollout: Rollout, { findings }: Decision, id: string): Rollout {
  const passed = new Set(findings.flatMap(({ ring, waivedBy }) => (waivedBy === undefined ? [] : [ring])));
  const proving =
    scene.situation.question.stage === 'exit' ? scene.required : scene.required.filter(({ name }) => !passed.has(name));
  return proving.reduce((state, ring) => {
    const { state: is, life } = stayOf(state, scene.version, ring.name, scene.at, scene.terms);
    return is === 'live' && life !== undefined ? prove(state, life, scene.at, id) : state;
  }, rollout);
}

function promised(scene: Scene, rollout: Rollout, decision: Decision, id: string): Rollout {
  if (decision.validUntil === null) return rollout;
  const { ring, version } = scene.situation.question;
  const entry = { version, ring, at: scene.at, until: decision.validUntil, decision: id };
  return promise(rollout, entry, scene.terms);
}

/** What a release is let on with, by whoever may deploy it, is what it is. */
function fixed({ situation: { question } }: Scene, rollout: Rollout, decision: Decision): Rollout {
  const goesOn = question.mayDeploy && (decision.verdict === 'promote' || decision.validUntil !== null);
  return goesOn ? fixArtifact(rollout, question.version, question.artifact) : rollout;
}

function marked(scene: Scene, rollout: Rollout, decision: Decision, id: string): Rollout {
  if (scene.plan.enforcement === 'advise') return rollout;
  const harm = decision.findings.find((finding) => finding.countedAs === 'rollback' && HARM.has(finding.cause));
  return harm === undefined ? rollout : mark(rollout, scene.version, scene.at, id, `${harm.rule}: ${harm.cause}`);
}
