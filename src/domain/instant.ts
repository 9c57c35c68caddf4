/** Instants are RFC 3339 UTC with milliseconds, so that comparing texts compares times. */
export function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** Milliseconds since the epoch. */
export function msOf(at: string): number {
  return Date.parse(at);
}

/** `ms` after `at`; negative for before. */
export function after(at: string, ms: number): string {
  return instant(msOf(at) + ms);
}

/** Evaluation instants are floored to this, so that answers can be shared and asked again. */
export const BUCKET_MS = 10_000;

/** The instant a provider is asked about: the decision's instant minus the provider's delay, floored to the bucket. */
export function evaluationInstant(at: string, delayMs: number): string {
  return instant(Math.floor((msOf(at) - delayMs) / BUCKET_MS) * BUCKET_MS);
}
