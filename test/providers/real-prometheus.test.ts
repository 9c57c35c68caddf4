import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProviderDocument } from '../../src/app/ports.ts';
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';
import { type Shop, startShop } from '../support/shop.ts';
import { providersForTest } from './asking.ts';

describe('a real Prometheus', () => {
  const { ask } = providersForTest({ nowMs: Date.now });
  let shop: Shop;
  let prometheus: RunningPrometheus;

  const measured = async (query: string, document: Partial<ProviderDocument> = {}) => {
    const at = new Date().toISOString();
    return (await ask({ url: prometheus.url, ...document }, 5000, { query, at })).measurement;
  };

  beforeAll(async () => {
    shop = await startShop();
    for (const ring of ['pilot', 'early', 'global']) shop.deploy(ring, '1.0.0');
    prometheus = await startPrometheus({ scrape: [{ job: 'shop', targets: [shop.url] }] });
    await prometheus.waitFor('http_requests_total', (samples) => samples.length === 6);
    shop.setErrors('1.0.0', 0.1);
    shop.tick(10);
    await prometheus.waitFor('sum(http_requests_total)', (samples) => samples[0]?.value === '3000');
  });

  afterAll(async () => {
    await prometheus?.stop();
    await shop?.stop();
  });

  it.each([
    ['a count', 'sum(http_requests_total{code=~"5.."})', { kind: 'value', value: '300' }],
    ['a scalar', 'scalar(sum(http_requests_total{ring="pilot",code="200"}))', { kind: 'value', value: '900' }],
    ['nothing', 'sum(http_requests_total{version="2.0.0"})', { kind: 'no-data' }],
    ['nothing through nothing', 'vector(0) / vector(0)', { kind: 'not-a-number', value: 'NaN' }],
    ['something through nothing', 'vector(1) / vector(0)', { kind: 'not-a-number', value: '+Inf' }],
    ['less than nothing through nothing', '-vector(1) / vector(0)', { kind: 'not-a-number', value: '-Inf' }],
    ['many series', 'http_requests_total', { kind: 'too-many-series', series: 6 }],
    ['text', '"hello"', { kind: 'unavailable', reason: 'unexpected-answer' }],
    [
      'a range',
      'http_requests_total{ring="pilot",code="200"}[1m]',
      { kind: 'unavailable', reason: 'unexpected-answer' },
    ],
    ['a query that is none', 'sum(', { kind: 'rejected', detail: expect.stringContaining('parse error') }],
    ['a query that cannot run', 'http_requests_total * on(service) http_requests_total', { kind: 'rejected' }],
  ])('answers %s', async (_title, query, expected) => {
    expect(await measured(query)).toMatchObject(expected);
  });

  it('rejects a query parameter that it cannot read', async () => {
    const { measurement } = await ask({ url: prometheus.url }, 5000, { query: '1', at: 'yesterday' });
    expect(measurement).toMatchObject({ kind: 'rejected' });
  });

  it('that needs too long for a query holds the question up no longer than it may', async () => {
    const { kind } = await measured('max_over_time(vector(1)[1000000s:1s])', { timeout: '100ms' });
    expect(['deadline-exceeded', 'unavailable']).toContain(kind);
  });

  it('answers through a proxy that asks for a credential, and only with the right one', async () => {
    const wanted = `Basic ${Buffer.from('gate:canary-secret').toString('base64')}`;
    const proxy = createServer((request, response) => {
      if (request.headers.authorization !== wanted) return void response.writeHead(401).end('<html>log in</html>');
      const { method, headers, url: path } = request;
      const onward = forward({
        port: prometheus.port,
        host: '127.0.0.1',
        method,
        headers,
        path: path?.replace('/prom', ''),
      });
      request.pipe(
        onward.on('response', (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers))),
      );
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/prom/`;
    const basic = (username: string) => ({ kind: 'basic', username, password: { env: 'GATE_SECRET_TEST' } }) as const;
    expect(await measured('vector(5)', { url, auth: basic('gate') })).toEqual({ kind: 'value', value: '5' });
    for (const auth of [basic('other'), { kind: 'none' } as const]) {
      expect(await measured('vector(5)', { url, auth })).toMatchObject({ kind: 'unavailable', reason: 'unauthorized' });
    }
    proxy.closeAllConnections();
    proxy.close();
  });

  it('sees a new version replace the old one, and traffic in real time', async () => {
    shop.deploy('pilot', '1.1.0');
    shop.setErrors('1.1.0', 0.5);
    shop.setTraffic(200, 'pilot');
    await prometheus.waitFor('http_requests_total{ring="pilot",version="1.0.0"}', (samples) => samples.length === 0);
    shop.start();
    const errors = 'sum(increase(http_requests_total{ring="pilot",version="1.1.0",code="500"}[30s])) > 100';
    await prometheus.waitFor(errors);
    shop.pause();
  });

  it('is not there while it is stopped, and knows afterwards what it knew before', async () => {
    const before = new Date().toISOString();
    const query = 'sum(http_requests_total{ring="global"})';
    await prometheus.halt();
    expect(await measured(query)).toMatchObject({ kind: 'unavailable', reason: 'connection' });
    await prometheus.restart();
    const { measurement } = await ask({ url: prometheus.url }, 5000, { query, at: before });
    expect(measurement.kind).toBe('value');
  });
});
