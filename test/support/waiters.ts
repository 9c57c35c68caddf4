/** Many callers that wait at a running gate, each with a connection of its own. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { until } from './poll.ts';

export interface Told {
  readonly status: number;
  readonly verdict: string | undefined;
  readonly retryAfter: string | undefined;
  /** When the whole answer was there, by `performance.now()`. */
  readonly at: number;
}

const AT_ONCE = 50;

export interface Callers {
  readonly url: string;
  readonly token: string;
  /** One for each caller. */
  readonly paths: readonly string[];
  /** Whoever is told to hold asks again, as a pipeline does. */
  readonly persistent: boolean;
}

/** Everybody has been let in and waits when this resolves. */
export async function seat({ url, token, paths, persistent }: Callers): Promise<readonly Promise<Told>[]> {
  const asked = (path: string) => (persistent ? askOnAndOn(url, token, path) : ask(url, token, path));
  const before = await waitingAt(url);
  const told: Promise<Told>[] = [];
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    for (const path of paths.slice(from, from + AT_ONCE)) told.push(asked(path));
    for (const one of told.slice(from)) one.catch(() => undefined);
    await until(`the waiting of ${told.length}`, async () =>
      (await waitingAt(url)) - before >= told.length ? true : null,
    );
  }
  return told;
}

async function askOnAndOn(url: string, token: string, path: string): Promise<Told> {
  for (;;) {
    const told = await ask(url, token, path);
    if (told.verdict !== 'hold') return told;
  }
}

async function ask(url: string, token: string, path: string): Promise<Told> {
  const agent = new Agent({ keepAlive: false });
  const sent = request(url + path, { agent, headers: { authorization: `Bearer ${token}` } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  await text(response);
  const { 'gate-verdict': verdict, 'retry-after': retryAfter } = response.headers;
  return {
    status: response.statusCode ?? 0,
    verdict: verdict as string | undefined,
    retryAfter,
    at: performance.now(),
  };
}

/** What a metric of the gate says now. */
export async function metricOf(url: string, name: string): Promise<number> {
  const all = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(all)?.[1] ?? Number.NaN);
}

function waitingAt(url: string): Promise<number> {
  return metricOf(url, 'ringgate_waiting_asks');
}
