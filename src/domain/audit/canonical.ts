import { hash } from 'node:crypto';
import { keyOrder } from './key-order.ts';

/**
 * The bytes that are hashed. One value has exactly one text (RFC 8785), so a record can be rebuilt
 * years later and compared byte for byte, and two configurations are the same exactly when their
 * hashes are. Text is taken as it is: composed and decomposed accents are different texts.
 */

/**
 * Canonical JSON of plain data. Properties that are undefined are left out, because that is what
 * every reader of JSON sees of them; a value that is undefined as a whole has no JSON and is refused,
 * as are NaN, ±Infinity, bigints, functions, lone surrogates, cycles and objects of a class. Written here and
 * not by a library because every decision passes through it: its test compares it with one.
 * @throws TypeError naming what cannot be written.
 */
export function canonicalJson(value: unknown): string {
  try {
    return write(value);
  } catch (error) {
    // Whatever nests too deep for the stack is a cycle, or might as well be one.
    throw error instanceof RangeError ? refused('a cycle') : error;
  }
}

/** Texts of values that never change again. */
const texts = new WeakMap<object, string>();

/**
 * Writes a large value once: whenever it stands in something else afterwards, its text is taken from
 * here. For values that nobody changes any more, such as what was read and is judged many times.
 * @throws TypeError like canonicalJson.
 */
export function keepCanonical(value: object): void {
  if (!texts.has(value)) texts.set(value, canonicalJson(value));
}

function write(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : refuse(String(value));
  if (typeof value !== 'object') return refuse(typeof value === 'bigint' ? 'a BigInt' : typeof value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) return writeArray(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return refuse(`a ${value.constructor?.name}`);
  return writeObject(value as Readonly<Record<string, unknown>>);
}

function writeArray(array: readonly unknown[]): string {
  let text = '';
  for (const value of array) text += `${text === '' ? '' : ','}${write(value)}`;
  return `[${text}]`;
}

function writeObject(object: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const { key, label } of orderOf(Object.keys(object))) {
    const value = object[key];
    if (value !== undefined) text += `${text === '' ? '' : ','}${label}${write(value)}`;
  }
  return `{${text}}`;
}

/** RFC 8785 §3.2.3. */
const orderOf = keyOrder((key) => `${quoted(key)}:`);

/** Printable ASCII without quotation mark and backslash: most texts, and they need no escapes. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** RFC 8785 §3.2.2.2 has the escapes of ECMAScript. */
function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return text.isWellFormed() ? JSON.stringify(text) : refuse('a lone surrogate');
}

function refuse(what: string): never {
  throw refused(what);
}

function refused(what: string): TypeError {
  return new TypeError(`no canonical JSON: ${what} is not a JSON value`);
}

/** SHA-256 of the text's UTF-8 bytes, 64 hex digits. */
export function sha256Hex(text: string): string {
  return hash('sha256', text);
}

/** The leaf of RFC 6962 §2.1: SHA-256(0x00 ‖ body), hex. The first byte keeps leaves and inner nodes apart. */
export function leafHash(body: string): string {
  return hash('sha256', `\0${body}`);
}
