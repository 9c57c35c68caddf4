import { looksLikeToken } from '../app/token-format.ts';
import { type FieldError, invalid, pointerTo, unknownAmong } from '../domain/errors.ts';
import type { JsonObject, Parameter } from './document.ts';

/**
 * Query strings, read strictly: one meaning or none. A repeated or unknown parameter is refused, so
 * that no two parts of a delivery chain can read different things out of the same address; what is not
 * UTF-8 is refused, not repaired; and a credential in an address is refused because addresses end up in logs.
 */
const CREDENTIALS =
  /^(?:(?:access|bearer|auth|id|api)[_-]?)?(?:token|key|secret)$|^(?:authorization|bearer|password|jwt|apikey)$/i;

/** The query of a request target, without the question mark; '' when there is none. */
export function queryOf(target: string): string {
  const mark = target.indexOf('?');
  return mark < 0 ? '' : target.slice(mark + 1);
}

/** @throws GateError `invalid-request` when a credential stands in the query. Never repeats it. */
export function refuseCredentials(query: string): void {
  if (query === '') return;
  const found = [...new URLSearchParams(query)].find(
    ([name, value]) => CREDENTIALS.test(name) || looksLikeToken(value),
  );
  if (found === undefined) return;
  const advice =
    'a credential belongs into the header Authorization; this one has been in an address and should be replaced';
  throw invalid([{ pointer: `/query/${CREDENTIALS.test(found[0]) ? found[0] : '*'}`, message: advice }]);
}

/**
 * Named and typed values as the parameters state them, lists with commas; defaults are filled in. What cannot be read as
 * its type stays text and is left to the schema to refuse.
 * @throws GateError `invalid-request` naming every unknown and repeated parameter.
 */
export function readQuery(query: string, parameters: readonly Parameter[]): Record<string, unknown> {
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter.schema]));
  const values: Record<string, unknown> = {};
  const errors: FieldError[] = [];
  for (const [name, text] of pairsIn(query)) {
    const schema = known.get(name ?? '');
    const pointer = name === null ? '/query' : pointerTo('/query', name);
    if (name === null || text === null) errors.push({ pointer, message: 'is not percent-encoded UTF-8' });
    else if (schema === undefined) errors.push({ pointer, message: unknownAmong([...known.keys()]) });
    else if (Object.hasOwn(values, name)) errors.push({ pointer, message: 'is given more than once' });
    else values[name] = typed(text, schema);
  }
  if (errors.length > 0) throw invalid(errors);
  return { ...defaultsOf(parameters), ...values };
}

/** Names and values as they were meant; null for what cannot be decoded. A plus sign is a space. */
function pairsIn(query: string): readonly (readonly [string | null, string | null])[] {
  const pairs = query.split('&').filter((pair) => pair !== '');
  return pairs.map((pair) => {
    const equals = pair.indexOf('=');
    return equals < 0 ? [decoded(pair), ''] : [decoded(pair.slice(0, equals)), decoded(pair.slice(equals + 1))];
  });
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

function typed(text: string, schema: JsonObject): unknown {
  if (schema.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (schema.type === 'array') return text.split(',');
  if (schema.type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  return text;
}

function defaultsOf(parameters: readonly Parameter[]): Record<string, unknown> {
  const stated = parameters.filter((parameter) => parameter.schema.default !== undefined);
  return Object.fromEntries(stated.map((parameter) => [parameter.name, parameter.schema.default]));
}
