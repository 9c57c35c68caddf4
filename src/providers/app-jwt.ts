import { createPrivateKey, sign } from 'node:crypto';

/** GitHub takes at most ten minutes; a minute back forgives a clock that is ahead. */
const LIVES_S = 9 * 60;
const BACK_S = 60;

/**
 * A token by which a GitHub App signs in as itself (GitHub, "Generating a JSON Web Token for a GitHub App"):
 * RS256 of RFC 7518 §3.3 over the compact form of RFC 7515. `key` is PEM, PKCS #1 as GitHub hands it out or
 * PKCS #8. Throws when it is none.
 */
export function appJwt(appId: string, key: string, nowMs: number): string {
  const now = Math.floor(nowMs / 1000);
  const claims = { iat: now - BACK_S, exp: now + LIVES_S, iss: appId };
  const text = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) => base64url(JSON.stringify(part))).join('.');
  return `${text}.${base64url(sign('sha256', Buffer.from(text), createPrivateKey(key)))}`;
}

function base64url(data: string | Buffer): string {
  return Buffer.from(data).toString('base64url');
}
