/** A number this large is no number of seconds but an instant of the Unix epoch (2001 and later). */
const EPOCH_SECONDS = 1_000_000_000;

/**
 * How long an answer with 429 asks us to wait, in milliseconds: Retry-After (RFC 9110 §10.2.3, seconds
 * or a date) or X-RateLimit-Reset (seconds, for some an instant in Unix seconds). 0 when it does not say.
 */
export function retryAfterMs(
  headers: { readonly retryAfter: string | null; readonly rateLimitReset: string | null },
  nowMs: number,
): number {
  const { retryAfter, rateLimitReset } = headers;
  return waitMs(retryAfter, nowMs) || waitMs(rateLimitReset, nowMs);
}

function waitMs(text: string | null, nowMs: number): number {
  if (text === null) return 0;
  const seconds = /^\d{1,12}(\.\d+)?$/.test(text) ? Number(text) : null;
  const ms = seconds === null ? Date.parse(text) - nowMs : seconds * 1000 - (seconds >= EPOCH_SECONDS ? nowMs : 0);
  return ms > 0 ? ms : 0;
}
