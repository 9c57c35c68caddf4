import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createGateServer } from '../../src/http/server.ts';
import { requireBinary } from '../support/binaries.ts';
import { contract } from '../support/contract.ts';
import { brokenRefusal, problemIn } from '../support/hostile-refusals.ts';
import { exchange, type WireResponse } from '../support/hostile-wire.ts';
import { type TestApp, testApp, tokenOf, withCheckout } from './http-context.ts';

/** Raw sockets and a real browser: no HTTP library lets its caller write Host, Origin or Sec-Fetch-Site as an attacker's page has them. */
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function listen(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly version?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function send(test: TestApp, sent: Sent): Promise<WireResponse> {
  const { method = 'GET', path = GATE, version = '1.1', headers = {}, body = '' } = sent;
  const port = await listen(createGateServer(test));
  const typed = body === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(body.length) };
  const head = Object.entries({ ...headers, ...typed }).map(([name, value]) => `${name}: ${value}\r\n`);
  const bytes = Buffer.from(`${method} ${path} HTTP/${version}\r\n${head.join('')}\r\n${body}`);
  const { responses } = await exchange(port, { bytes, expected: 1, ends: false, isHead: false });
  return responses[0] as WireResponse;
}

const GATE = '/gates/checkout@666/canary';
const HOME = 'localhost:8080';
const checkout = (options: Parameters<typeof testApp>[0] = {}) => withCheckout(testApp(options));

/** Refused as a problem that says why, without a verdict, and nothing was recorded. */
async function expectRefused(test: TestApp, sent: Sent, detail: RegExp): Promise<void> {
  const before = test.ports.store.bodies().length;
  const answer = await send(test, sent);
  expect({ sent, status: answer.status, verdict: answer.headers['gate-verdict'] }).toEqual({ sent, status: 403 });
  expect({ sent, broken: brokenRefusal(contract, answer) }).toEqual({ sent, broken: [] });
  expect(problemIn(answer)).toMatchObject({ code: 'foreign-origin', detail: expect.stringMatching(detail) });
  expect(test.ports.store.bodies()).toHaveLength(before);
}

const ADMIN = JSON.stringify({ name: 'mallory', role: 'admin' });

describe('A gate that needs no token yet', () => {
  it.each([
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    'localhost.',
    '127.0.0.1.evil.example',
    '127.0.0.2',
    '10.1.2.3:8080',
    '[::2]',
    '[::1].evil.example',
    'localhost:8080@evil.example',
    'evil.example#localhost',
    '"><script>:99999/a',
    ':8080',
    '',
  ])('refuses whoever calls it %j, which a rebound name may be, and changes nothing', async (host) => {
    const test = await checkout();
    const headers = { Host: host };
    await expectRefused(test, { headers }, /needs no token yet.*localhost.*ringgate token create/);
    await expectRefused(test, { method: 'POST', path: '/tokens', headers, body: ADMIN }, /needs no token yet/);
    await expectRefused(test, { path: '/tokens', headers }, /needs no token yet/);
    await expectRefused(test, { path: '/metrics', headers }, /needs no token yet/);
    expect(await test.ports.store.anyToken()).toBe(false);
  });

  it.each(['localhost', 'LocalHost:8080', '127.0.0.1', '127.0.0.1:1', '[::1]', '[::1]:8080'])(
    'answers whoever calls it %s',
    async (host) => {
      const answer = await send(await checkout(), { headers: { Host: host } });
      expect({ status: answer.status, verdict: answer.headers['gate-verdict'] }).toEqual({
        status: 200,
        verdict: 'promote',
      });
    },
  );

  it.each(['127.0.0.9', '0:0:0:0:0:0:0:1'])('answers to the address that it is bound to, %s', async (boundHost) => {
    const test = await checkout({ boundHost });
    const host = isIP(boundHost) === 6 ? `[${boundHost}]` : boundHost;
    expect((await send(test, { headers: { Host: `${host}:8080` } })).status).toBe(200);
  });

  it('takes no first token that could make no others, and the second one with the first', async () => {
    const test = await checkout();
    const headers = { Host: HOME };
    const make = async (role: string, more: Readonly<Record<string, string>> = {}) => {
      const body = JSON.stringify({ name: 'ada', role });
      return await send(test, { method: 'POST', path: '/tokens', headers: { ...headers, ...more }, body });
    };
    const refused = await make('operator');
    expect({ status: refused.status, problem: problemIn(refused) }).toMatchObject({
      status: 409,
      problem: { code: 'conflict', detail: expect.stringContaining('"role": "admin"') },
    });
    const { token } = JSON.parse((await make('admin')).body);
    expect((await make('operator')).status).toBe(401);
    expect((await make('operator', { Authorization: `Bearer ${token}` })).status).toBe(201);
  });

  it('answers health checks that name nobody, as HTTP/1.0 may', async () => {
    expect((await send(await checkout(), { path: '/livez', version: '1.0' })).status).toBe(200);
  });

  it('is alive under any name while the store cannot say whether there is a token', async () => {
    const test = await checkout();
    test.ports.store.fault = 'down';
    expect((await send(test, { path: '/livez', headers: { Host: 'evil.example' } })).status).toBe(200);
    const gate = await send(test, { headers: { Host: 'evil.example' } });
    expect({ status: gate.status, verdict: gate.headers['gate-verdict'] }).toEqual({ status: 503, verdict: 'hold' });
  });
});

describe('A gate that needs a token', () => {
  it('answers under any name, as it has behind a proxy', async () => {
    const test = await checkout();
    const headers = { ...(await tokenOf(test, 'pipeline')), Host: 'gate.example' };
    expect((await send(test, { headers })).status).toBe(200);
    expect((await send(test, { path: '/metrics', headers: { Host: 'gate.example' } })).status).toBe(200);
  });
});

describe.each(['without tokens', 'with a token'])('A page of another origin, %s', (how) => {
  const gate = async (options: Parameters<typeof testApp>[0] = {}) => {
    const test = await checkout(options);
    const token = how === 'with a token' ? await tokenOf(test, 'pipeline') : {};
    return { test, token };
  };

  it.each([
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'Cross-Site' },
    { 'Sec-Fetch-Site': 'cross-site', Origin: `http://${HOME}` },
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: 'http://localhost:3000' },
    { Origin: 'http://localhost' },
    { Origin: `http://evil.example/${HOME}` },
    { Origin: 'file://' },
    { Origin: 'nonsense' },
    { Origin: '' },
  ])('is refused all that changes state when the browser sends %j', async (page) => {
    const { test, token } = await gate();
    const headers = { Host: HOME, ...token, ...(page as Record<string, string>) };
    await expectRefused(test, { headers }, /another origin/);
    await expectRefused(test, { path: `${GATE}?dryRun=true`, headers }, /another origin/);
    await expectRefused(test, { path: `${GATE}?view=document`, headers }, /another origin/);
    await expectRefused(test, { method: 'POST', headers, body: '{}' }, /another origin/);
    const report = { method: 'PUT', path: '/releases/checkout@1/rings/canary', body: '{"state":"deployed"}' };
    await expectRefused(test, { ...report, headers }, /another origin/);
    await expectRefused(test, { method: 'DELETE', path: '/services/checkout', headers }, /another origin/);
  });

  it('may be linked from: what only reads is answered', async () => {
    const { test, token } = await gate();
    const headers = { Host: HOME, ...token, 'Sec-Fetch-Site': 'cross-site' };
    for (const path of ['/services/checkout', '/livez', '/docs'])
      expect({ path, status: (await send(test, { path, headers })).status }).toEqual({ path, status: 200 });
  });

  it.each([
    {},
    { 'Sec-Fetch-Site': 'none' },
    { 'Sec-Fetch-Site': 'same-origin' },
    { Origin: `http://${HOME}` },
    { Origin: `https://${HOME}` },
    { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://gate.example' },
  ])('is not taken for a client or a page of the gate itself, which send %j', async (own) => {
    const { test, token } = await gate();
    const headers = { Host: HOME, ...token, ...(own as Record<string, string>) };
    expect((await send(test, { headers })).headers['gate-verdict']).toBe('promote');
  });

  it('is not what a trusted proxy forwards under the name that it has itself', async () => {
    const headers = { Host: HOME, Origin: 'https://gate.example', 'X-Forwarded-Host': 'gate.example' };
    const trusting = await gate({ trustProxy: 1 });
    expect((await send(trusting.test, { headers: { ...headers, ...trusting.token } })).status).toBe(200);
    const { test, token } = await gate();
    await expectRefused(test, { headers: { ...headers, ...token } }, /another origin/);
  });
});

describe('A page in a real browser', { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: requireBinary('chromium'), args: ['--no-sandbox'] });
  });
  afterAll(() => browser?.close());

  /** What a page tries, as a script in it: each resolves when the browser is done with it. */
  const attack = (gate: string) => `
    const img = (version) => new Promise((done) =>
      Object.assign(new Image(), { onload: done, onerror: done, src: '${gate}/gates/checkout@' + version + '/canary' }));
    const post = (path, type, body) => fetch('${gate}' + path, { method: 'POST', mode: 'no-cors', credentials: 'include',
      headers: { 'Content-Type': type }, body }).catch(() => null);
    const put = () => fetch('${gate}/services/checkout', { method: 'PUT', body: '{}',
      headers: { 'Content-Type': 'application/json' } }).catch(() => null);
    const form = () => new Promise((done) => {
      const frame = Object.assign(document.createElement('iframe'), { name: 'f', onload: done });
      document.body.append(frame);
      const sent = Object.assign(document.createElement('form'), { action: '${gate}${GATE}', method: 'post', target: 'f' });
      document.body.append(sent);
      sent.submit();
    });
    Promise.all([img(1), img(2), img(3), post('${GATE}', 'text/plain', ''), post('/tokens', 'text/plain', ${JSON.stringify(ADMIN)}),
      put(), form()]).then(() => 'tried')`;

  async function tryFrom(test: TestApp, home: string, gate: string): Promise<void> {
    const page = await browser.newPage();
    try {
      await page.goto(home);
      expect(await page.evaluate(attack(gate))).toBe('tried');
    } finally {
      await page.close();
    }
    expect(test.lines.some(({ msg }) => msg === 'request failed')).toBe(false);
  }

  it.each(['127.0.0.1', 'localhost'])(
    'of another origin asks, reports and makes nothing, not even on the next port of %s',
    async (name) => {
      const test = await checkout();
      const port = await listen(createGateServer(test));
      const page = (_req: unknown, res: { setHeader(n: string, v: string): void; end(text: string): void }) => {
        res.setHeader('Content-Type', 'text/html');
        res.end('<body>a page');
      };
      const other = await listen(createServer(page));
      const before = test.ports.store.bodies().length;
      await tryFrom(test, `http://${name}:${other}/`, `http://127.0.0.1:${port}`);
      expect(test.samples.filter(({ status }) => status === 403).length).toBe(6);
      expect(test.ports.store.bodies()).toHaveLength(before);
      expect(await test.ports.store.anyToken()).toBe(false);
    },
  );

  it('of the gate itself may ask', async () => {
    const test = await checkout();
    const gate = `http://127.0.0.1:${await listen(createGateServer(test))}`;
    const page = await browser.newPage();
    await page.goto(`${gate}/docs`);
    const ask = (init: string) => page.evaluate(`fetch('${GATE}', ${init}).then((answer) => answer.status)`);
    expect(await ask('{}')).toBe(200);
    expect(await ask(`{ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }`)).toBe(200);
    await page.goto(`${gate}${GATE}`);
    expect(await page.textContent('body')).toContain('"verdict":"promote"');
    await page.close();
  });
});
