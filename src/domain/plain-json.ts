import { isUnwanted, UNWANTED_TEXT } from './audit/plain-text.ts';
import { type FieldError, pointerTo } from './errors.ts';

const MAX_DEPTH = 32;

/**
 * What may not come in as data, wherever the schema would let it pass, because it could not be stored, hashed or
 * shown again: `__proto__` as a key, control characters, half surrogates, numbers beyond a double, or nesting
 * that would exhaust the stack of whoever walks it. Takes anything that JSON can be parsed into.
 */
export function strangeIn(value: unknown, pointer = ''): readonly FieldError[] {
  const found: FieldError[] = [];
  look(value, [], (path, message) => found.push({ pointer: path.reduce(pointerTo, pointer), message }));
  return found;
}

/** Pointers are only put together where something is found: nearly every body has nothing. */
function look(value: unknown, path: string[], found: (path: readonly string[], message: string) => void): void {
  if (path.length > MAX_DEPTH) found(path, `is nested more than ${MAX_DEPTH} deep`);
  else if (typeof value === 'number' && !Number.isFinite(value)) found(path, 'is too large a number');
  else if (typeof value === 'string' && isUnwanted(value)) found(path, UNWANTED_TEXT);
  else if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) {
      if (isUnwanted(key)) found(path, UNWANTED_TEXT);
      path.push(key);
      if (key === '__proto__') found(path, 'is not a name that may be used');
      else look((value as Record<string, unknown>)[key], path, found);
      path.pop();
    }
  }
}
