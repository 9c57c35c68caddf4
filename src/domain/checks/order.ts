import { editionOf } from '../edition.ts';
import { type Finding, holds, passes } from '../finding.ts';
import { isProven, ownStay, type Scene } from '../scene.ts';
import type { Ring } from '../service.ts';
import { counts, isGiven, runs, type Stay } from '../stay.ts';

/** The release must have been let into every ring before, and for `exit` into this one, and still be there or proven. */
export function checkOrder(scene: Scene): readonly Finding[] {
  if (scene.required.length === 0) return [passes({ check: 'order', ring: scene.ring.name }, 'first-ring')];
  return scene.required.map((ring) => orderIn(scene, ring));
}

function orderIn(scene: Scene, ring: Ring): Finding {
  const subject = { check: 'order', ring: ring.name } as const;
  const stay = ownStay(scene, ring.name);
  if (isProven(scene, ring.name)) return passes(subject, 'proven', { since: stay.life?.provenAt ?? null });
  if (counts(stay)) return passes(subject, 'open', { since: stay.life?.liveAt ?? null });
  if (isReportMissing(scene, stay)) return holds(subject, 'previous-ring-missing', 'by-data', promiseEvidence(stay));
  if (runs(stay)) return holds(subject, 'previous-ring-missing', 'by-person', runningOutside(stay));
  return holds(subject, 'previous-ring-missing', 'by-person', whyMissing(scene, stay));
}

/** Let in and not yet reported: the deployment may be under way, so waiting for the report is right. */
export function isReportMissing({ terms }: Scene, stay: Stay): boolean {
  if (terms.deployments === 'assumed') return false;
  return stay.promise === 'standing' ? stay.state !== 'late' : isGiven(stay) && !runs(stay);
}

/** Until when it might begin, and what has ended that. */
function promiseEvidence({ promise, newest }: Stay): Finding['evidence'] {
  const until = newest?.leaseUntil ?? null;
  if (promise === 'standing') return { state: 'promised', until };
  if (promise === 'lapsed') return { state: 'lapsed', until };
  return { state: 'recalled', until, halt: newest?.recalled?.halt ?? null, reason: newest?.recalled?.reason ?? null };
}

function runningOutside(stay: Stay): Finding['evidence'] {
  const { life, state } = stay;
  const since = life?.liveAt ?? null;
  if (state !== 'late') return { state: life?.origin === 'ungated' ? 'ungated' : 'restarted', since };
  const { leaseUntil, reportedAt, startedAt, recalled } = life ?? {};
  return {
    ...{ state, since, until: leaseUntil ?? null, reportedAt: reportedAt ?? null, startedAt: startedAt ?? null },
    /** While the promise is known the beginning may still be reported. */
    ...{ open: isGiven(stay), ...(stay.promise === 'standing' ? { standing: true } : {}) },
    ...{ halt: recalled?.halt ?? null, reason: recalled?.reason ?? null },
  };
}

function whyMissing(scene: Scene, { newest, promise, state, life, proof }: Stay): Finding['evidence'] {
  if (newest === undefined) return { state: 'never-entered' };
  if (isGiven({ promise }) && newest.end !== 'failed') return { state: 'not-assumed', until: newest.leaseUntil };
  if (newest.phase === 'promised') {
    return newest.revokedAt == null
      ? { state: 'lease-ended', until: newest.leaseUntil }
      : { state: 'revoked', until: newest.revokedAt };
  }
  if (state === 'replaced' && proof === 'faded') return { state: 'faded', until: life?.endedAt ?? null };
  const isOld = newest.epoch !== scene.release.epoch && !editionOf(scene.situation).namesEarlierEnds;
  if (isOld) return { state: 'restarted', since: newest.liveAt };
  return { state: newest.end ?? 'ended', until: newest.endedAt };
}
