import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRule } from '../support/builders.ts';
import { dialectSituations, type Situations } from '../support/dialect-situations.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { type JenkinsCase, type JenkinsRun, runJenkins } from '../support/jenkins.ts';

/**
 * The shared library for Jenkins, as it stands, with Debian's Groovy, which is of the line that Jenkins has, and against a
 * real gate: the Jenkinsfile from its first to its last stage, and the step alone in every situation of the dialects.
 */
const RINGS = ['canary', 'early', 'global'];
const PLAN = { rings: RINGS.map((name) => ({ name, bake: '0s' })) };
/** `-bad` fails everywhere, `-late` only in the second ring. */
const PROVIDER = {
  kind: 'recorded',
  answers: [
    { part: 'bad', contains: ['-bad"'], value: '360' },
    { part: 'bad', contains: ['-late"', 'ring="early"'], value: '360' },
    { part: 'bad', value: '2' },
    { part: 'total', value: '1200' },
  ],
};
const BUILDS = ['1.0', '1.1-bad', '1.2-late', '1.3-broken', '1.1-bad again'];

let engine: TestEngine;
let gate: Gate;
let situations: Situations;
let overloaded: Server;
let runs: ReadonlyMap<string, JenkinsRun>;

beforeAll(async () => {
  engine = await openEngine('embedded');
  gate = await startGate(engine);
  situations = await dialectSituations(gate);
  await put('/providers/main', PROVIDER, 'admin');
  await put('/services/checkout', PLAN, 'configurator');
  await put('/services/checkout/rules/errors', aRule(), 'configurator');
  overloaded = busyAtFirst(gate.url).listen(0, '127.0.0.1');
  await once(overloaded, 'listening');
  runs = await runJenkins([...builds(), ...steps()]);
});
afterAll(async () => {
  overloaded.closeAllConnections();
  overloaded.close();
  await situations.stop();
  await gate.stop();
  await engine.destroy();
});

async function put(path: string, body: unknown, as: 'admin' | 'configurator'): Promise<void> {
  const { status } = await gate.call('PUT', path, { body, as });
  expect(status).toBe(201);
}

/** In front of the gate: it has no time for the first two questions. */
function busyAtFirst(url: string): Server {
  let asked = 0;
  return createServer(async (request, response) => {
    asked += 1;
    if (asked <= 2) return void response.writeHead(503, { 'retry-after': '7' }).end('<html>busy</html>');
    const { method = '', headers } = request;
    const { authorization = '', 'content-type': type = 'application/json' } = headers;
    const body = method === 'PUT' ? { body: await readText(request) } : {};
    const answer = await fetch(`${url}${request.url}`, {
      method,
      headers: { authorization, 'content-type': type },
      ...body,
    });
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
}

function builds(): readonly JenkinsCase[] {
  const shared = {
    token: gate.tokens.pipeline,
    env: { GATE: gate.url, BUILD_URL: 'https://ci.example/job/checkout/7/' },
  };
  return BUILDS.map((name) => ({ name, ...shared, params: { VERSION: name.replace(' again', '') } }));
}

function steps(): readonly JenkinsCase[] {
  const cases = Object.entries(situations.all).map(
    ([name, { url, path, token, query, givesUpAfterMs }]): JenkinsCase => {
      const [, , release, ring] = path.split('/');
      const artifact = query?.replace('artifact=', '');
      const settings = {
        gate: url,
        release,
        ring,
        minutes: 1,
        wait: '0s',
        ...(artifact === undefined ? {} : { artifact }),
      };
      return { name, token, settings, ...(givesUpAfterMs === undefined ? {} : { givesUpAfterMs }) };
    },
  );
  const [held] = cases.filter(({ name }) => name === 'hold by person');
  const at = `http://127.0.0.1:${(overloaded.address() as AddressInfo).port}`;
  return cases.flatMap((each) => {
    if (each.name === 'gate overloaded') return [{ ...each, settings: { ...each.settings, gate: at } }];
    if (each !== held) return [each];
    return [each, { ...each, name: 'careless', edit: ["if (!(verdict in ['promote', 'rollback']))", 'if (false)'] }];
  });
}

const of = (name: string): JenkinsRun => {
  const found = runs.get(name);
  if (found === undefined) throw new Error(`nothing was run for ${name}`);
  return found;
};
const deploys = (version: string, ...rings: readonly string[]) =>
  rings.map((ring) => `./deploy.sh checkout@${version} ${ring}`);

describe('The Jenkinsfile', () => {
  it('takes a good release through every ring, the last one included', () => {
    expect(of('1.0')).toMatchObject({ ended: 'done', stages: RINGS, ran: deploys('1.0', ...RINGS) });
  });

  it('puts the old one back without asking when the new one does harm, and fails', () => {
    const { ended, ran, stages } = of('1.1-bad');
    expect(ended).toMatch(/^checkout@1\.1-bad was taken back: errors: 360 of 1200/);
    expect({ ran, stages }).toEqual({
      ran: [...deploys('1.1-bad', 'canary'), ...deploys('1.0', 'canary')],
      stages: ['canary'],
    });
  });

  it('puts it back in every ring that was reached before it turned bad', () => {
    const { ended, ran } = of('1.2-late');
    expect(ended).toMatch(/^checkout@1\.2-late was taken back/);
    expect(ran).toEqual([...deploys('1.2-late', 'canary', 'early'), ...deploys('1.0', 'canary', 'early')]);
  });

  it('takes a deployment back that has failed', () => {
    const { ended, ran, said } = of('1.3-broken');
    expect(said[0]).toContain('failed');
    expect(ended).toMatch(/^checkout@1\.3-broken was taken back/);
    expect(ran).toEqual([...deploys('1.3-broken', 'canary'), ...deploys('1.0', 'canary')]);
  });

  it('stops, and deploys nothing, where the gate wants somebody', () => {
    const { ended, ran } = of('1.1-bad again');
    expect(ended).toMatch(/^the gate did not promote: 423 .*rolled-back-earlier/);
    expect(ran).toEqual([]);
  });

  it('leaves every ring with what was proven there, and tells the gate its build', async () => {
    const { body } = await gate.call('GET', '/services/checkout/rollout', { as: 'auditor' });
    expect(body.rings).toMatchObject(RINGS.map((name) => ({ ring: name, occupant: 'checkout@1.0', phase: 'proven' })));
    const { body: asked } = await gate.call('GET', '/decisions?release=checkout@1.0&limit=1', { as: 'auditor' });
    expect(asked.items[0].build).toBe('https://ci.example/job/checkout/7/');
  });
});

describe('The step gateRing', () => {
  it.each([
    ['promote', 'Timeout has been exceeded', 1],
    ['promote, only advised', 'done', 1],
    ['hold by time', 'Timeout has been exceeded', 0],
    ['hold by data', 'Timeout has been exceeded', 0],
    ['hold by person', 'the gate did not promote: 423', 0],
    ['hold for ever', 'the gate did not promote: 423', 0],
    ['rollback', 'nobody knows what ran in canary before', 0],
    ['gate overloaded', 'Timeout has been exceeded', 1],
    ['gate gone', 'Timeout has been exceeded', 0],
    ['gate silent', 'Timeout has been exceeded', 0],
    ['token expired', 'the gate did not promote: 401', 0],
    ['service unknown', 'the gate did not promote: 404', 0],
  ])('in the situation %s ends with "%s" after %i deployments', (name, ended, deployments) => {
    const run = of(name);
    expect(run.ended).toContain(ended);
    expect(run.ran).toHaveLength(deployments);
  });

  it('waits as long as a gate that is overloaded asks for', () => {
    expect(of('gate overloaded').said.slice(0, 2)).toEqual(Array(2).fill(expect.stringContaining('it is away (503)')));
    expect(of('gate gone').seconds).toBe(60);
  });

  it('would deploy on a hold if it did not look at the verdict', () => {
    expect(of('careless').ran).toHaveLength(1);
  });
});
