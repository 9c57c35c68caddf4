import { type FieldError, pointerTo } from '../errors.ts';

/**
 * Texts from outside end up in records, and a record must never be refused by the database because
 * of what somebody wrote: PostgreSQL's jsonb takes no NUL, UTF-8 no lone surrogate, and a terminal
 * obeys escape sequences. Only line feed and tab are let through. What people send along (a reason,
 * a provider's message) is scrubbed; what they want kept exactly (a configuration) is refused.
 */
// Cc are the control characters, Cs under the u flag the surrogates without a partner.
const UNWANTED = /(?![\n\t])[\p{Cc}\p{Cs}]/u;
/** Cheaper to look for, and in most texts there is nothing. */
const UNUSUAL = /[^\n\t -~]/;
const EVERY_UNWANTED = new RegExp(UNWANTED, 'gu');

/** The text with everything unwanted replaced by U+FFFD. Doing it twice changes nothing more. */
export function scrubText(text: string): string {
  return isUnwanted(text) ? text.replace(EVERY_UNWANTED, '\ufffd') : text;
}

/** Plain data with every text and key in it scrubbed; the very same value when there is nothing to scrub. */
export function scrub(value: unknown): unknown {
  return isClean(value) ? value : scrubbed(value);
}

function isClean(value: unknown): boolean {
  if (typeof value === 'string') return !isUnwanted(value);
  if (Array.isArray(value)) return value.every(isClean);
  if (value === null || typeof value !== 'object') return true;
  return Object.keys(value).every((key) => isClean(key) && isClean((value as Record<string, unknown>)[key]));
}

function scrubbed(value: unknown): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (Array.isArray(value)) return value.map(scrubbed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [scrubText(key), scrubbed(inner)]));
}

export const UNWANTED_TEXT = 'must not hold control characters';

/** Whether a text holds something that may not come in. */
export function isUnwanted(text: string): boolean {
  return UNUSUAL.test(text) && UNWANTED.test(text);
}

/** One error per text or key that holds something unwanted, with its JSON Pointer below `pointer`. */
export function unwantedIn(value: unknown, pointer = ''): readonly FieldError[] {
  if (typeof value === 'string') {
    return isUnwanted(value) ? [{ pointer, message: UNWANTED_TEXT }] : [];
  }
  if (Array.isArray(value)) return value.flatMap((inner, i) => unwantedIn(inner, `${pointer}/${i}`));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...unwantedIn(key, pointer),
    ...unwantedIn(inner, pointerTo(pointer, scrubText(key))),
  ]);
}
