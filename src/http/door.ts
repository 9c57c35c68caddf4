import type { IncomingHttpHeaders } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Ports } from '../app/ports.ts';
import type { Operation } from './document.ts';
import { HttpError } from './problem.ts';

/**
 * A browser on the same machine sends here whatever any web page tells it to, so being on loopback proves nothing.
 * Two things give a page away, and no script can set them. `Origin` and `Sec-Fetch-Site` say where a page is from.
 * A page whose own name was rebound to this address is of one origin with it; its name is then in `Host`.
 */
type Headers = Pick<IncomingHttpHeaders, 'host' | 'origin' | 'sec-fetch-site'>;

/**
 * Refuses everything that changes state when a page of another origin sends it; a question at the gate does, because a
 * promote is a lease. `ownHost` is the name that the caller has for this service.
 * @throws HttpError `foreign-origin`.
 */
export function refuseForeignPage(
  headers: Headers,
  ownHost: string | undefined,
  { method, rights }: Pick<Operation, 'method' | 'rights'>,
): void {
  const changesState = method !== 'get' || rights.includes('ask');
  if (!changesState || !isForeign(headers, ownHost)) return;
  throw new HttpError(
    'foreign-origin',
    'A browser sent this for a page of another origin, and such pages may change nothing here. Send it with curl or from a program, without Origin and Sec-Fetch-Site, or type the address into the browser.',
  );
}

/** Where the browser itself says how the page is related to us its word counts: a proxy may have changed our name. */
function isForeign(headers: Headers, ownHost: string | undefined): boolean {
  const site = headers['sec-fetch-site']?.toLowerCase();
  if (site === 'cross-site' || site === 'same-site') return true;
  if (site === 'same-origin' || headers.origin === undefined) return false;
  const origin = URL.parse(headers.origin);
  return origin === null || ownHost === undefined || origin.host !== hostOf(origin.protocol, ownHost);
}

/** As the origin has it: without the usual port of the scheme. Only the scheme is not compared, which a proxy changes. */
function hostOf(protocol: string, host: string): string | undefined {
  return URL.parse(`${protocol}//${host}`)?.host;
}

/** True for a name that a page may have rebound to this address. Without `Host` no browser is asking. */
export function isForeignName({ host }: Headers, boundHost: string): boolean {
  return host !== undefined && !ownNames(boundHost).includes(host.toLowerCase().replace(/:\d+$/, ''));
}

/**
 * Refuses a foreign name, for as long as nobody needs a token.
 * @throws HttpError `foreign-origin`.
 */
export function refuseForeignName(headers: Headers, boundHost: string): void {
  if (!isForeignName(headers, boundHost)) return;
  throw new HttpError(
    'foreign-origin',
    `This gate needs no token yet, so it answers only as ${ownNames(boundHost).join(', ')}, with any port, and not as ${JSON.stringify(headers.host?.slice(0, 100))}. Use one of these names, or create a token with \`ringgate token create --name <who> --role admin\`: with tokens it answers under every name.`,
  );
}

function ownNames(boundHost: string): readonly string[] {
  return [...new Set(['localhost', '127.0.0.1', '[::1]', isIPv6(boundHost) ? `[${boundHost}]` : boundHost])];
}

/** True while callers without a token are let in. A store that does not answer lets nobody in. */
export async function needsNoToken({ anonymousAllowed, store }: Ports): Promise<boolean> {
  return anonymousAllowed && !(await store.anyToken().catch(() => true));
}
