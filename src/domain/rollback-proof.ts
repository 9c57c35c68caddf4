import { durationMs } from './duration.ts';
import { after } from './instant.ts';
import type { Life } from './life.ts';
import { hasLease, isClaimed } from './lives.ts';
import type { Opinion } from './opinion.ts';
import type { Probe, Sample } from './probe.ts';
import { literalReachMs } from './promql-selectors.ts';
import { type Counts, countsOf, type Readings } from './reading.ts';
import { countsEvents, minBadOf, type RuleDocument } from './rule.ts';
import { namesInRule, readQueries } from './rule-queries.ts';
import type { Scene } from './scene.ts';
import type { Ring } from './service.ts';
import { isSettled } from './settled.ts';

/** Why a breach of a rollback bound is not yet proof of harm by this release. */
export type Obstacle =
  | 'service-wide'
  | 'not-attributable'
  | 'few-bad-events'
  | 'reaches-back'
  | 'not-lasting'
  | 'over'
  | 'absent'
  | 'unread';

/** Something that would roll back, if it is proven. */
export interface Breach {
  /** What was counted now, over the long window where there are two. */
  readonly counted: Counts;
  /** The samples of each instant, newest first: at each of them all must breach. */
  readonly instants: readonly (readonly Sample[])[];
  readonly breached: (counts: Counts) => boolean;
  /** How far back it looks without the evidence floor; none for a threshold without a window. */
  readonly window: string | undefined;
  /** What it is called when it does and when it does not yet roll back. */
  readonly causes: { readonly hold: Opinion['cause']; readonly rollback: Opinion['cause'] };
}

/** For thresholds and monitors, which bring their own ranges. */
const DEFAULT_WINDOW_MS = 600_000;
/** What most monitors look back, `last_5m`, when the rule does not say. */
const MONITOR_REACH_MS = 300_000;

/** A breach that is proven rolls back, unless the release has settled; anything less holds. */
export function judgeHarm(scene: Scene, probe: Probe, readings: Readings, breach: Breach): Opinion {
  const obstacles = obstaclesTo(scene, probe, readings, breach);
  const { hold, rollback } = breach.causes;
  if (obstacles.length === 1 && obstacles[0] === 'unread') return cannotTell(readings);
  if (obstacles.length > 0) return { verdict: 'hold', cause: hold, clears: 'by-data', evidence: { obstacles } };
  if (!isSettled(scene)) return { verdict: 'rollback', cause: rollback, evidence: { obstacles } };
  return { verdict: 'hold', cause: 'objective-breached', clears: 'by-data', evidence: { obstacles, settled: true } };
}

/** Harm in every other respect, of which nobody knows whether it goes on. Waiting helps unless samples are too far apart for ever. */
function cannotTell({ recent }: Readings): Opinion {
  const tooFar = recent.kind === 'unread' && recent.tooFar;
  const clears = tooFar ? 'by-person' : 'by-data';
  return { verdict: 'hold', cause: 'insufficient-evidence', clears, evidence: { reason: 'recent-unread', tooFar } };
}

/**
 * Law 2: a rollback needs fresh, positive evidence of harm that is this release's: a rule that
 * speaks of the release (or of a ring that only it has entered within the window), enough bad
 * events, and a breach that has lasted. Empty means proven.
 */
function obstaclesTo(scene: Scene, probe: Probe, readings: Readings, breach: Breach): readonly Obstacle[] {
  if (probe.scope === 'service') return ['service-wide'];
  const obstacles: Obstacle[] = [];
  if (probe.scope === 'ring' && !isSoleEntrant(scene, probe, breach)) obstacles.push('not-attributable');
  if (countsEvents(probe.rule.indicator) && breach.counted.bad < minBadOf(probe.rule)) obstacles.push('few-bad-events');
  if (reachesBack(probe)) obstacles.push('reaches-back');
  if (!hasLasted(readings, breach)) obstacles.push('not-lasting');
  if (isOver(readings, breach)) obstacles.push('over');
  if (readings.recent.kind === 'unread') obstacles.push('unread');
  if (leansOnAbsence(readings, breach)) obstacles.push('absent');
  return obstacles;
}

/** What looks back by itself is not clipped, so its oldest sample must not do so beyond the evidence floor. */
function reachesBack(probe: Probe): boolean {
  const oldest = probe.samples.at(-1);
  if (probe.floor === null || oldest === undefined) return false;
  const reach = ownReachMs(probe.rule);
  return reach !== null && after(oldest.at, -reach) < probe.floor;
}

/** How far a threshold's text makes it look back, or a monitor as its rule says; null for what is clipped. */
function ownReachMs({ indicator, limits }: RuleDocument): number | null {
  if (indicator.kind === 'threshold') return literalReachMs(indicator.query);
  if (indicator.kind !== 'datadog-monitor') return null;
  return limits?.window === undefined ? MONITOR_REACH_MS : durationMs(limits.window);
}

function hasLasted(readings: Readings, { instants, breached }: Breach): boolean {
  const breachedAt = (samples: readonly Sample[]) =>
    samples.every((sample) => {
      const counts = countsOf(readings, sample);
      return counts !== null && breached(counts);
    });
  return instants.length === 3 && instants.every(breachedAt);
}

/**
 * True when the last minutes are known to be within the bound again. A long window remembers one noisy
 * minute for as long as it is; a release that is fine by now must not be taken back for it.
 */
function isOver(readings: Readings, { breached }: Breach): boolean {
  const { recent } = readings;
  const counts = recent.kind === 'read' ? countsOf(readings, recent.sample) : null;
  return counts !== null && !breached(counts);
}

/** True where good or all events are fewer only because a term was absent: an absence is no harm. */
function leansOnAbsence(readings: Readings, { instants }: Breach): boolean {
  return instants.flat().some((sample) => countsOf(readings, sample)?.leansOnAbsence === true);
}

/** True when this release has entered the measured rings within what was measured, and no other one has, nor is said to have. */
function isSoleEntrant(scene: Scene, probe: Probe, { instants, window }: Breach): boolean {
  const oldest = instants.at(-1)?.[0]?.at ?? scene.at;
  const since = after(oldest, -(window === undefined ? DEFAULT_WINDOW_MS : durationMs(window)));
  const rings = ringsSeen(scene, probe);
  const entrants = scene.rollout.lives.filter(
    (life) => rings.includes(life.ring) && entriesOf(life, scene.at).some((sign) => sign >= since),
  );
  return entrants.length > 0 && entrants.every((life) => life.version === scene.version && !isClaimed(life));
}

/** When a life has entered its ring: deployed, perhaps just being deployed under a promise, or failed half way. */
function entriesOf(life: Life, at: string): readonly string[] {
  const failed = life.end === 'failed' ? life.endedAt : null;
  const maybe = hasLease(life, at) ? at : null;
  return [life.liveAt, failed, maybe].filter((sign) => sign !== null);
}

/** A rule that selects by a label and not by the ring's name sees every ring with the same label. */
function ringsSeen(scene: Scene, probe: Probe): readonly string[] {
  const { ring, labels } = namesInRule(readQueries(probe.rule.indicator));
  if (ring || typeof probe.rule.attribution === 'object') return [probe.ring.name];
  const same = (other: Ring): boolean => labels.every((label) => other.labels[label] === probe.ring.labels[label]);
  return scene.plan.rings.filter(same).map((other) => other.name);
}
