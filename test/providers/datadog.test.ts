import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProviderDocument } from '../../src/app/ports.ts';
import { DATADOG_SITES } from '../../src/domain/datadog-site.ts';
import type { Measurement, MetricQuestion } from '../../src/domain/measurement.ts';
import { apiOf } from '../../src/providers/datadog.ts';
import { createProviders } from '../../src/providers/registry.ts';
import { json } from '../support/fake-answers.ts';
import { type FakeDatadog, KEYS, startFakeDatadog } from '../support/fake-datadog.ts';

const AT = '2026-11-22T10:00:00.000Z';
const AT_MS = Date.parse(AT);
const SLO = '/api/v1/slo/0123456789abcdef0123456789abcdef/history';
const TEN_MINUTES = 600_000;
const auth: NonNullable<ProviderDocument['auth']> = {
  kind: 'keys',
  apiKey: { env: 'GATE_SECRET_API' },
  applicationKey: { env: 'GATE_SECRET_APP' },
};

let datadog: FakeDatadog;
let clock: number;
let secrets: Record<string, string>;
let providers: ReturnType<typeof createProviders>;
let sources: string[];

beforeAll(async () => {
  datadog = await startFakeDatadog();
});
beforeEach(() => {
  Object.assign(datadog, { limit: null, instead: null });
  datadog.requests.length = 0;
  clock = 0;
  sources = [];
  secrets = { GATE_SECRET_API: `${KEYS.apiKey}\n`, GATE_SECRET_APP: KEYS.applicationKey };
  providers = createProviders({
    readSecret: async (reference) => {
      const secret = 'env' in reference ? secrets[reference.env] : undefined;
      if (secret === undefined) throw new Error('no such secret');
      return secret;
    },
    events: { asked: ({ source }) => void sources.push(source), circuit: () => undefined },
    nowMs: Date.now,
    monotonicMs: () => clock,
    random: Math.random,
  });
});
afterAll(() => datadog.stop());

async function asked(
  query: string,
  part: MetricQuestion['part'],
  windowMs?: number,
  more: Partial<ProviderDocument> = {},
): Promise<Measurement> {
  const document: ProviderDocument = { kind: 'datadog', url: datadog.url, auth, ...more };
  const question = { id: 'x', provider: 'datadog', query, part, at: AT, ...(windowMs !== undefined && { windowMs }) };
  return (await providers.ask({ name: 'datadog', document }, question, 5000)).measurement;
}
const sent = () => datadog.requests.map(({ method, path, body }) => [method, path, body && JSON.parse(body).data]);

describe('what is sent to Datadog', () => {
  const QUERY = 'sum:requests{version:1.0}.as_count()';

  it('is one scalar query over the window, in milliseconds, with both keys', async () => {
    expect(await asked(QUERY, 'bad', TEN_MINUTES)).toEqual({ kind: 'no-data' });
    const queries = [{ data_source: 'metrics', name: 'a', query: QUERY, aggregator: 'sum' }];
    const attributes = { from: AT_MS - TEN_MINUTES, to: AT_MS, formulas: [{ formula: 'a' }], queries };
    expect(sent()).toEqual([['POST', '/api/v2/query/scalar', { type: 'scalar_request', attributes }]]);
    expect(datadog.requests[0]?.headers).toMatchObject({
      'dd-api-key': KEYS.apiKey,
      'dd-application-key': KEYS.applicationKey,
      'content-type': 'application/json',
      'accept-encoding': 'identity',
    });
  });

  it('is a timeseries for the age of the data, in points that are never too many', async () => {
    await asked(QUERY, 'age', TEN_MINUTES);
    await asked(QUERY, 'age', 30 * 86_400_000);
    const points = datadog.requests.map(({ body }) => {
      const { from, to, interval } = JSON.parse(body).data.attributes;
      return { interval, points: (to - from) / interval };
    });
    expect(points).toEqual([
      { interval: 20_000, points: 30 },
      { interval: 2_592_000, points: 1000 },
    ]);
  });

  it('is a range of seconds for an SLO, once for its good and all events', async () => {
    const good = asked(SLO, 'good', TEN_MINUTES);
    const total = asked(SLO, 'total', TEN_MINUTES);
    expect(await Promise.all([good, total])).toMatchObject([{ kind: 'rejected' }, { kind: 'rejected' }]);
    expect(sent()).toEqual([['GET', `${SLO}?from_ts=${AT_MS / 1000 - 600}&to_ts=${AT_MS / 1000}`, '']]);
    expect(sources).toEqual(expect.arrayContaining(['asked', 'shared']));
  });

  it('is asked anew for another window, and for the age of the very same one', async () => {
    for (const part of ['total', 'bad', 'age'] as const) await asked(QUERY, part, 300_000);
    await asked(QUERY, 'total', 301_000);
    expect(datadog.requests.map(({ path }) => path.split('/').at(-1))).toEqual(['scalar', 'timeseries', 'scalar']);
    expect(sources).toEqual(['asked', 'kept', 'asked', 'asked']);
  });

  it.each([
    'sum(increase(requests[10m]))',
    '/api/v1/slo/../monitor/history',
    '/api/v1/monitor/1/../../v2/users',
    '/api/v1/monitor/1?x=y',
    '/api/v2/users',
  ])('is nothing at all for %s', async (query) => {
    expect(await asked(query, 'value', TEN_MINUTES)).toEqual({
      kind: 'unavailable',
      reason: 'misconfigured',
      detail: 'the query is not one that Datadog can be asked',
    });
    expect(datadog.requests).toEqual([]);
  });

  it('goes to the API of the site, unless a URL is given', () => {
    expect(DATADOG_SITES.map((site) => apiOf({ kind: 'datadog', site }))).toEqual([
      ...['https://api.datadoghq.com', 'https://api.us3.datadoghq.com', 'https://api.us5.datadoghq.com'],
      ...['https://api.ap1.datadoghq.com', 'https://api.ap2.datadoghq.com', 'https://api.uk1.datadoghq.com'],
      ...['https://api.datadoghq.eu', 'https://api.ddog-gov.com', 'https://api.us2.ddog-gov.com'],
    ]);
    expect(apiOf({ kind: 'datadog', url: 'http://proxy:1' })).toBe('http://proxy:1');
    expect(apiOf({ kind: 'datadog' })).toBeNull();
  });

  it('never goes to an address that is always refused', async () => {
    const measured = await asked(QUERY, 'bad', TEN_MINUTES, { url: 'http://169.254.169.254' });
    expect(measured).toMatchObject({ kind: 'unavailable', reason: 'address-refused' });
  });
});

describe('the keys of Datadog', () => {
  const ask = () => asked('sum:requests{*}', 'value', TEN_MINUTES);

  it.each<[string, Record<string, string>, string]>([
    ['cannot be read', { GATE_SECRET_API: 'x' }, 'the secret GATE_SECRET_APP cannot be read'],
    ['are empty', { GATE_SECRET_API: '\n', GATE_SECRET_APP: 'x' }, 'the secret GATE_SECRET_API is empty'],
    ['cannot be sent', { GATE_SECRET_API: 'ä', GATE_SECRET_APP: 'x' }, 'a key has characters that cannot be sent'],
  ])('that %s are told by name, and nothing is sent', async (_title, given, detail) => {
    secrets = given;
    expect(await ask()).toEqual({ kind: 'unavailable', reason: 'misconfigured', detail });
    expect(datadog.requests).toEqual([]);
  });

  it('are never quoted, whatever Datadog says', async () => {
    datadog.instead = () => json({ errors: [`no: ${KEYS.apiKey} and ${KEYS.applicationKey}`] }, 400);
    expect(await ask()).toEqual({ kind: 'rejected', detail: 'no: [redacted] and [redacted]' });
  });
});

describe('a limit of Datadog', () => {
  const ask = (n: number) => asked(`sum:requests{n:${n}}`, 'value', TEN_MINUTES);

  it('that is used up is not tried again until it begins anew', async () => {
    datadog.limit = { remaining: 2, reset: 12 };
    expect([await ask(1), await ask(2)]).toEqual([{ kind: 'no-data' }, { kind: 'no-data' }]);
    clock = 11_999;
    expect(await ask(3)).toMatchObject({ reason: 'rate-limited', detail: expect.stringContaining('for 12s') });
    expect(datadog.requests).toHaveLength(2);
    datadog.limit = null;
    clock = 12_000;
    expect(await ask(4)).toEqual({ kind: 'no-data' });
  });

  it('that was overstepped is waited for as long as the answer says', async () => {
    datadog.limit = { remaining: 0, reset: 30 };
    expect(await ask(1)).toMatchObject({ reason: 'rate-limited', detail: 'HTTP 429: too many requests' });
    clock = 29_999;
    expect(await ask(2)).toMatchObject({ reason: 'rate-limited', detail: expect.stringContaining('for 30s') });
    expect(datadog.requests).toHaveLength(1);
  });
});
