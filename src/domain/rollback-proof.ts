import { durationMs } from './duration.ts';
import { after } from './instant.ts';
import type { Probe } from './probes.ts';
import type { Counts, Reading, Readings } from './reading.ts';
import { breaches } from './rule.ts';
import type { Scene } from './scene.ts';

/** Why a breach of the rollback bound is not yet proof of harm by this release. */
export type Obstacle = 'service-wide' | 'not-attributable' | 'few-bad-events' | 'not-lasting' | 'over' | 'not-live';

const DEFAULT_MIN_BAD = 10;
/** For thresholds, whose queries bring their own ranges. */
const DEFAULT_WINDOW = '10m';

/**
 * Law 2: a rollback needs fresh, positive evidence of harm that is this release's: a rule that
 * speaks of the release (or of a ring that only it has entered within the window), enough bad
 * events, a breach that has lasted, and a release that runs. Empty means proven.
 */
export function obstaclesTo(
  scene: Scene,
  probe: Probe,
  { readings, recent }: Readings,
  counts: Counts,
): readonly Obstacle[] {
  const obstacles: Obstacle[] = [];
  if (probe.life === undefined) obstacles.push('not-live');
  if (probe.scope === 'service') obstacles.push('service-wide');
  if (probe.scope === 'ring' && !isSoleEntrant(scene, probe)) obstacles.push('not-attributable');
  if (probe.rule.indicator.kind === 'ratio' && counts.bad < (probe.rule.minBad ?? DEFAULT_MIN_BAD))
    obstacles.push('few-bad-events');
  if (!hasLasted(probe, readings)) obstacles.push('not-lasting');
  if (isOver(probe, recent)) obstacles.push('over');
  return obstacles;
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

/** True when this release has entered the ring within the rule's window and no other one has. */
function isSoleEntrant(scene: Scene, probe: Probe): boolean {
  const since = after(scene.at, -durationMs(probe.rule.limits.window ?? DEFAULT_WINDOW));
  const entrants = scene.rollout.lives.filter(
    (life) => life.ring === probe.ring.name && life.liveAt !== null && life.liveAt >= since,
  );
  return entrants.length > 0 && entrants.every((life) => life.version === scene.version);
}
