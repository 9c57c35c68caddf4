/**
 * What every kind of provider has in common once a request is sent: what failed becomes a reading, a
 * status says something about asking again, and an answer from a clock that is far off is none.
 */
import { type Call, DEADLINE, type Reading, unavailable } from './ask.ts';
import { CredentialError } from './credential.ts';
import type { HttpAnswer, HttpOutcome } from './http.ts';
import { retryAfterMs } from './retry-after.ts';

const MAX_SKEW_MS = 30_000;

/** An answer with one of these was none: asking again does no harm and may help (RFC 9110 §15.6, Prometheus's error types). */
const TRANSIENT = new Set([500, 502, 503, 504]);

/** Whole milliseconds, for headers and timers that know nothing smaller. */
export function leftOf(call: Call): number {
  return Math.max(1, Math.ceil(call.leftMs()));
}

/** Sends, reads, and gives a reading whatever happens. `nowMs` is our own wall clock. */
export async function exchange(
  send: () => Promise<HttpOutcome>,
  read: (answer: HttpAnswer) => Reading,
  nowMs: () => number,
): Promise<Reading> {
  try {
    const outcome = await send();
    if (outcome.kind === 'deadline-exceeded') return DEADLINE;
    if (outcome.kind === 'failed') {
      const { reason, detail } = outcome;
      return { ...unavailable(reason, detail), ...(reason === 'connection' && { transient: true }) };
    }
    const reading = read(outcome);
    return { ...(skewed(outcome, reading, nowMs) ?? reading), ...advice(outcome, nowMs) };
  } catch (error) {
    return unavailable(
      'misconfigured',
      error instanceof CredentialError ? error.message : 'the provider could not be asked',
    );
  }
}

/** What the answer says about asking again. With nothing left of a limit the next query would be refused. */
function advice(answer: HttpAnswer, nowMs: () => number): Pick<Reading, 'transient' | 'pauseMs'> {
  const spent = answer.rateLimitRemaining !== null && /^0+$/.test(answer.rateLimitRemaining);
  if (answer.status === 429 || spent) return { pauseMs: retryAfterMs(answer, nowMs()) };
  return TRANSIENT.has(answer.status) ? { transient: true } : {};
}

/** An answer from a server whose clock is far off is about another time than the one we asked for. */
function skewed(answer: HttpAnswer, reading: Reading, nowMs: () => number): Reading | null {
  if (answer.status !== 200 || answer.date === null) return null;
  const skew = Math.abs(Date.parse(answer.date) - nowMs());
  if (!(skew > MAX_SKEW_MS)) return null;
  const detail = `the provider's clock differs from ours by about ${Math.round(skew / 1000)}s`;
  return { ...unavailable('clock-skew', detail), infos: reading.infos };
}
