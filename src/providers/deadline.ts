import { type Call, DEADLINE, type Reading, unavailable } from './ask.ts';

/** The longest time anybody may ask for; a timer cannot be much longer either. */
const LONGEST_MS = 60_000;

/**
 * Runs the work under one timer. Resolves when the work does or when the time is over, even if the
 * work does not notice, and never rejects: a defect of our own is a reason to hold (law 1).
 */
export async function withinDeadline(ms: number, work: (call: Call) => Promise<Reading>): Promise<Reading> {
  if (!(ms > 0)) return DEADLINE;
  const endsAt = performance.now() + ms;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), Math.min(ms, LONGEST_MS));
  const { signal } = controller;
  try {
    return await orAborted(work({ signal, leftMs: () => endsAt - performance.now() }), signal);
  } catch {
    return signal.aborted ? DEADLINE : unavailable('misconfigured', 'the provider could not be asked');
  } finally {
    clearTimeout(timer);
  }
}

/** The work's result, or a rejection as soon as the signal fires. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
