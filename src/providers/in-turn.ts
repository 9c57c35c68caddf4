import type { MetricQuestion } from '../domain/measurement.ts';
import { type Provider, type Reading, unavailable } from './ask.ts';
import { createSlots } from './slots.ts';

/** Asks when it is its turn. Null when nobody waits for the answer any more before that: then nothing was asked. */
export type AskInTurn = (
  provider: Provider,
  question: MetricQuestion,
  abandoned: AbortSignal,
) => Promise<Reading | null>;

/**
 * Several times the questions of the largest gate (some 240), and about as many as eight places work
 * off in six seconds at 50 ms each: who stood further back would leave before it is their turn. How
 * long one waits is decided by the callers' own deadlines.
 */
const LONGEST_QUEUE = 1_024;

export interface QueueLimits {
  /** Queries that run at the same time per provider; a Prometheus allows 20 for everybody. */
  readonly maxConcurrent?: number;
  readonly longestQueue?: number;
}

export function inTurn(
  ask: (provider: Provider, question: MetricQuestion) => Promise<Reading>,
  { maxConcurrent = 8, longestQueue = LONGEST_QUEUE }: QueueLimits,
): AskInTurn {
  const slots = createSlots(maxConcurrent, longestQueue);
  return async (provider, question, abandoned) => {
    let free: (() => void) | null;
    try {
      free = await slots.take(provider.name, abandoned);
    } catch {
      return null;
    }
    if (free === null) return unavailable('overloaded', `${longestQueue} questions to it are waiting already`);
    try {
      return await ask(provider, question);
    } finally {
      free();
    }
  };
}
