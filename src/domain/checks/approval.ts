import { type Finding, holds, passes } from '../finding.ts';
import { givenApprovals } from '../given-approvals.ts';
import { samePersonIn } from '../person.ts';
import type { Scene } from '../scene.ts';

/**
 * A ring may demand that so many people approve before a release enters it. One person counts once,
 * whoever asked does not count, and what was approved for an earlier stay does not count again. Where
 * more were named than are known, anybody may have asked, so nobody counts.
 */
export function checkApprovals(scene: Scene): readonly Finding[] {
  const { controls, question, v } = scene.situation;
  if (controls === undefined) return [];
  const subject = { check: 'approval', ring: scene.ring.name } as const;
  const needed = scene.ring.approvals;
  if (question.stage === 'exit' || (needed === 0 && !scene.ring.askerKnown)) return [passes(subject, 'not-applicable')];
  const { approvals, askers, askedByMany } = controls;
  const same = samePersonIn(v);
  const countable = askedByMany === true ? [] : approvals;
  const given = givenApprovals(countable, scene.rollout, scene.version, scene.ring.name, askers, same);
  const evidence = {
    needed: String(needed),
    given: given.map(({ by, at, comment }) => ({ by: by.name, at, comment })),
    missing: String(Math.max(0, needed - given.length)),
    askers,
    ...(askedByMany === true ? { askedByMany } : {}),
  };
  const known = !scene.ring.askerKnown || askers.length > 0;
  if (known && given.length >= needed) return [passes(subject, 'approved', evidence)];
  return [holds(subject, 'approval-missing', 'by-person', { ...evidence, askerKnown: known })];
}
