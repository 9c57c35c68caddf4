import { type Approval, samePerson } from '../controls.ts';
import { type Finding, holds, passes } from '../finding.ts';
import type { Scene } from '../scene.ts';

/**
 * A ring may demand that so many people approve before a release enters it. One person counts once,
 * whoever asked does not count, and what was approved for an earlier stay does not count again.
 */
export function checkApprovals(scene: Scene): readonly Finding[] {
  const { controls, question } = scene.situation;
  if (controls === undefined) return [];
  const subject = { check: 'approval', ring: scene.ring.name } as const;
  const needed = scene.ring.approvals;
  if (question.stage === 'exit' || (needed === 0 && !scene.ring.askerKnown)) return [passes(subject, 'not-applicable')];
  const given = countingApprovals(scene, controls.approvals);
  const evidence = {
    needed: String(needed),
    given: given.map(({ by, at, comment }) => ({ by: by.name, at, comment })),
    missing: String(Math.max(0, needed - given.length)),
    askers: controls.askers,
  };
  const known = !scene.ring.askerKnown || controls.askers.length > 0;
  if (known && given.length >= needed) return [passes(subject, 'approved', evidence)];
  return [holds(subject, 'approval-missing', 'by-person', { ...evidence, askerKnown: known })];
}

function countingApprovals(scene: Scene, approvals: readonly Approval[]): readonly Approval[] {
  const { ring, release, situation } = scene;
  const askers = situation.controls?.askers ?? [];
  const since = lastEnd(scene);
  const valid = approvals
    .filter((approval) => approval.ring === ring.name && approval.epoch === release.epoch && approval.at > since)
    .filter(({ by }) => !askers.some((asker) => samePerson(asker, by.name)));
  return valid.filter(({ by }, i) => valid.findIndex((other) => samePerson(other.by.name, by.name)) === i);
}

/** The end of the release's last stay in the ring: it needs new approvals, unless the same deployment is only repeated. */
function lastEnd(scene: Scene): string {
  const ends = scene.rollout.lives
    .filter(({ version, ring, end }) => version === scene.version && ring === scene.ring.name && end !== 'failed')
    .flatMap(({ endedAt }) => (endedAt === null ? [] : [endedAt]));
  return ends.sort().at(-1) ?? '';
}
