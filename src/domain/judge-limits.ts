import { type Opinion, perhapsBad } from './opinion.ts';
import type { Probe } from './probe.ts';
import { atWorst, countsOf, type Readings } from './reading.ts';
import { judgeHarm } from './rollback-proof.ts';
import { breaches } from './rule.ts';
import type { Scene } from './scene.ts';

/** What a rule's limits say; null without limits or without a number now. */
export function judgeLimits(scene: Scene, probe: Probe, readings: Readings): Opinion | null {
  const { limits } = probe.rule;
  const now = countsOf(readings, probe.samples[0]);
  if (limits === undefined || now === null) return null;
  if (breaches(now.value, limits.rollback)) {
    return judgeHarm(scene, probe, readings, {
      counted: now,
      instants: probe.samples.map((sample) => [sample]),
      breached: (counts) => breaches(counts.value, limits.rollback),
      // A monitor's window says how far it looks back by itself, not where a release has to have entered.
      window: probe.rule.indicator.kind === 'datadog-monitor' ? undefined : limits.window,
      causes: { hold: 'objective-at-risk', rollback: 'objective-breached' },
    });
  }
  if (breaches(now.value, limits.hold)) {
    return { verdict: 'hold', cause: 'objective-at-risk', clears: 'by-data', evidence: {} };
  }
  const worst = atWorst(now).value;
  if (breaches(worst, limits.hold) || breaches(worst, limits.rollback)) return perhapsBad(now);
  return { verdict: 'promote', cause: 'objective-met', evidence: {} };
}
