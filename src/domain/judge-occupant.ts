import { advance } from './advance.ts';
import type { Decision } from './decision.ts';
import type { Question, Situation } from './facts.ts';
import type { FoundOccupant } from './found-occupant.ts';
import { after } from './instant.ts';
import type { Life, ReleaseState } from './life.ts';
import { occupantOf, releaseState } from './lives.ts';
import { everySample } from './probe.ts';
import { probesFor } from './probes.ts';
import { ownStay, type Scene, sceneOf } from './scene.ts';
import { counts } from './stay.ts';

/** Whom a newcomer meets in the ring it wants to enter: a release that runs there, unproven and unmarked. */
export function occupantToJudge(scene: Scene): Life | undefined {
  const { plan, ring, rollout, version, situation } = scene;
  if (situation.question.stage === 'exit' || plan.concurrency === 'supersede' || counts(ownStay(scene, ring.name)))
    return undefined;
  const occupant = occupantOf(rollout, ring.name);
  if (occupant?.phase !== 'live' || occupant.version === version) return undefined;
  return releaseState(rollout, occupant.version).mark === null ? occupant : undefined;
}

/** What the gate asks itself about a release, for whoever asked `question`: no more may change by it than they may change. */
export function ownQuestion(
  question: Pick<Question, 'service' | 'ring' | 'dryRun' | 'mayDeploy'>,
  { version, artifact }: ReleaseState,
): Question {
  const { service, ring, dryRun, mayDeploy } = question;
  return { ...{ service, version, ring, stage: 'exit', change: 'standard' }, dryRun, artifact, mayDeploy, own: true };
}

/** What a judged exit says about the occupant. */
export function findOccupant(
  situation: Situation,
  decision: Decision,
  life: Life,
  askedAt: string | null,
  id: string,
): FoundOccupant {
  const { version, n } = life;
  const causes = decision.findings.filter(({ countedAs }) => countedAs === decision.verdict).map(({ cause }) => cause);
  const counting = { ...situation, question: { ...situation.question, dryRun: false } };
  const { releases } = advance(counting, decision, id);
  const harm = releases.find((release) => release.version === version)?.mark?.reason ?? null;
  return {
    ...{ version, n, verdict: decision.verdict, causes: [...new Set(causes)], harm, askedAt },
    silentFrom: silentFrom(sceneOf(situation), life, askedAt),
    decision: id,
  };
}

/** Nobody who still wants the release lets this much time pass without a question: its bake and what its rules look back over. */
function silentFrom(scene: Scene, life: Life, askedAt: string | null): string {
  const here = probesFor(scene).filter((probe) => probe.ring.name === life.ring);
  const windows = here.flatMap(everySample).map(({ wantedMs }) => wantedMs ?? 0);
  const since = [life.liveAt ?? scene.at, askedAt ?? ''].sort().at(-1) as string;
  return after(since, scene.ring.bakeMs + Math.max(0, ...windows));
}
