import { kept } from './kept.ts';

/**
 * Durations as Prometheus writes them (`90s`, `1h30m`, `30d`): units in falling order, each at most
 * once. A day is 24 h, a week 7 d, a year 365 d, as in Prometheus's own model.ParseDuration.
 */
const UNITS = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

const PATTERN = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Milliseconds, or null when the text is not a duration. `0s` is a duration of nothing. */
export const parseDuration: (text: string) => number | null = kept(readDuration, 1000);

function readDuration(text: string): number | null {
  const parts = PATTERN.exec(text);
  if (text === '' || parts === null) return null;
  const ms = UNITS.reduce((sum, [, size], i) => sum + Number(parts[i + 1] ?? 0) * size, 0);
  return Number.isSafeInteger(ms) ? ms : null;
}

/** Milliseconds of a duration that was validated before. Throws on anything else. */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new RangeError(`not a duration: ${text}`);
  return ms;
}

/** The shortest exact text without years and weeks: 5_400_000 → `1h30m`, 0 → `0s`. Negative values count as 0. */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.round(ms));
  let text = '';
  for (const [unit, size] of UNITS.slice(2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}

/** For sentences: the two largest units, so `1h2m3s` reads `1h2m`; below a second `0s`. */
export function roughDuration(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000)) * 1000;
  const parts = formatDuration(whole).match(/\d+[a-z]+/g) ?? ['0s'];
  return parts.slice(0, 2).join('');
}
