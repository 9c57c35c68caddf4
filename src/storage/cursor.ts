import type { Page, PageRequest } from '../app/ports.ts';
import { invalid } from '../domain/errors.ts';

/** The sort key of the last item of a page, opaque to callers: base64url of a JSON array of texts. */
export type SortKey = readonly string[];

/** Throws GateError('invalid-request') for anything that no page of this list can have given out. */
export function readCursor(cursor: string | null, parts: readonly RegExp[]): SortKey | null {
  if (cursor === null) return null;
  const key = parse(cursor);
  const fits = Array.isArray(key) && key.length === parts.length;
  if (!fits || !parts.every((part, i) => typeof key[i] === 'string' && part.test(key[i]) && isReal(part, key[i]))) {
    throw invalid([{ pointer: '/query/cursor', message: 'is not a cursor of this list' }]);
  }
  return key as SortKey;
}

/** Cuts what was read with a limit of one more than asked for. */
export function pageOf<Row, T>(
  rows: readonly Row[],
  request: PageRequest,
  itemOf: (row: Row) => T,
  keyOf: (row: Row) => SortKey,
): Page<T> {
  const shown = rows.slice(0, request.limit);
  const last = shown.at(-1);
  const more = rows.length > request.limit && last !== undefined;
  const next = more ? Buffer.from(JSON.stringify(keyOf(last))).toString('base64url') : null;
  return { items: shown.map(itemOf), next };
}

/** The form alone lets the 31st of February and the year 0 through, which no database can read. */
function isReal(part: RegExp, text: string): boolean {
  const at = part === INSTANT ? Date.parse(text) : 0;
  return part !== INSTANT || (!Number.isNaN(at) && new Date(at).toISOString() === text);
}

export const INSTANT = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Any text that a column can hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a NUL is exactly what must not come through
export const TEXT = /^[^\u0000]*$/;

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
