/** A service over two continents: a pilot, two regions side by side and the rest after both, each region with a Prometheus of its own. */
import { expect } from 'vitest';
import { type CurlAnswer, curl } from './curl.ts';
import { type FakePrometheus, startFakePrometheus, vector } from './fake-prometheus.ts';
import type { Gate } from './gate.ts';

export interface Regions {
  readonly service: string;
  readonly prometheus: Readonly<Record<'eu' | 'us' | 'rest', FakePrometheus>>;
  /** A new token for somebody of that name. */
  token(name: string, role: 'pipeline' | 'operator' | 'configurator' | 'auditor'): Promise<string>;
  stop(): Promise<void>;
}

const RINGS = [
  {
    name: 'canary',
    exposure: 0.01,
    bake: '15m',
    labels: { region: 'eu', criticality: 'low', function: 'pilot', cohort: 'staff' },
  },
  {
    name: 'eu',
    exposure: 0.29,
    bake: '15m',
    labels: { region: 'eu', criticality: 'high', function: 'store', cohort: 'beta' },
    after: ['canary'],
  },
  {
    name: 'us',
    exposure: 0.3,
    bake: '15m',
    labels: { region: 'us', criticality: 'high', function: 'store', cohort: 'beta' },
    after: ['canary'],
  },
  {
    name: 'global',
    exposure: 0.4,
    bake: '15m',
    labels: { region: 'rest', cohort: 'everyone' },
    after: ['eu', 'us'],
    approvals: 1,
  },
];

const SELECTOR =
  'version="${version}",cohort="${labels.cohort}",criticality="${labels.criticality}",function="${labels.function}"';

export async function regions(gate: Gate): Promise<Regions> {
  const prometheus = {
    eu: await startFakePrometheus(),
    us: await startFakePrometheus(),
    rest: await startFakePrometheus(),
  };
  const put = async (path: string, token: string, body: unknown) => {
    expect({ path, ...(await curl(gate.url + path, { method: 'PUT', token, body })) }).toMatchObject({ status: 201 });
  };
  for (const [region, server] of Object.entries(prometheus)) {
    server.answer((form) => vector(countOf(form.get('query') ?? '')));
    await put(`/providers/${region}`, gate.tokens.admin, { kind: 'prometheus', url: server.url });
  }
  const labels = { criticality: 'medium', function: 'shop' };
  await put('/services/store', gate.tokens.configurator, { title: 'Store', labels, rings: RINGS });
  await put('/services/store/rules/errors', gate.tokens.configurator, {
    indicator: {
      kind: 'ratio',
      provider: '${labels.region}',
      bad: `sum(increase(http_requests_total{${SELECTOR},code=~"5.."}[\${window}]))`,
      total: `sum(increase(http_requests_total{${SELECTOR}}[\${window}]))`,
    },
    limits: { window: '10m', hold: { above: 0.01 }, rollback: { above: 0.05 } },
  });
  return {
    service: 'store',
    prometheus,
    async token(name, role) {
      const body = { name, role, expires: '30d' };
      const answer: CurlAnswer = await curl(`${gate.url}/tokens`, { method: 'POST', token: gate.tokens.admin, body });
      expect(answer.status).toBe(201);
      return answer.body.token;
    },
    async stop() {
      for (const server of Object.values(prometheus)) await server.stop();
    },
  };
}

function countOf(query: string): string {
  if (query.startsWith('time()')) return '1';
  return query.includes('5..') ? '0' : '1000';
}
