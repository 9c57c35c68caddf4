/**
 * Leaves a provider that fails alone for a moment, so that it can recover and nobody waits for what
 * will not come. Only what a provider does under strain or while it is away counts as failing: a
 * refused query, no data or a wrong credential come from one that works, and each has its own words,
 * which an open circuit would hide.
 */
import {
  type CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  handleWhenResult,
  isBrokenCircuitError,
} from 'cockatiel';
import type { UnavailableReason } from '../domain/measurement.ts';
import { type Ask, type Call, DEADLINE, type Reading, unavailable } from './ask.ts';
import { breakerWaits } from './breaker-waits.ts';
import { orAborted } from './deadline.ts';
import { perProvider } from './per-provider.ts';
import { FAILURES, RecentFailures } from './recent-failures.ts';

export type BreakerState = 'closed' | 'half-open' | 'open';

export interface BreakerOptions {
  readonly monotonicMs: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly onState: (provider: string, state: BreakerState) => void;
}

const FAILING: ReadonlySet<UnavailableReason> = new Set(['connection', 'server-error', 'rate-limited']);

function isFailure(result: unknown): boolean {
  const { measurement } = result as Reading;
  if (measurement.kind === 'unavailable') return FAILING.has(measurement.reason);
  return measurement.kind === 'deadline-exceeded';
}

export function breaking(ask: Ask, options: BreakerOptions): Ask {
  const breakerOf = perProvider(({ name }) => createBreaker(name, options));
  return async (provider, question, call) => {
    const breaker = breakerOf(provider);
    try {
      return await breaker.execute(() => settled(ask(provider, question, call), call), call.signal);
    } catch (error) {
      if (!isBrokenCircuitError(error)) throw error;
      return unavailable('circuit-open', `it failed ${FAILURES} times in a row`);
    }
  };
}

function createBreaker(name: string, options: BreakerOptions): CircuitBreakerPolicy {
  const { monotonicMs, random, onState } = options;
  const breaker = circuitBreaker(handleWhenResult(isFailure), {
    breaker: new RecentFailures(monotonicMs),
    halfOpenAfter: breakerWaits(monotonicMs, random),
  });
  onState(name, 'closed');
  breaker.onStateChange((state) => onState(name, wordOf(state)));
  return breaker;
}

function wordOf(state: CircuitState): BreakerState {
  if (state === CircuitState.Closed) return 'closed';
  return state === CircuitState.HalfOpen ? 'half-open' : 'open';
}

/** A probe that never ended would keep the circuit half open for ever. */
function settled(work: Promise<Reading>, { signal }: Call): Promise<Reading> {
  return orAborted(work, signal).catch((error) => {
    if (signal.aborted) return DEADLINE;
    throw error;
  });
}
