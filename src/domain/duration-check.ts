import { formatDuration, parseDuration } from './duration.ts';
import type { FieldError } from './errors.ts';

/** What is wrong with a duration in a document: it is none, or shorter or longer than it may be. None given is fine. */
export function durationErrors(
  pointer: string,
  text: string | undefined,
  leastMs: number,
  mostMs = Number.MAX_SAFE_INTEGER,
): readonly FieldError[] {
  if (text === undefined) return [];
  const ms = parseDuration(text);
  if (ms === null) return [{ pointer, message: `${text} is not a duration such as 90s or 1h30m` }];
  if (ms < leastMs) return [{ pointer, message: `${text} is too short: at least ${formatDuration(leastMs)}` }];
  return ms > mostMs ? [{ pointer, message: `${text} is too long: at most ${formatDuration(mostMs)}` }] : [];
}
