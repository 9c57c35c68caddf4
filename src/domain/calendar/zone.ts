import { Temporal } from 'temporal-polyfill';
import { msOf } from '../instant.ts';
import type { LocalMs } from './local-time.ts';

/**
 * Which instant a local time means when the clocks do not show it once: the earlier or the later of the two that
 * the offsets before and after the change give. Outside of a change both are the same.
 */
export type Reading = 'earlier' | 'later';

const NAME = /^[A-Za-z][A-Za-z0-9_+/-]*$/;

/** True for a name of the time zone database that this machine knows. An offset such as +01:00 is not a zone. */
export function isTimeZone(name: string): boolean {
  if (!NAME.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds since the epoch of a local time in a known zone. */
export function resolve(local: LocalMs, zone: string, reading: Reading): number {
  const plain = Temporal.Instant.fromEpochMilliseconds(local).toZonedDateTimeISO('UTC').toPlainDateTime();
  return plain.toZonedDateTime(zone, { disambiguation: reading }).epochMilliseconds;
}

/** What the clocks of a known zone show at an instant. */
export function localOf(epochMs: number, zone: string): LocalMs {
  const { offsetNanoseconds } = Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(zone);
  return epochMs + offsetNanoseconds / 1e6;
}

/** For people: `2026-01-02T18:00:00+01:00[Europe/Berlin]`. In a zone that is not known the instant itself. */
export function localTime(at: string, timeZone: string): string {
  if (!isTimeZone(timeZone)) return at;
  return Temporal.Instant.fromEpochMilliseconds(msOf(at))
    .toZonedDateTimeISO(timeZone)
    .toString({ smallestUnit: 'second' });
}
