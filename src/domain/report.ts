import { unclaimed } from './claim.ts';
import type { Life, LifeEnd, ReportState, Rollout } from './life.ts';
import { isClaimed, isLive, isProof, newestLife, releaseState } from './lives.ts';
import { blankLife, deploy, end, mark, nextNumber, putLife, putRelease, restart } from './transitions.ts';

/** What somebody says happened to a release in a ring. */
export interface Report {
  readonly version: string;
  readonly ring: string;
  readonly state: ReportState;
  /** When it happened. */
  readonly at: string;
  /** When it was reported: the database's clock. */
  readonly now: string;
  readonly reason: string | null;
  /** An operator's word that a deployment past the gate was meant so. */
  readonly adopted: boolean;
}

/**
 * The rollout after a report. A deployment counts as let in when it happened under a lease; as
 * restored when the release was proven there before (going back must never wait); as adopted on an
 * operator's word; and as ungated otherwise.
 */
export function applyReport(rollout: Rollout, report: Report): Rollout {
  const known = report.state === 'deployed' ? unclaimed(rollout, report.version, report.ring) : rollout;
  const newest = newestLife(known, report.version, report.ring);
  const next = report.state === 'deployed' ? deployed(known, report, newest) : ended(known, report, newest);
  return putRelease(next, releaseState(next, report.version));
}

/** The lease under which a deployment at that instant happened, if any. A failed deployment may be repeated under it. */
function leaseAt(life: Life | undefined, at: string): boolean {
  if (life === undefined || life.promisedAt === null || life.leaseUntil === null) return false;
  const open = life.phase === 'promised' || (life.phase === 'ended' && life.end === 'failed');
  return open && life.promisedAt <= at && at <= life.leaseUntil;
}

function deployed(rollout: Rollout, report: Report, newest: Life | undefined): Rollout {
  const how = (origin: Life['origin'], proven = false) => ({ origin, proven, reason: report.reason });
  if (newest !== undefined && isLive(newest)) {
    return putLife(rollout, note(report.adopted ? adopted(newest, report) : newest, report));
  }
  if (newest !== undefined && leaseAt(newest, report.at) && !isLost(rollout, newest)) {
    const again = newest.phase === 'ended' ? reopened(rollout, report, newest) : newest;
    return deploy(rollout, note(again, report), report.at, how('gated'));
  }
  const life = note(newLife(rollout, report, newest), report);
  if (provedBefore(rollout, report)) return deploy(rollout, life, report.at, how('restored', true));
  return deploy(rollout, life, report.at, how(report.adopted ? 'adopted' : 'ungated'));
}

/** An operator's word: it was meant so, and it happened when they say, or when it was reported first. */
function adopted(life: Life, report: Report): Life {
  if (life.origin !== 'ungated') return life;
  const liveAt = report.at === report.now ? life.liveAt : report.at;
  return { ...life, origin: 'adopted', liveAt, reason: report.reason };
}

/** A failed deployment may be repeated under its lease only as long as nobody else has been let in since. */
function isLost(rollout: Rollout, life: Life): boolean {
  const since = life.endedAt;
  if (since === null) return false;
  return rollout.lives.some(
    (other) =>
      other.ring === life.ring &&
      other.version !== life.version &&
      !isClaimed(other) &&
      ((other.promisedAt ?? '') >= since || (other.liveAt ?? '') >= since),
  );
}

/**
 * `failed` and `abandoned` end what the release has in that ring. After `rolled-back` it has to start
 * again at the first ring (law 3), so its lives end everywhere.
 */
function ended(rollout: Rollout, report: Report, newest: Life | undefined): Rollout {
  const open = rollout.lives.filter(
    (life) =>
      life.version === report.version &&
      life.phase !== 'ended' &&
      (life.ring === report.ring || report.state === 'rolled-back'),
  );
  const how = report.state as LifeEnd;
  const closed = open.reduce((state, life) => end(state, life, how, report.at, report.reason), rollout);
  const noted = noteNewest(closed, report, newest);
  if (report.state !== 'rolled-back') return noted;
  const again = newest === undefined && open.length === 0 ? noted : restart(noted, report.version);
  return report.reason === null ? again : mark(again, report.version, report.now, null, report.reason);
}

/** The report is remembered with the newest life; a failure that came out of nowhere makes one of its own. */
function noteNewest(rollout: Rollout, report: Report, newest: Life | undefined): Rollout {
  const known = newestLife(rollout, report.version, report.ring);
  const unforeseen = newest === undefined || (newest.phase === 'ended' && newest.end !== 'failed');
  if (report.state === 'failed' && unforeseen) {
    const life = note(newLife(rollout, report, newest), report);
    return end(rollout, life, 'failed', report.at, report.reason);
  }
  return known === undefined ? rollout : putLife(rollout, note(known, report));
}

function provedBefore(rollout: Rollout, report: Report): boolean {
  const { mark: marked, epoch } = releaseState(rollout, report.version);
  const earlier = rollout.lives.filter(
    (life) => life.version === report.version && life.ring === report.ring && life.epoch === epoch,
  );
  return marked === null && earlier.some(isProof);
}

function newLife(rollout: Rollout, report: Report, newest: Life | undefined): Life {
  const { epoch } = releaseState(rollout, report.version);
  return { ...blankLife(report.version, report.ring, nextNumber(newest), epoch), origin: 'ungated' };
}

function reopened(rollout: Rollout, report: Report, failed: Life): Life {
  const { promisedAt, leaseUntil, enteredBy } = failed;
  return { ...newLife(rollout, report, failed), origin: 'gated', promisedAt, leaseUntil, enteredBy };
}

function note(life: Life, report: Report): Life {
  return { ...life, report: report.state, reportedAt: report.now };
}
