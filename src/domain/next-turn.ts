import type { Decision } from './decision.ts';
import { durationMs } from './duration.ts';
import type { Facts } from './facts.ts';
import { after, BUCKET_MS, evaluationInstant } from './instant.ts';

/** When a hold may turn although nobody changes anything; RFC 3339 UTC, null where no such instant is known. */
export interface NextTurn {
  /** The first of the instants at which a finding clears by itself. */
  readonly byTime: string | null;
  /** The beginning of the next evaluation bucket, from which providers are asked about a newer instant. */
  readonly bucket: string | null;
}

/**
 * Metrics are asked again whenever something is measured at all, also while only a bake time is
 * missing: harm turns a hold into a rollback, or opens the ring that another release has, and whoever waits is
 * to learn of it at once.
 */
export function nextTurn(facts: Facts, decision: Decision): NextTurn {
  const holds = decision.findings.filter((finding) => finding.countedAs === 'hold');
  const instants = holds.flatMap(({ clears, clearsAt = '' }) => (clears === 'by-time' ? [clearsAt] : []));
  const measured =
    facts.measurements.length > 0 || facts.occupant !== undefined || holds.some(({ clears }) => clears === 'by-data');
  return {
    byTime: instants.filter((instant) => instant > facts.at).sort()[0] ?? null,
    bucket: measured ? nextBucket(facts) : null,
  };
}

/** A provider that is behind by a delay gets its next bucket that much later. */
function nextBucket({ at, measurements, providers }: Facts): string {
  const names = new Set(measurements.map(({ provider }) => provider));
  const delays = new Set([...names].map((name) => durationMs(providers[name]?.delay ?? '0s')));
  const begins = [...(delays.size === 0 ? [0] : delays)].map((delay) =>
    after(evaluationInstant(at, delay), BUCKET_MS + delay),
  );
  return begins.sort()[0] as string;
}
