import type { IBackoff, IBackoffFactory } from 'cockatiel';

const LEAST_MS = 5_000;
const MOST_MS = 30_000;

interface Attempt {
  /** How often the circuit has opened in a row, from 1. */
  readonly attempt: number;
}

/**
 * How long a circuit stays open before one query probes it: 5–10 s, then 5–20 s, then 5–30 s, at random,
 * so that the replicas do not all come back in the same moment.
 *
 * The library compares `duration` with the time that passed on the wall clock, which somebody may set
 * back: the time is measured here instead, and the answer is "for ever" or "not at all".
 */
export function breakerWaits(monotonicMs: () => number, random: () => number): IBackoffFactory<Attempt> {
  const next = ({ attempt }: Attempt): IBackoff<Attempt> => {
    const mostMs = Math.min(MOST_MS, LEAST_MS * 2 ** attempt);
    const untilMs = monotonicMs() + LEAST_MS + random() * (mostMs - LEAST_MS);
    return {
      next,
      get duration() {
        return monotonicMs() < untilMs ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
      },
    };
  };
  return { next };
}
