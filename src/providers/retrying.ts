/**
 * One more attempt where nothing was answered and asking again does no harm. The budget keeps a
 * provider that fails everything from being asked twice as often: retries are at most a tenth of
 * the calls (Google SRE book, "Handling Overload": per-client retry budget of 10 %).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ask, Reading } from './ask.ts';
import { perProvider } from './per-provider.ts';

/** Each call earns a tenth of a retry, and a quiet time saves up ten of them at most; counted in tenths. */
const RETRY = 10;
const MOST_SAVED = 10 * RETRY;
const LEAST_WAIT_MS = 50;
const JITTER_MS = 100;
/** Less than this is not worth another query. */
const LEAST_LEFT_MS = 100;

export function retrying(ask: Ask, random: () => number): Ask {
  // The very first call may be repeated: nine tenths and its own.
  const budgetOf = perProvider(() => ({ tenths: RETRY - 1 }));
  return async (provider, question, call) => {
    const budget = budgetOf(provider);
    budget.tenths = Math.min(MOST_SAVED, budget.tenths + 1);
    const first = await ask(provider, question, call);
    const waitMs = LEAST_WAIT_MS + random() * JITTER_MS;
    if (first.transient !== true || budget.tenths < RETRY || call.leftMs() < waitMs + LEAST_LEFT_MS) return first;
    budget.tenths -= RETRY;
    await sleep(waitMs, undefined, { signal: call.signal });
    const second = await ask(provider, question, call);
    return wasAsked(second) ? second : first;
  };
}

/** A circuit that has opened meanwhile lets no query through: then the first attempt says what is wrong. */
function wasAsked({ measurement }: Reading): boolean {
  return measurement.kind !== 'unavailable' || measurement.reason !== 'circuit-open';
}
