import { unwantedIn } from './audit/plain-text.ts';
import { type FieldError, pointerTo } from './errors.ts';

const MAX_DEPTH = 32;

/**
 * What may not come in as data, wherever the schema would let it pass, because it could not be stored, hashed or
 * shown again: `__proto__` as a key, control characters, half surrogates, numbers beyond a double, or nesting
 * that would exhaust the stack of whoever walks it. Takes anything that JSON can be parsed into.
 */
export function strangeIn(value: unknown, pointer = '', depth = 0): readonly FieldError[] {
  if (depth > MAX_DEPTH) return [{ pointer, message: `is nested more than ${MAX_DEPTH} deep` }];
  if (typeof value === 'number' && !Number.isFinite(value)) return [{ pointer, message: 'is too large a number' }];
  if (typeof value === 'string') return unwantedIn(value, pointer);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = pointerTo(pointer, key);
    if (key === '__proto__') return [{ pointer: at, message: 'is not a name that may be used' }];
    return [...unwantedIn(key, pointer), ...strangeIn(inner, at, depth + 1)];
  });
}
