import { parseDuration } from '../duration.ts';

/**
 * Durations as OpenSLO writes them: one whole number and one unit. Its minutes, hours, days and weeks are those of
 * Prometheus. Months, quarters and years it leaves open; they are read as in its own SDK.
 */
const SHORTHAND = /^[1-9]\d*[mhdw]$/;
const LONG_UNITS: Readonly<Record<string, number>> = { M: 30, Q: 90, Y: 365 };
const MINUTE_MS = 60_000;

/** As OpenSLO can write it: the very text where it can, else the same or the next longer time in minutes. */
export function shorthandOf(duration: string): string {
  if (SHORTHAND.test(duration)) return duration;
  return `${Math.max(1, Math.ceil((parseDuration(duration) ?? 0) / MINUTE_MS))}m`;
}

/** The duration that a shorthand means, and whether OpenSLO leaves that open; null when it is none. */
export function durationOf(shorthand: string): { readonly duration: string; readonly open: boolean } | null {
  if (SHORTHAND.test(shorthand)) return { duration: shorthand, open: false };
  const [, count, unit = ''] = /^([1-9]\d{0,5})([MQY])$/.exec(shorthand) ?? [];
  const days = LONG_UNITS[unit];
  return days === undefined ? null : { duration: `${Number(count) * days}d`, open: true };
}
