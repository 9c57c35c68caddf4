/**
 * Bytes out, responses in: HTTP as a socket sees it, because every client library repairs or refuses
 * what a hostile caller would send. Each exchange is bounded; one that is neither answered nor ended
 * within the bound is a hang.
 */
import { connect } from 'node:net';

export interface WireResponse {
  readonly status: number;
  /** The lines of the head as they came, without the status line. */
  readonly head: readonly string[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Exchange {
  readonly responses: readonly WireResponse[];
  /** What stood behind the last complete response; '' in a well-formed exchange. */
  readonly rest: string;
  readonly hung: boolean;
}

export interface Sending {
  readonly bytes: Buffer;
  /** How many final responses are waited for; the connection may also end before. */
  readonly expected: number;
  /** The sender has nothing more to say although the request is not complete. */
  readonly ends: boolean;
  /** Responses to it have no body. */
  readonly isHead: boolean;
}

const BOUND_MS = 15_000;

export function exchange(port: number, sending: Sending): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  const chunks: Buffer[] = [];
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const read = (ended: boolean) => readResponses(Buffer.concat(chunks).toString('latin1'), sending.isHead, ended);
  const finish = (hung: boolean) => {
    clearTimeout(timer);
    socket.destroy();
    resolve({ ...read(true), hung });
  };
  const timer = setTimeout(() => finish(true), BOUND_MS);
  socket.on('connect', () => (sending.ends ? socket.end(sending.bytes) : socket.write(sending.bytes)));
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    const { responses } = read(false);
    if (responses.length >= sending.expected) finish(false);
  });
  // A server that has refused a body may reset the connection while the rest of it is still under way.
  socket.on('error', () => finish(false));
  socket.on('close', () => finish(false));
  return promise;
}

/** Every complete final response; interim ones (1xx) are left out. */
export function readResponses(
  text: string,
  isHead: boolean,
  ended: boolean,
): { readonly responses: readonly WireResponse[]; readonly rest: string } {
  const responses: WireResponse[] = [];
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return { responses, rest };
    const [first = '', ...head] = rest.slice(0, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})(?: |$)/.exec(first)?.[1] ?? Number.NaN);
    const headers = Object.fromEntries(head.map(headerOf));
    const bodyFrom = end + 4;
    const interim = status < 200;
    const length = interim || isHead || status === 204 ? 0 : lengthOf(headers);
    if (length === null && !ended) return { responses, rest };
    const bodyTo = length === null ? rest.length : bodyFrom + length;
    if (rest.length < bodyTo) return { responses, rest };
    const body = Buffer.from(rest.slice(bodyFrom, bodyTo), 'latin1').toString('utf8');
    if (!interim) responses.push({ status, head, headers, body });
    rest = rest.slice(bodyTo);
  }
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** Null when the body goes on until the connection ends. */
function lengthOf(headers: Readonly<Record<string, string>>): number | null {
  return headers['content-length'] === undefined ? null : Number(headers['content-length']);
}
