import type { IncomingHttpHeaders } from 'node:http';
import type { Ports, Principal } from '../app/ports.ts';
import { requireRight } from '../app/rights.ts';
import { authenticate } from '../app/tokens.ts';
import type { Operation } from './document.ts';
import { isForeignName, needsNoToken, refuseForeignName } from './door.ts';

/** Callers of public operations are not asked who they are, and a signature is the operation's own business. */
const NOBODY: Principal = { kind: 'anonymous', id: null, name: 'public', roles: [], changes: ['standard'] };

/** What a credential is judged by. */
interface Judge {
  readonly ports: Ports;
  readonly boundHost: string;
}

/**
 * Who calls, and whether they may: deny by default, from the rights the contract states. A header
 * that is there but holds no bearer token is a failed credential, never an anonymous caller. Where the
 * contract says so the token may also be the password of HTTP Basic. A signature needs no trust in a name.
 * @throws GateError `unauthenticated`, `forbidden` naming the missing right, or `unavailable`, and HttpError
 *   `foreign-origin` for a name that callers without a token may not use.
 */
export async function principalFor(
  { ports, boundHost }: Judge,
  headers: Pick<IncomingHttpHeaders, 'authorization' | 'host'>,
  { rights, takesBasic }: Pick<Operation, 'rights' | 'takesBasic'>,
): Promise<Principal> {
  if (rights.includes('signed')) return NOBODY;
  if (rights.includes('public')) {
    // The store is asked only about a foreign name, so that liveness never waits for it.
    if (isForeignName(headers, boundHost) && (await needsNoToken(ports))) refuseForeignName(headers, boundHost);
    return NOBODY;
  }
  const { authorization } = headers;
  const basic = takesBasic ? passwordOf(authorization) : null;
  const principal = await authenticate(ports, basic ?? bearerOf(authorization));
  if (principal.kind === 'anonymous') refuseForeignName(headers, boundHost);
  requireRight(principal, ...rights.filter((right) => right !== 'public' && right !== 'signed'));
  return principal;
}

/** The token's text; null without the header, '' (which no token is) when the header holds something else. */
export function bearerOf(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  return /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1] ?? '';
}

/** The password of RFC 7617, whatever the user name; null when the header holds something else. */
export function passwordOf(authorization: string | undefined): string | null {
  const encoded = /^Basic +([A-Za-z0-9+/]{1,1024}={0,2})$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : '';
}

/** What the header would say if the sender could send one: Flagger's `metadata.token`; undefined without it. */
export function tokenInBody(body: unknown): string | undefined {
  const { metadata } = (body ?? {}) as { readonly metadata?: { readonly token?: string } };
  return metadata?.token === undefined ? undefined : `Bearer ${metadata.token}`;
}
