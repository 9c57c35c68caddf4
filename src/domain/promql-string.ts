/**
 * String literals of PromQL. A value that a caller controls enters a query only through
 * `encodeString`, so whatever it contains it stays one literal.
 */
const SIMPLE: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

const ESCAPE = /\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]?))/g;

/**
 * A double-quoted literal. JSON's escapes are all legal in PromQL. U+FFFD is escaped as well because
 * Prometheus's lexer takes the character itself for broken UTF-8. Throws on a lone surrogate, which
 * has no UTF-8 form.
 */
export function encodeString(value: string): string {
  if (!value.isWellFormed()) throw new RangeError('a lone surrogate cannot be written in PromQL');
  return JSON.stringify(value).replaceAll('\ufffd', '\\ufffd');
}

/** The value of a literal in any of the three quotes, or null when Prometheus would refuse it. */
export function decodeString(literal: string): string | null {
  const quote = literal[0] ?? '';
  const body = literal.slice(1, -1);
  if (literal.length < 2 || !'"\'`'.includes(quote) || !literal.endsWith(quote)) return null;
  if (quote === '`') return body.includes('`') ? null : body;
  if (/[\n\ufffd]/.test(body) || body.replace(ESCAPE, '').includes(quote)) return null;
  let legal = true;
  const value = body.replace(ESCAPE, (_match, octal, x, u, wide, simple) => {
    const decoded = decodeEscape({ octal, hex: x ?? u ?? wide, byte: x !== undefined, simple }, quote);
    if (decoded === null) legal = false;
    return decoded ?? '';
  });
  return legal ? value : null;
}

interface Escape {
  readonly octal: string | undefined;
  readonly hex: string | undefined;
  readonly byte: boolean;
  readonly simple: string | undefined;
}

/** Octal and `\x` name single bytes: above 0x7f they are only half a character, which no label value needs. */
function decodeEscape(found: Escape, quote: string): string | null {
  if (found.simple !== undefined) return found.simple === quote ? quote : (SIMPLE[found.simple] ?? null);
  const code = found.octal === undefined ? Number.parseInt(found.hex ?? '', 16) : Number.parseInt(found.octal, 8);
  if ((found.byte || found.octal !== undefined) && code > 0x7f) return null;
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return null;
  return String.fromCodePoint(code);
}
