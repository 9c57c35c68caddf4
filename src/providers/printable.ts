const MAX_LENGTH = 300;
const MAX_TEXTS = 10;

/**
 * Text that a provider sent, as it may stand in a record: without the given secrets, without control
 * or bidirectional characters, at most 300 characters. '' for anything that is not text.
 */
export function printable(text: unknown, secrets: readonly string[]): string {
  if (typeof text !== 'string') return '';
  const clean = secrets
    .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH - 1).toWellFormed()}…` : clean;
}

/** The texts of a list, the first ten; an empty list for anything that is not one. */
export function printables(list: unknown, secrets: readonly string[]): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list
    .slice(0, MAX_TEXTS)
    .map((text) => printable(text, secrets))
    .filter((text) => text !== '');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
