import { readFileSync } from 'node:fs';
import type { Response } from 'supertest';
import { describe, expect, it } from 'vitest';
import { OPENAPI } from '../support/contract.ts';
import { testApp, withCheckout } from './http-context.ts';

describe('every answer', () => {
  it('carries a new request id, or a sane one that was sent, also in problems and log lines', async () => {
    const test = testApp();
    const made = await test.request().get('/livez');
    expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    const kept = await test.request().get('/services/nothing').set('X-Request-Id', 'build-812.retry_1');
    expect(kept.headers['x-request-id']).toBe('build-812.retry_1');
    expect(kept.body.instance).toBe('build-812.retry_1');
    expect(test.lines.at(-1)?.obj).toMatchObject({ requestId: 'build-812.retry_1', status: 404 });
  });

  it.each(['short', 'a b c d e f g h', '../../../etc/passwd', `x${'y'.repeat(100)}`, '{"forged":1}'])(
    'does not repeat the request id %j',
    async (id) => {
      const answer = await shared.request().get('/livez').set('X-Request-Id', id);
      expect(answer.headers['x-request-id']).not.toBe(id);
    },
  );

  it('has headers that forbid every use as a page, and none that tell what serves it', async () => {
    const { headers } = await shared.request().get('/livez');
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    for (const name of ['x-powered-by', 'server', 'etag']) expect(headers).not.toHaveProperty(name);
  });

  it('has a length and is not chunked', async () => {
    const { headers } = await shared.request().get('/livez');
    expect(headers['content-length']).toBe('17');
    expect(headers).not.toHaveProperty('transfer-encoding');
  });

  it('asks to close the connection while the service shuts down', async () => {
    const test = testApp();
    test.draining = true;
    expect((await test.request().get('/livez')).headers.connection).toBe('close');
  });
});

describe('the log and the metrics', () => {
  it('have one line and one sample per request, without query, headers or body', async () => {
    const test = await withCheckout(testApp());
    await test.request().get('/gates/checkout@1/canary?actor=canary-secret').set('Cookie', 'cookie-secret');
    await test.request().get('/nothing/at-all?x=query-secret');
    expect(test.samples).toEqual([
      { operationId: 'getGate', status: 200 },
      { operationId: 'unknown', status: 404 },
    ]);
    expect(test.lines.map(({ obj }) => obj)).toMatchObject([
      {
        method: 'GET',
        path: '/gates/checkout@1/canary',
        operationId: 'getGate',
        verdict: 'promote',
        caller: 'anonymous',
      },
      { path: '/nothing/at-all', operationId: null, status: 404 },
    ]);
    expect(JSON.stringify(test.lines)).not.toContain('secret');
  });

  it.each([
    [false, '9.9.9.9', false],
    ['loopback', '9.9.9.9', true],
  ] as const)('with trust in proxies of %s take the address %s from a header: %s', async (trustProxy, ip, taken) => {
    const test = testApp({ trustProxy });
    await test.request().get('/livez').set('X-Forwarded-For', ip);
    expect(test.lines[0]?.obj.ip === ip).toBe(taken);
  });
});

describe('for those who run it', () => {
  it('is alive even when the store is away, and then not ready, without saying why', async () => {
    const test = testApp();
    expect((await test.request().get('/readyz')).body).toEqual({ status: 'ready' });
    test.ports.store.fault = 'down';
    expect((await test.request().get('/livez')).body).toEqual({ status: 'live' });
    const unready = await test.request().get('/readyz');
    expect(unready.status).toBe(503);
    expect(unready.text).not.toContain('store');
  });

  it('is not ready while it shuts down', async () => {
    const test = testApp();
    test.draining = true;
    expect((await test.request().get('/readyz')).status).toBe(503);
  });

  it('serves its metrics and its contract', async () => {
    const metrics = await shared.request().get('/metrics').set('Accept', 'application/openmetrics-text');
    expect([metrics.status, metrics.text, metrics.headers['content-type']]).toEqual([
      200,
      'up 1\n',
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    const contract = await shared.request().get('/openapi.yaml').buffer(true).parse(asText);
    expect(contract.headers['content-type']).toBe('application/yaml');
    expect(contract.body).toBe(readFileSync(OPENAPI, 'utf8'));
  });

  it('needs nobody to be known', async () => {
    const test = testApp({ anonymousAllowed: false });
    for (const path of ['/livez', '/readyz', '/metrics', '/openapi.yaml'])
      expect((await test.request().get(path)).status).toBe(200);
  });
});

describe('answers that are not as documented', () => {
  it('are a loud 500 with the reason where answers are checked, and pass elsewhere', async () => {
    const broken = { text: async () => 'up 1\n', contentType: 'text/html', request: () => undefined };
    const answer = await testApp({ metrics: broken }).request().get('/metrics');
    expect(answer.status).toBe(500);
    expect(answer.body.detail).toContain('UNDOCUMENTED ANSWER: getMetrics 200 does not document text/html');
    expect((await testApp({ metrics: broken, checkResponses: false }).request().get('/metrics')).status).toBe(200);
  });
});

const shared = testApp();

function asText(res: Response, done: (error: Error | null, text: string) => void): void {
  let text = '';
  res.on('data', (part: Buffer) => {
    text += part.toString('utf8');
  });
  res.on('end', () => done(null, text));
}
