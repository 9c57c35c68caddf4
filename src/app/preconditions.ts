import { GateError } from '../domain/errors.ts';

/** The headers of a conditional request as they were sent; null where there was none. */
export interface Preconditions {
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
}

/**
 * RFC 9110 §13: `If-Match` holds when one of its tags is the current one (compared strongly, so a
 * weak tag never is) or when it is `*` and something is there; `If-None-Match` holds when none of
 * its tags is (compared weakly) and, for `*`, when nothing is there. What cannot be read matches
 * nothing, so a broken `If-Match` changes nothing.
 * @param current the strong ETag without quotes; null when nothing is there.
 * @throws GateError `precondition-failed`.
 */
export function requirePreconditions(current: string | null, { ifMatch, ifNoneMatch }: Preconditions): void {
  if (ifMatch !== null && !matches(current, ifMatch, 'strong')) {
    const there = current === null ? 'nothing is there' : `the current ETag is "${current}"`;
    throw new GateError('precondition-failed', `If-Match does not hold: ${there}`);
  }
  if (ifNoneMatch !== null && matches(current, ifNoneMatch, 'weak')) {
    throw new GateError('precondition-failed', `If-None-Match does not hold: "${current}" is there already`);
  }
}

function matches(current: string | null, header: string, comparison: 'strong' | 'weak'): boolean {
  if (current === null) return false;
  if (header.trim() === '*') return true;
  return [...header.matchAll(/(W\/)?"([^"]*)"/g)].some(
    ([, weak, tag]) => tag === current && (comparison === 'weak' || weak === undefined),
  );
}
