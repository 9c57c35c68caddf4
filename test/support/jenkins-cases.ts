import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { aRule } from './builders.ts';
import type { Situation } from './dialect-situations.ts';
import type { Gate } from './gate.ts';
import type { JenkinsCase } from './jenkins.ts';
import { RECIPE_PROVIDER } from './recipes.ts';

/** What is built with the Jenkinsfile, in this order: `-bad` fails everywhere, `-late` in the second ring, `-broken` cannot be deployed. */
export const BUILDS = ['1.0', '1.1-bad', '1.2-late', '1.3-broken', '1.1-bad again'];
export const RINGS = ['canary', 'early', 'global'];

/** One rollout for each of `BUILDS`, of a service that this configures. */
export async function jenkinsBuilds(gate: Gate): Promise<readonly JenkinsCase[]> {
  const plan = { rings: RINGS.map((name) => ({ name, bake: '0s' })) };
  await gate.call('PUT', '/providers/main', { body: RECIPE_PROVIDER, as: 'admin' });
  await gate.call('PUT', '/services/checkout', { body: plan, as: 'configurator' });
  await gate.call('PUT', '/services/checkout/rules/errors', { body: aRule(), as: 'configurator' });
  const env = { GATE: gate.url, BUILD_URL: 'https://ci.example/job/checkout/7/' };
  return BUILDS.map((name) => ({
    ...{ name, token: gate.tokens.pipeline, env },
    params: { VERSION: name.replace(' again', '') },
  }));
}

/** The step alone, in a situation. */
export function jenkinsStep(name: string, situation: Situation): JenkinsCase {
  const { url: gate, path, token, query, givesUpAfterMs } = situation;
  const [, , release, ring] = path.split('/');
  const artifact = query === undefined ? {} : { artifact: query.replace('artifact=', '') };
  const settings = { gate, release, ring, minutes: 1, wait: '0s', ...artifact };
  return { name, token, settings, ...(givesUpAfterMs === undefined ? {} : { givesUpAfterMs }) };
}

/** In front of a gate: too busy for so many questions, after which it passes them on. */
export async function busyFor(times: number, url: string): Promise<{ readonly url: string; stop(): void }> {
  let asked = 0;
  const server = createServer(async (request, response) => {
    asked += 1;
    if (asked <= times) return void response.writeHead(503, { 'retry-after': '7' }).end('<html>busy</html>');
    const { method = '', headers } = request;
    const { authorization = '', 'content-type': type = 'application/json' } = headers;
    const init = { method, headers: { authorization, 'content-type': type } };
    const answer = await fetch(
      `${url}${request.url}`,
      method === 'PUT' ? { ...init, body: await readText(request) } : init,
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
