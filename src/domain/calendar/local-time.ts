/**
 * A local time is written as milliseconds as if the place were on UTC: a number without a zone, in which days
 * always have 24 hours. `zone.ts` turns it into an instant.
 */
export type LocalMs = number;

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** No date outside of these years is taken or looked at. */
export const EARLIEST: LocalMs = Date.UTC(1900, 0, 1);
export const LATEST: LocalMs = Date.UTC(3000, 0, 1);

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/;
const TIME = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;

/** Reads `2026-01-02T18:00:00` or `2026-01-02T18:00`; null when it is not such a date of the years 1900 to 2999. */
export function parseLocal(text: string): LocalMs | null {
  if (!DATE_TIME.test(text)) return null;
  const ms = Date.parse(`${text}Z`);
  if (Number.isNaN(ms) || ms < EARLIEST || ms >= LATEST) return null;
  return formatLocal(ms).startsWith(text) ? ms : null;
}

/** `2026-01-02T18:00:00`. */
export function formatLocal(local: LocalMs): string {
  return new Date(local).toISOString().slice(0, 19);
}

/** Milliseconds since midnight of `08:00` or `08:00:30`; null when it is not a time of day. */
export function parseTimeOfDay(text: string): number | null {
  const parts = TIME.exec(text);
  if (parts === null) return null;
  const [, hours, minutes, seconds] = parts.map(Number);
  return ((hours ?? 0) * 60 + (minutes ?? 0)) * MINUTE_MS + (seconds || 0) * 1000;
}

/** Midnight at the beginning of that day. */
export function dayOf(local: LocalMs): LocalMs {
  return Math.floor(local / DAY_MS) * DAY_MS;
}
