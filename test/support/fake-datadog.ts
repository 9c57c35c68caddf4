/**
 * A stand-in for Datadog's API on loopback, for tests only, built from its documented behaviour: two keys,
 * metrics in milliseconds, SLOs in seconds, rate limits with their headers, errors in its envelopes.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { type FakeAnswer, json } from './fake-answers.ts';
import { type FakeData, monitor, Refused, scalar, sloHistory, timeseries } from './fake-datadog-data.ts';

export type { FakeMonitor } from './fake-datadog-data.ts';

export const KEYS = { apiKey: 'an-api-key-of-32-hex-digits', applicationKey: 'an-application-key' };

export interface FakeDatadogRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface FakeDatadog extends FakeData {
  readonly url: string;
  /** Everything that was asked, oldest first. */
  readonly requests: FakeDatadogRequest[];
  /** What is left of a limit of 100 in 60 s; null is no limit. The one after the last is refused until `reset` seconds are over. */
  limit: { remaining: number; readonly reset: number } | null;
  /** Instead of everything else; null for the usual answers. */
  instead: ((request: FakeDatadogRequest) => FakeAnswer | null) | null;
  stop(): Promise<void>;
}

export async function startFakeDatadog(): Promise<FakeDatadog> {
  const data: FakeData = { series: [], slos: new Map(), monitors: new Map() };
  const server = createServer((message, response) => {
    const answered = async () => {
      const body = await readText(message);
      const request = { method: message.method ?? '', path: message.url ?? '', headers: message.headers, body };
      fake.requests.push(request);
      send(response, fake.instead?.(request) ?? answerOf(fake, request));
    };
    answered().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeDatadog = {
    ...data,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    limit: null,
    instead: null,
    stop() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
  return fake;
}

function answerOf(fake: FakeDatadog, request: FakeDatadogRequest): FakeAnswer {
  const refused = keysRefused(request);
  if (refused !== null) return refused;
  const headers = limitHeaders(fake);
  if (fake.limit !== null && fake.limit.remaining < 0) {
    return json(
      { errors: ['Rate limit of 100 requests in 60 seconds reached. Please try again later.'] },
      429,
      headers,
    );
  }
  try {
    return json(documentFor(fake, request), 200, headers);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return json({ errors: [error.message] }, error.status, headers);
  }
}

function keysRefused({ headers }: FakeDatadogRequest): FakeAnswer | null {
  const [api, application] = [headers['dd-api-key'], headers['dd-application-key']];
  if (api === undefined || application === undefined) return json({ errors: ['Unauthorized'] }, 401);
  if (api === KEYS.apiKey && application === KEYS.applicationKey) return null;
  return json({ errors: ['Forbidden'] }, 403);
}

function limitHeaders({ limit }: FakeDatadog): Record<string, string> {
  if (limit === null) return {};
  limit.remaining -= 1;
  return {
    'x-ratelimit-limit': '100',
    'x-ratelimit-period': '60',
    'x-ratelimit-remaining': String(Math.max(0, limit.remaining)),
    'x-ratelimit-reset': String(limit.reset),
    'x-ratelimit-name': 'timeseries_query',
  };
}

function documentFor(fake: FakeDatadog, { method, path, headers, body }: FakeDatadogRequest): unknown {
  const { pathname, searchParams } = new URL(path, 'http://localhost');
  if (method === 'POST' && headers['content-type'] !== 'application/json')
    throw new Refused(415, 'Unsupported media type');
  if (`${method} ${pathname}` === 'POST /api/v2/query/scalar') return scalar(fake, JSON.parse(body));
  if (`${method} ${pathname}` === 'POST /api/v2/query/timeseries') return timeseries(fake, JSON.parse(body));
  const [, kind, id = ''] = /^\/api\/v1\/(slo|monitor)\/(\w+)(?:\/history)?$/.exec(pathname) ?? [];
  if (method === 'GET' && kind === 'slo') return sloHistory(fake, id, searchParams);
  if (method === 'GET' && kind === 'monitor') return monitor(fake, id, searchParams);
  throw new Refused(404, 'Not found');
}

function send(response: ServerResponse, answer: FakeAnswer): void {
  if (typeof answer === 'function') answer(response);
  else response.writeHead(answer.status, answer.headers).end(answer.body);
}
