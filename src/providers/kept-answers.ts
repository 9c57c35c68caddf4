/**
 * Answers of the present evaluation bucket. The provider's own word on exactly this query at exactly
 * this instant (a value, no data, not a number, several series, a refused query) would be the same a
 * second later, so it is kept until its bucket is over. Everything else (partial, unavailable, too
 * late) says that something did not work, which may heal at any moment: that is kept for a second,
 * only to spare a provider in trouble. Nothing is used for another instant than the one it was asked
 * for, and nothing longer than a bucket.
 */
import { BUCKET_MS } from '../domain/instant.ts';
import type { Measurement } from '../domain/measurement.ts';
import type { Reading } from './ask.ts';

const ERROR_MS = 1_000;

/** More than a busy bucket holds; the oldest goes first. */
const MOST = 4_096;

export interface KeptAnswers {
  get(key: string): Reading | undefined;
  /** `askedAtMs` is when the first caller asked, on the monotonic clock: its bucket had begun by then. */
  put(key: string, reading: Reading, askedAtMs: number): void;
  readonly size: number;
}

const ANSWERED: Record<Measurement['kind'], boolean> = {
  value: true,
  'no-data': true,
  'not-a-number': true,
  'too-many-series': true,
  rejected: true,
  partial: false,
  unavailable: false,
  'deadline-exceeded': false,
  unaskable: false,
};

export function createKeptAnswers(monotonicMs: () => number, most = MOST): KeptAnswers {
  const kept = new Map<string, { readonly reading: Reading; readonly untilMs: number }>();

  const dropOldest = (): void => {
    for (const [key, { untilMs }] of kept) {
      if (kept.size < most && untilMs > monotonicMs()) return;
      kept.delete(key);
    }
  };

  return {
    get(key) {
      const found = kept.get(key);
      if (found === undefined || found.untilMs > monotonicMs()) return found?.reading;
      kept.delete(key);
      return undefined;
    },
    put(key, reading, askedAtMs) {
      const bucketEndMs = askedAtMs + BUCKET_MS;
      const untilMs = ANSWERED[reading.measurement.kind]
        ? bucketEndMs
        : Math.min(monotonicMs() + ERROR_MS, bucketEndMs);
      kept.delete(key);
      dropOldest();
      if (untilMs > monotonicMs()) kept.set(key, { reading, untilMs });
    },
    get size() {
      return kept.size;
    },
  };
}
