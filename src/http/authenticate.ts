import type { Ports, Principal } from '../app/ports.ts';
import { requireRight } from '../app/rights.ts';
import { authenticate } from '../app/tokens.ts';
import type { RightOrPublic } from './rights-in-contract.ts';

/** Callers of public operations are not asked who they are. */
const NOBODY: Principal = { kind: 'anonymous', id: null, name: 'public', roles: [], changes: ['standard'] };

/**
 * Who calls, and whether they may: deny by default, from the rights the contract states. A header
 * that is there but holds no bearer token is a failed credential, never an anonymous caller.
 * @throws GateError `unauthenticated`, `forbidden` naming the missing right, or `unavailable`.
 */
export async function principalFor(
  ports: Ports,
  authorization: string | undefined,
  rights: readonly RightOrPublic[],
): Promise<Principal> {
  if (rights.includes('public')) return NOBODY;
  const principal = await authenticate(ports, bearerOf(authorization));
  requireRight(principal, ...rights.filter((right) => right !== 'public'));
  return principal;
}

/** The token's text; null without the header, '' (which no token is) when the header holds something else. */
export function bearerOf(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  return /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1] ?? '';
}
