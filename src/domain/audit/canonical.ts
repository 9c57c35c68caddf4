import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * The bytes that are hashed. One value has exactly one text (RFC 8785), so a record can be rebuilt
 * years later and compared byte for byte, and two configurations are the same exactly when their
 * hashes are. Text is taken as it is: composed and decomposed accents are different texts.
 */

/**
 * Canonical JSON of plain data. Properties that are undefined are left out, because that is what
 * every reader of JSON sees of them; a value that is undefined as a whole has no JSON and is refused,
 * as are NaN, ±Infinity, bigints, lone surrogates and cycles.
 * @throws TypeError naming what cannot be written.
 */
export function canonicalJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (error) {
    throw new TypeError(`no canonical JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  if (text === undefined) throw new TypeError(`no canonical JSON: ${typeof value} is not a JSON value`);
  return text;
}

/** SHA-256 of the text's UTF-8 bytes, 64 hex digits. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The leaf of RFC 6962 §2.1: SHA-256(0x00 ‖ body), hex. The first byte keeps leaves and inner nodes apart. */
export function leafHash(body: string): string {
  return createHash('sha256').update(Uint8Array.of(0)).update(body, 'utf8').digest('hex');
}
