import type { Approval } from './controls.ts';
import type { Rollout } from './life.ts';
import { releaseState } from './lives.ts';
import { samePerson } from './person.ts';

/**
 * The approvals of a release that count for a ring, one for each person, without those of the people
 * who asked for it themselves. An approval lapses when the release has to start again, and when its
 * stay in the ring has ended: to come back it needs new ones. Only a failed deployment may be repeated.
 */
export function givenApprovals(
  approvals: readonly Approval[],
  rollout: Rollout,
  version: string,
  ring: string,
  askers: readonly string[],
  same = samePerson,
): readonly Approval[] {
  const { epoch } = releaseState(rollout, version);
  const since = lastEnd(rollout, version, ring);
  const valid = approvals
    .filter((approval) => approval.ring === ring && approval.epoch === epoch && approval.at > since)
    .filter(({ by }) => !askers.some((asker) => same(asker, by.name)));
  return valid.filter(({ by }, i) => valid.findIndex((other) => same(other.by.name, by.name)) === i);
}

function lastEnd(rollout: Rollout, version: string, ring: string): string {
  const ends = rollout.lives
    .filter((life) => life.version === version && life.ring === ring && life.end !== 'failed')
    .flatMap(({ endedAt }) => (endedAt === null ? [] : [endedAt]));
  return ends.sort().at(-1) ?? '';
}
