import { worst } from './cause.ts';
import { failedRings } from './checks/rollback.ts';
import type { Decision, RollbackTarget } from './decision.ts';
import type { Finding } from './finding.ts';
import { BUCKET_MS, msOf } from './instant.ts';
import { leaseUntil } from './lease.ts';
import { lastProven } from './lives.ts';
import { openFrom } from './opening.ts';
import type { Scene } from './scene.ts';

/** What some findings come to: the verdict, when to ask again, and where to go back to. */
export function conclude(scene: Scene, findings: readonly Finding[]): Decision {
  const verdict = worst(findings.flatMap((finding) => (finding.countedAs === null ? [] : [finding.countedAs])));
  const waiting = verdict === 'hold' ? findings.filter((finding) => finding.countedAs === 'hold') : [];
  const earliest = earliestOf(scene, waiting);
  return {
    verdict,
    findings,
    live: scene.live.map(({ ring }) => ring.name),
    rollback: verdict === 'rollback' ? rollbackTarget(scene, findings) : null,
    validUntil: startsLease(scene, verdict) ? leaseUntil(scene, findings) : null,
    retryAfterSeconds: retryAfter(verdict, waiting, earliest, scene.at),
    earliestPromoteAt: earliest,
  };
}

/** A plan that only advises lets its state go on as if every verdict were promote. */
function startsLease(scene: Scene, verdict: Decision['verdict']): boolean {
  const { question } = scene.situation;
  const goes = verdict === 'promote' || scene.plan.enforcement === 'advise';
  return goes && question.stage === 'enter' && question.mayDeploy && !question.dryRun;
}

/** True when waiting alone will never turn this hold. */
export function needsSomebody(finding: Pick<Finding, 'countedAs' | 'clears'>): boolean {
  return finding.countedAs === 'hold' && (finding.clears === 'by-person' || finding.clears === 'never');
}

/**
 * The latest of the known instants, moved on where the calendar will be closed then: no promote
 * before it. Unknown where a person is needed or nothing is known.
 */
function earliestOf(scene: Scene, waiting: readonly Finding[]): string | null {
  if (waiting.some(needsSomebody)) return null;
  const known = waiting.flatMap((finding) => (finding.clearsAt === undefined ? [] : [finding.clearsAt]));
  const latest = known.length === 0 ? null : ([scene.at, ...known].sort().at(-1) ?? null);
  if (latest === null || scene.situation.question.stage === 'exit') return latest;
  return openFrom(scene.situation, latest);
}

function retryAfter(
  verdict: Decision['verdict'],
  waiting: readonly Finding[],
  earliest: string | null,
  at: string,
): number | null {
  if (verdict !== 'hold' || waiting.some(needsSomebody)) return null;
  return earliest === null ? BUCKET_MS / 1000 : Math.max(1, Math.ceil((msOf(earliest) - msOf(at)) / 1000));
}

/** A deployment that failed is undone where it failed; harm is undone everywhere. */
function rollbackTarget(scene: Scene, findings: readonly Finding[]): RollbackTarget {
  const harmed = findings.some((finding) => finding.countedAs === 'rollback' && finding.cause !== 'deployment-failed');
  const live = harmed ? scene.live.map(({ ring }) => ring.name) : [];
  const affected = new Set([...live, ...failedRings(scene).map(({ ring }) => ring)]);
  const rings = scene.plan.rings.map((ring) => ring.name).filter((ring) => affected.has(ring));
  const to = rings.map((ring) => {
    const version = lastProven(scene.rollout, ring, scene.version);
    return [ring, version === null ? null : `${scene.situation.question.service}@${version}`] as const;
  });
  return { rings, to: Object.fromEntries(to) };
}
