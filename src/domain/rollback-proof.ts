import { durationMs } from './duration.ts';
import { after } from './instant.ts';
import type { Life } from './life.ts';
import { hasLease } from './lives.ts';
import type { Probe } from './probes.ts';
import { literalReachMs } from './promql-selectors.ts';
import type { Reading, Readings } from './reading.ts';
import { breaches, minBadOf } from './rule.ts';
import { namesInRule, readQueries } from './rule-queries.ts';
import type { Scene } from './scene.ts';
import type { Ring } from './service.ts';

/** Why a breach of the rollback bound is not yet proof of harm by this release. */
export type Obstacle = 'service-wide' | 'not-attributable' | 'few-bad-events' | 'reaches-back' | 'not-lasting' | 'over';

/** For thresholds, whose queries bring their own ranges. */
const DEFAULT_WINDOW_MS = 600_000;

/**
 * Law 2: a rollback needs fresh, positive evidence of harm that is this release's: a rule that
 * speaks of the release (or of a ring that only it has entered within the window), enough bad
 * events, and a breach that has lasted. Empty means proven.
 */
export function obstaclesTo(scene: Scene, probe: Probe, { readings, recent }: Readings): readonly Obstacle[] {
  if (probe.scope === 'service') return ['service-wide'];
  const obstacles: Obstacle[] = [];
  if (probe.scope === 'ring' && !isSoleEntrant(scene, probe)) obstacles.push('not-attributable');
  if (hasFewBad(probe, readings[0])) obstacles.push('few-bad-events');
  if (reachesBack(probe)) obstacles.push('reaches-back');
  if (!hasLasted(probe, readings)) obstacles.push('not-lasting');
  if (isOver(probe, recent)) obstacles.push('over');
  return obstacles;
}

function hasFewBad(probe: Probe, now: Reading | undefined): boolean {
  if (probe.rule.indicator.kind !== 'ratio') return false;
  return now === undefined || !('counts' in now) || now.counts.bad < minBadOf(probe.rule);
}

/** A threshold's own ranges are not clipped, so its oldest sample must not look back beyond the evidence floor. */
function reachesBack(probe: Probe): boolean {
  const oldest = probe.samples.at(-1);
  if (probe.rule.indicator.kind !== 'threshold' || probe.floor === null || oldest === undefined) return false;
  return after(oldest.at, -literalReachMs(probe.rule.indicator.query)) < probe.floor;
}

function hasLasted(probe: Probe, readings: readonly Reading[]): boolean {
  return (
    readings.length === 3 &&
    readings.every((reading) => 'counts' in reading && breaches(reading.counts.value, probe.rule.limits.rollback))
  );
}

/**
 * True when the last half of `for` is known to be within the bound again. A long window remembers one
 * noisy minute for as long as it is; a release that is fine by now must not be taken back for it.
 * When that half by itself cannot be read, as with rare scrapes, the three instants decide alone.
 */
function isOver(probe: Probe, recent: Reading | null): boolean {
  return recent !== null && 'counts' in recent && !breaches(recent.counts.value, probe.rule.limits.rollback);
}

/** True when this release has entered the measured rings within what was measured, and no other one has. */
function isSoleEntrant(scene: Scene, probe: Probe): boolean {
  const oldest = probe.samples.at(-1)?.at ?? scene.at;
  const window = probe.rule.limits.window;
  const since = after(oldest, -(window === undefined ? DEFAULT_WINDOW_MS : durationMs(window)));
  const rings = ringsSeen(scene, probe);
  const entrants = scene.rollout.lives.filter(
    (life) => rings.includes(life.ring) && entriesOf(life, scene.at).some((sign) => sign >= since),
  );
  return entrants.length > 0 && entrants.every((life) => life.version === scene.version);
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
  if (ring) return [probe.ring.name];
  const same = (other: Ring): boolean => labels.every((label) => other.labels[label] === probe.ring.labels[label]);
  return scene.plan.rings.filter(same).map((other) => other.name);
}
