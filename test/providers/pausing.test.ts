import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../src/providers/retry-after.ts';
import * as fake from '../support/fake-prometheus.ts';
import { providersForTest } from './asking.ts';

describe('a provider that wants fewer queries', () => {
  const NOW = Date.parse('2026-11-22T10:00:00Z');
  let server: fake.FakePrometheus;
  let clock = 0;
  let n = 0;
  beforeAll(async () => {
    server = await fake.startFakePrometheus();
  });
  beforeEach(() => {
    clock = 0;
    server.requests.length = 0;
  });
  afterAll(() => server.stop());

  const limitedBy = (headers: Record<string, string>) => {
    const providers = providersForTest({ monotonicMs: () => clock, nowMs: () => NOW });
    server.answer(() =>
      fake.withHeaders(fake.text('slow down', 429), { ...headers, date: new Date(NOW).toUTCString() }),
    );
    const ask = async (url = server.url) => {
      n += 1;
      const { measurement } = await providers.ask({ url }, 5000, { query: `vector(${n})` });
      return measurement;
    };
    return { ask };
  };

  it.each<[string, Record<string, string>]>([
    ['Retry-After in seconds', { 'retry-after': '20' }],
    ['Retry-After as a date', { 'retry-after': new Date(NOW + 20_000).toUTCString() }],
    ['X-RateLimit-Reset in seconds', { 'x-ratelimit-reset': '20' }],
    ['X-RateLimit-Reset as an instant', { 'x-ratelimit-reset': String(NOW / 1000 + 20) }],
  ])('and says for how long by %s is not asked until then', async (_title, headers) => {
    const { ask } = limitedBy(headers);
    expect(await ask()).toMatchObject({ reason: 'rate-limited', detail: 'HTTP 429: too many requests' });
    server.answer(() => fake.withHeaders(fake.vector('1'), { date: new Date(NOW).toUTCString() }));
    clock = 19_999;
    expect(await ask()).toEqual({
      kind: 'unavailable',
      reason: 'rate-limited',
      detail: 'the provider asked not to be queried for 20s',
    });
    expect(server.requests.length).toBe(1);
    clock = 20_000;
    expect(await ask()).toEqual({ kind: 'value', value: '1' });
  });

  it('without saying for how long is asked again', async () => {
    const { ask } = limitedBy({});
    await ask();
    await ask();
    expect(server.requests.length).toBe(2);
  });

  it('for ever is tried again after a minute', async () => {
    const { ask } = limitedBy({ 'retry-after': '31536000' });
    await ask();
    clock = 60_000;
    await ask();
    expect(server.requests.length).toBe(2);
  });

  it('is asked at once when its document was changed', async () => {
    const { ask } = limitedBy({ 'retry-after': '20' });
    await ask();
    await ask(`${server.url}/`);
    expect(server.requests.length).toBe(2);
  });
});

it('reads nothing out of headers that say nothing', () => {
  for (const text of [null, '', '0', '-5', 'soon', '1e9', 'Sun, 22 Nov 2026 09:59:59 GMT']) {
    const headers = { retryAfter: text, rateLimitReset: text };
    expect(retryAfterMs(headers, Date.parse('2026-11-22T10:00:00Z'))).toBe(0);
  }
});
