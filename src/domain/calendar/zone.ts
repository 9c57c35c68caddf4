import { Temporal } from 'temporal-polyfill';
import { msOf } from '../instant.ts';
import { DAY_MS, type LocalMs } from './local-time.ts';

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

/** Milliseconds since the epoch of a local time. */
export type Resolve = (local: LocalMs, reading: Reading) => number;

/** More than any zone ever moved its clocks: Samoa left out a whole day. */
export const LARGEST_CHANGE_MS = DAY_MS + 3_600_000;

/**
 * Resolves local times of a known zone. It remembers between which changes the last one lay: most of the next ones
 * lie there too, far from both, and are then only a subtraction.
 */
export function resolverOf(zone: string): Resolve {
  let calm = { from: 0, to: 0, offset: 0 };
  return (local, reading) => {
    if (calm.from <= local && local < calm.to) return local - calm.offset;
    const plain = Temporal.Instant.fromEpochMilliseconds(local).toZonedDateTimeISO('UTC').toPlainDateTime();
    const zoned = plain.toZonedDateTime(zone, { disambiguation: reading });
    calm = calmAround(zoned);
    return zoned.epochMilliseconds;
  };
}

/** The local times around this one that are far enough from the changes before and after to be shown exactly once. */
function calmAround(zoned: Temporal.ZonedDateTime): { from: LocalMs; to: LocalMs; offset: number } {
  const offset = zoned.offsetNanoseconds / 1e6;
  const before = zoned.add({ milliseconds: 1 }).getTimeZoneTransition('previous')?.epochMilliseconds;
  const after = zoned.getTimeZoneTransition('next')?.epochMilliseconds;
  return {
    from: (before ?? Number.NEGATIVE_INFINITY) + offset + LARGEST_CHANGE_MS,
    to: (after ?? Number.POSITIVE_INFINITY) + offset - LARGEST_CHANGE_MS,
    offset,
  };
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
