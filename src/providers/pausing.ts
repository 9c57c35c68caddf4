import type { Ask } from './ask.ts';
import { unavailable } from './ask.ts';
import { perProvider } from './per-provider.ts';

/** A provider may ask for less, not for ever: after a minute it is asked once more whether it still means it. */
const LONGEST_PAUSE_MS = 60_000;

/** Leaves a provider alone for as long as it has asked for in answer to too many queries. */
export function pausing(ask: Ask, monotonicMs: () => number): Ask {
  const pauseOf = perProvider(() => ({ untilMs: Number.NEGATIVE_INFINITY, seconds: 0 }));
  return async (provider, question, call) => {
    const pause = pauseOf(provider);
    if (monotonicMs() < pause.untilMs) {
      return unavailable('rate-limited', `the provider asked not to be queried for ${pause.seconds}s`);
    }
    const reading = await ask(provider, question, call);
    const pauseMs = Math.min(reading.pauseMs ?? 0, LONGEST_PAUSE_MS);
    if (pauseMs > 0 && monotonicMs() + pauseMs > pause.untilMs) {
      pause.untilMs = monotonicMs() + pauseMs;
      pause.seconds = Math.ceil(pauseMs / 1000);
    }
    return reading;
  };
}
