import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What came to the gate, or was meant to. */
export interface Seen {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string;
}

/** How a request is answered instead of by the gate, or that the gate is asked something else. */
export type Mishap = keyof typeof MISHAPS | { readonly asks: string } | Says;

/** An answer as a stand-in for the gate may make it up. A header with several values comes as often. */
export interface Says {
  readonly says: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** What stands between a pipeline and its gate, and does what such things do. */
export interface Front {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** Is asked for each request, in their order; null passes it on. */
  mishap: (request: Seen) => Mishap | null | Promise<Mishap | null>;
  stop(): void;
}

const html = { 'content-type': 'text/html' };
const PAGE = '<html><body>"verdict":"promote" "state":"deployed" please log in</body></html>';

const MISHAPS = {
  'hangs up': (response: ServerResponse) => response.destroy(),
  'is cut off': (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{', () => response.destroy());
  },
  'is silent': () => undefined,
  'answers 200 with a page': (response: ServerResponse) => response.writeHead(200, html).end(PAGE),
  'redirects to a login page': (response: ServerResponse) => response.writeHead(302, { location: '/login' }).end(),
  'knows no such host': (response: ServerResponse) => response.writeHead(404, html).end(PAGE),
  'has no back end': (response: ServerResponse) => response.writeHead(502, html).end(PAGE),
  'is busy': (response: ServerResponse) => response.writeHead(503, { 'retry-after': '1' }).end(PAGE),
  'is busy until an instant': (response: ServerResponse) => {
    const [now, soon] = [0, 2000].map((ms) => new Date(Date.parse('2026-12-31T23:59:59Z') + ms).toUTCString());
    response.writeHead(503, { date: now, 'retry-after': soon }).end(PAGE);
  },
} as const;

/** What a gate would say to a question, with another status, other headers or another body. Other requests are passed on. */
export function answersWith(verdict: string | string[], status: number, more: Partial<Says> = {}): Front['mishap'] {
  return ({ path }) => {
    const [, release, ring, query = ''] = /^\/gates\/([^/]+)\/([^?]+)\?(.*)$/.exec(path) ?? [];
    if (release === undefined) return null;
    const question = `${release} ${ring} ${new URLSearchParams(query).get('stage')}`;
    const headers = { 'gate-question': question, 'gate-verdict': verdict, 'gate-decision': 'made-up', ...more.headers };
    return { says: '{"summary":"made up"}', status, ...more, headers };
  };
}

export async function startFront(gate: string): Promise<Front> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '' } = request;
    const one = { method, path, body: await text(request) };
    seen.push(one);
    const mishap = await front.mishap(one);
    if (typeof mishap === 'string') return void MISHAPS[mishap](response);
    if (mishap !== null && 'says' in mishap) {
      const { says, status = 200, headers } = mishap;
      return void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(says);
    }
    await pass(`${gate}${mishap?.asks ?? path}`, request, one.body, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const front: Front = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    mishap: () => null,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
  return front;
}

async function pass(url: string, { method = '', headers }: IncomingMessage, body: string, response: ServerResponse) {
  const { authorization, 'content-type': type = 'application/json' } = headers;
  const sent = { 'content-type': type, ...(authorization === undefined ? {} : { authorization }) };
  const answer = await fetch(url, { method, headers: sent, redirect: 'manual', ...(body === '' ? {} : { body }) });
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
}
