/**
 * Where a provider's URL may never lead, whatever its name resolves to. Loopback and private
 * networks are where a Prometheus lives, so they stay open; link-local and the metadata services of
 * clouds hand out credentials to whoever asks from inside, so they stay shut. The check sits in the
 * socket's own lookup: a name that resolves differently a moment later gains nothing. The agent's
 * own deny list cannot be used for this: it compares texts, and warns whenever IPv4 meets IPv6.
 */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import type { AgentOptions } from 'node:http';
import { isIP, Socket, type TcpNetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import ipaddr from 'ipaddr.js';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';

const REFUSED_RANGES = new Set(['unspecified', 'linkLocal', 'multicast', 'broadcast']);

const REFUSED_NETWORKS = [
  '0.0.0.0/8', // "this" network: reaches the local machine on some systems
  '100.100.100.200/32', // Alibaba Cloud metadata
  '168.63.129.16/32', // Azure platform endpoint
  '192.0.0.192/32', // Oracle Cloud metadata
  'fd00:ec2::/32', // AWS metadata and credentials
  'fd20:ce::254/128', // Google Cloud metadata
].map((network) => ipaddr.parseCIDR(network));

export const ADDRESS_REFUSED = 'ERR_ADDRESS_REFUSED';

class AddressRefusedError extends Error {
  readonly code = ADDRESS_REFUSED;
  constructor() {
    super('the address is one that is always refused');
    this.name = 'AddressRefusedError';
  }
}

/** True when no connection may be made to this address: a textual IPv4 or IPv6 address, with or without a zone. */
export function isRefusedAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return true;
  const parsed = ipaddr.parse(address);
  if (REFUSED_RANGES.has(parsed.range()) || inRefusedNetwork(parsed)) return true;
  const inner = parsed.kind() === 'ipv6' ? embedded(parsed as ipaddr.IPv6) : [];
  return inner.some((v4) => REFUSED_RANGES.has(v4.range()) || inRefusedNetwork(v4));
}

function inRefusedNetwork(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return REFUSED_NETWORKS.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits));
}

/** The IPv4 addresses an IPv6 address can stand for: mapped, compatible, NAT64 and 6to4. */
function embedded(address: ipaddr.IPv6): ipaddr.IPv4[] {
  const bytes = address.toByteArray();
  const head = bytes
    .slice(0, 12)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  const found: ipaddr.IPv4[] = [];
  if (/^0{20}(ffff|0000)$/.test(head) || head.startsWith('0064ff9b') || /^0{16}ffff0000$/.test(head)) {
    // ::1 is loopback, not the compatible form of 0.0.0.1.
    if (address.range() !== 'loopback') found.push(new ipaddr.IPv4(bytes.slice(12)));
  }
  if (head.startsWith('2002')) found.push(new ipaddr.IPv4(bytes.slice(2, 6)));
  return found;
}

type LookupCallback = (error: Error | null, address?: string | LookupAddress[], family?: number) => void;

type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** Resolves a name and answers with an error when one of its addresses is refused, whichever of them would be used. */
export function guardedLookup(
  hostname: string,
  options: LookupOptions,
  callback: LookupCallback,
  resolve: Resolve = lookup,
): void {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    const first = addresses?.[0];
    if (error) callback(error);
    else if (first === undefined || addresses.some(({ address }) => isRefusedAddress(address)))
      callback(new AddressRefusedError());
    else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
}

type Listener = (error: Error | null, socket: Duplex) => void;

/** A literal address is never looked up, so it is judged before a socket is made. */
function refuseLiteral(options: TcpNetConnectOpts, listener: Listener | undefined): Socket | null {
  if (options.host === undefined || isIP(options.host) === 0 || !isRefusedAddress(options.host)) return null;
  const socket = new Socket();
  if (listener) listener(new AddressRefusedError(), socket);
  else socket.destroy(new AddressRefusedError());
  return socket;
}

const guarded = (options: TcpNetConnectOpts) => ({ ...options, lookup: guardedLookup }) as TcpNetConnectOpts;

class GuardedHttpAgent extends RequestFilteringHttpAgent {
  override createConnection(options: TcpNetConnectOpts, listener?: Listener) {
    return refuseLiteral(options, listener) ?? super.createConnection(guarded(options), listener);
  }
}

class GuardedHttpsAgent extends RequestFilteringHttpsAgent {
  override createConnection(options: TcpNetConnectOpts, listener?: Listener) {
    return refuseLiteral(options, listener) ?? super.createConnection(guarded(options), listener);
  }
}

/** Keep-alive agents for both schemes; idle sockets close before a usual load balancer would close them. */
export function guardedAgents() {
  const options: AgentOptions = { keepAlive: true, maxFreeSockets: 16, timeout: 15_000 };
  const filter = { allowPrivateIPAddress: true, allowMetaIPAddress: false };
  return {
    httpAgent: new GuardedHttpAgent({ ...options, ...filter }),
    httpsAgent: new GuardedHttpsAgent({ ...options, ...filter }),
  };
}
