import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProviderDocument } from '../../src/app/ports.ts';
import * as fake from '../support/fake-prometheus.ts';
import { askAlone, providersForTest, QUESTION } from './asking.ts';

describe('what is sent to Prometheus', () => {
  let server: fake.FakePrometheus;
  const last = () => server.requests.at(-1) as fake.FakeRequest;

  beforeAll(async () => {
    server = await fake.startFakePrometheus();
  });
  beforeEach(() => server.answer(() => fake.vector('1')));
  afterAll(() => server.stop());

  const asked = async (document: Partial<ProviderDocument>, withinMs = 5000) => {
    const measured = await providersForTest().ask({ url: server.url, ...document }, withinMs);
    expect(measured.measurement).toEqual({ kind: 'value', value: '1' });
    return last();
  };

  it('is a form with the query, the pinned instant, a timeout below our own and a limit', async () => {
    const { method, path, headers, form } = await asked({});
    expect([method, path]).toEqual(['POST', '/api/v1/query']);
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(headers['accept-encoding']).toBe('identity');
    expect(Object.fromEntries(form)).toEqual({
      query: QUESTION.query,
      time: QUESTION.at,
      timeout: expect.stringMatching(/^2[67]\d\dms$/),
      limit: '20',
    });
  });

  it('carries a timeout below the provider’s, however little time the caller has: others may wait longer', async () => {
    const { form } = await asked({ timeout: '20s' }, 1000);
    const sent = Number.parseInt(form.get('timeout') ?? '', 10);
    expect(sent).toBeGreaterThan(17_000);
    expect(sent).toBeLessThanOrEqual(18_000);
  });

  it.each<[ProviderDocument['profile'], Record<string, string>]>([
    [undefined, {}],
    ['prometheus', {}],
    ['mimir', {}],
    ['thanos', { partial_response: 'false', dedup: 'true', max_source_resolution: '0s' }],
    ['victoriametrics', { deny_partial_response: '1', nocache: '1' }],
  ])(
    'has what the profile %s needs against partial answers, and a document cannot replace it',
    async (profile, own) => {
      const params = {
        partial_response: 'true',
        dedup: 'false',
        deny_partial_response: '0',
        max_source_resolution: '1h',
      };
      const { form } = await asked({ ...(profile && { profile }), params });
      const { query, time, timeout, limit, ...rest } = Object.fromEntries(form);
      expect(rest).toEqual({ ...params, ...own });
    },
  );

  it('is nothing at all for a profile nobody knows', async () => {
    const before = server.requests.length;
    for (const profile of ['cortex', '__proto__', 'toString', '']) {
      const { measurement } = await askAlone({ url: server.url, profile } as Partial<ProviderDocument>);
      expect(measurement).toMatchObject({ kind: 'unavailable', reason: 'misconfigured' });
    }
    expect(server.requests.length).toBe(before);
  });

  it.each([
    ['', '/api/v1/query'],
    ['/', '/api/v1/query'],
    ['/prometheus', '/prometheus/api/v1/query'],
    ['/select/0/prometheus/', '/select/0/prometheus/api/v1/query'],
    ['/a//', '/a/api/v1/query'],
    ['/a/../b', '/b/api/v1/query'],
  ])('goes below the path prefix %j', async (prefix, path) => {
    expect((await asked({ url: server.url + prefix })).path).toBe(path);
  });

  it('has the fixed headers and params, which never replace our own', async () => {
    const { headers, form } = await asked({
      headers: { 'X-Scope-OrgID': 'team-a', 'Content-Type': 'text/plain', authorization: 'Bearer stolen' },
      params: { partial_response: 'false', query: 'vector(0)', time: '0', timeout: '1h', limit: '0' },
      auth: { kind: 'bearer', token: { env: 'GATE_SECRET_TEST' } },
    });
    expect(headers['x-scope-orgid']).toBe('team-a');
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(headers.authorization).toBe('Bearer canary-secret');
    expect(form.get('partial_response')).toBe('false');
    expect(form.getAll('query')).toEqual([QUESTION.query]);
    expect(form.getAll('time')).toEqual([QUESTION.at]);
    expect(form.get('limit')).toBe('20');
  });

  it('has no credential unless one is configured', async () => {
    expect((await asked({ auth: { kind: 'none' } })).headers.authorization).toBeUndefined();
  });

  it('has a bearer token without the line end of its file', async () => {
    const { headers } = await asked({ auth: { kind: 'bearer', token: { env: 'GATE_SECRET_TEST' } } });
    expect(headers.authorization).toBe('Bearer canary-secret');
  });

  it('has a user name and password in UTF-8', async () => {
    const { headers } = await asked({
      auth: { kind: 'basic', username: 'jörg', password: { env: 'GATE_SECRET_TEST' } },
    });
    const pair = Buffer.from(headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString('utf8');
    expect(pair).toBe('jörg:canary-secret');
  });
});

describe('a credential', () => {
  let server: fake.FakePrometheus;
  beforeAll(async () => {
    server = await fake.startFakePrometheus();
  });
  afterAll(() => server.stop());

  it('that cannot be read, is empty or cannot be sent is a reason of its own, and nothing is asked', async () => {
    const reads = [() => Promise.reject(new Error('why it failed')), async () => '', async () => 'a\u0000b\u0100'];
    for (const readSecret of reads) {
      const { ask } = providersForTest({ readSecret });
      const measured = await ask({ url: server.url, auth: { kind: 'bearer', token: { env: 'GATE_SECRET_NONE' } } });
      expect(measured.measurement).toMatchObject({ kind: 'unavailable', reason: 'misconfigured' });
      expect(JSON.stringify(measured)).not.toContain('why it failed');
    }
    expect(server.requests).toEqual([]);
  });

  it('never comes back in what is measured, even when the provider echoes it', async () => {
    const echo = (headers: { authorization?: string | undefined }) => `you sent ${headers.authorization}`;
    server.answer((form, { headers }) =>
      form.get('query') === 'refused'
        ? fake.apiError('bad_data', echo(headers))
        : fake.vector('1', { warnings: [echo(headers)], infos: [echo(headers)] }),
    );
    const credentials: ProviderDocument['auth'][] = [
      { kind: 'bearer', token: { env: 'GATE_SECRET_TEST' } },
      { kind: 'basic', username: 'u', password: { env: 'GATE_SECRET_TEST' } },
    ];
    for (const auth of credentials) {
      for (const query of ['refused', 'partial']) {
        const said = JSON.stringify(
          await providersForTest().ask({ url: server.url, ...(auth && { auth }) }, 5000, { query }),
        );
        expect(said).toContain('you sent');
        expect(said).not.toContain('canary-secret');
        expect(said).not.toContain(Buffer.from('u:canary-secret').toString('base64'));
      }
    }
  });
});

describe('the provider’s clock', () => {
  let server: fake.FakePrometheus;
  const now = Date.parse('2026-11-22T10:00:00Z');
  beforeAll(async () => {
    server = await fake.startFakePrometheus();
  });
  afterAll(() => server.stop());

  const measuredWith = async (date: string, nowMs: () => number) => {
    server.answer(() => fake.withHeaders(fake.vector('1'), { date }));
    return (await providersForTest({ nowMs }).ask({ url: server.url })).measurement;
  };

  it('may differ from ours by half a minute', async () => {
    for (const ms of [now - 30_000, now, now + 30_000]) {
      expect(await measuredWith(new Date(ms).toUTCString(), () => now)).toEqual({ kind: 'value', value: '1' });
    }
  });

  it('holds when it is further away, in either direction', async () => {
    for (const ms of [now - 31_000, now + 31_000]) {
      const measurement = await measuredWith(new Date(ms).toUTCString(), () => now);
      expect(measurement).toMatchObject({ kind: 'unavailable', reason: 'clock-skew' });
    }
  });

  it('is not judged when the header is no date', async () => {
    expect(await measuredWith('yesterday', () => now)).toEqual({ kind: 'value', value: '1' });
  });
});
