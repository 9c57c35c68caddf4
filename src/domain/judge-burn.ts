import { type Opinion, perhapsBad } from './opinion.ts';
import { type Probe, type Sample, windowText } from './probe.ts';
import { countsOf, type Readings } from './reading.ts';
import { judgeHarm } from './rollback-proof.ts';
import type { Scene } from './scene.ts';
import { burnOf, type PairState, pairStates } from './slo-reading.ts';

/**
 * What each pair of windows says. A pair fires when both windows burn faster than its factor. One
 * window within it is enough to know that it does not; so a long window that burns beside a short one
 * in which nothing happened is all that cannot be told.
 */
export function judgeBurnRates(scene: Scene, probe: Probe, readings: Readings): readonly Opinion[] {
  return pairStates(probe, readings).map((state) => judgePair(scene, probe, readings, state));
}

function judgePair(scene: Scene, probe: Probe, readings: Readings, state: PairState): Opinion {
  const { pair, burn, long, short, fires } = state;
  const now = countsOf(readings, long[0]);
  if (!fires || now === null) {
    if (burn.short === null && burn.long !== null && burn.long > pair.factor) return cannotTell(state);
    if (now !== null && state.mayFire) return perhapsBad(now);
    return { verdict: 'promote', cause: 'objective-met', evidence: {} };
  }
  if (pair.verdict !== 'rollback') return { verdict: 'hold', cause: 'burning', clears: 'by-data', evidence: {} };
  return judgeHarm(scene, probe, readings, {
    counted: now,
    instants: long.map((sample, i) => [sample, short[i] ?? sample]),
    breached: (counts) => (burnOf(probe, counts) ?? 0) > pair.factor,
    window: pair.long,
    causes: { hold: 'burning', rollback: 'burning-fast' },
  });
}

function cannotTell({ pair, long, short }: PairState): Opinion {
  const seen = (samples: readonly Sample[], wanted: string) =>
    (samples[0] === undefined ? null : windowText(samples[0])) ?? wanted;
  const window = seen(short, pair.short);
  const evidence = {
    reason: 'silent-short-window',
    part: 'total',
    window,
    pair: { long: seen(long, pair.long), short: window },
  };
  return { verdict: 'hold', cause: 'no-data', clears: 'by-data', evidence };
}
