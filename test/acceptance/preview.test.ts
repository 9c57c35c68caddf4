/** What an SRE is told in one call, over HTTP: what a rule measures, whether a provider answers, what is doubtful. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/app/ports.ts';
import { aBurnRule, aRule, aService, aSloRule } from '../support/builders.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { apiError, empty, type FakePrometheus, startFakePrometheus, text, vector } from '../support/fake-prometheus.ts';
import { type Gate, startGate } from '../support/gate.ts';

describe('What an SRE is told before a rule counts', () => {
  let engine: TestEngine;
  let gate: Gate;
  let source: FakePrometheus;

  beforeAll(async () => {
    engine = await openEngine('embedded');
    source = await startFakePrometheus();
    gate = await startGate(engine);
    counts(0, 1000);
    await put('/providers/main', { kind: 'prometheus', url: source.url }, 'admin');
    await put('/services/checkout', aService());
    await put('/services/checkout/rules/errors', aRule({ measuredIn: ['canary', 'early'] }));
    await gate.call('GET', '/gates/checkout@1.0/canary');
    await gate.call('PUT', '/releases/checkout@1.0/rings/canary', { body: { state: 'deployed' } });
    gate.minutes(20);
  });
  afterAll(async () => {
    await gate.stop();
    await source.stop();
    await engine.destroy();
  });

  /** From the next bucket on. */
  function counts(bad: number, total: number): void {
    gate.minutes(1);
    source.answer((form) => {
      const query = form.get('query') ?? '';
      if (query.startsWith('time()')) return vector('1');
      if (query.startsWith('max((timestamp(')) return vector('15');
      return vector(query.includes('5..') ? bad : total);
    });
  }
  async function put(path: string, body: object, as: Role = 'configurator'): Promise<void> {
    const answer = await gate.call('PUT', path, { body, as });
    expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status: expect.toBeOneOf([200, 201]) });
  }
  const preview = (rule: string, query = '', body?: object, as: Role = 'configurator') =>
    gate.call('POST', `/services/checkout/rules/${rule}/preview${query}`, { as, ...(body && { body }) });
  const warnings = async () => (await gate.call('GET', '/services/checkout/warnings', { as: 'auditor' })).body.items;
  const recorded = async () =>
    (await gate.call('GET', '/audit/entries?limit=500', { as: 'auditor' })).body.items.length;

  it('is every query filled, its answer and its time, and the finding that the gate itself gives', async () => {
    const shown = await preview('errors');
    expect(shown).toMatchObject({
      status: 200,
      body: { saved: true, scope: 'release', ring: 'canary', release: 'checkout@1.0', life: { supposed: false } },
    });
    const [bad, total] = shown.body.queries;
    const selector = 'service="checkout",version="1.0",ring="canary"';
    expect(bad).toMatchObject({
      ...{ part: 'bad', window: '10m', measurement: { kind: 'value', value: '0' } },
      query: `sum(increase(http_requests_total{${selector},code=~"5.."}[10m]))`,
    });
    expect(total).toMatchObject({ part: 'total', measurement: { kind: 'value', value: '1000' } });
    for (const { milliseconds } of shown.body.queries) expect(milliseconds).toBeGreaterThanOrEqual(0);
    const asked = await gate.call('GET', '/gates/checkout@1.0/canary?stage=exit&dryRun=true');
    const told = asked.body.findings.find(({ check }: { check: string }) => check === 'rule');
    expect(shown.body.finding).toMatchObject({ cause: told.cause, because: told.because });
  });

  it('is of a rule that was never saved, too, and leaves neither a rule nor an entry behind', async () => {
    counts(60, 1000);
    const before = await recorded();
    const shown = await preview('burn', '', aBurnRule());
    expect(shown.body).toMatchObject({ saved: false, finding: { verdict: 'rollback', cause: 'burning-fast' } });
    expect(shown.body.finding.evidence.windows.map(({ burnRate }: { burnRate: string }) => burnRate)).toEqual([
      '60',
      '60',
    ]);
    expect((await gate.call('GET', '/services/checkout/rules/burn', { as: 'auditor' })).status).toBe(404);
    expect(await recorded()).toBe(before);
    expect((await gate.call('GET', '/releases/checkout@1.0', { as: 'auditor' })).body).toMatchObject({ mark: null });
  });

  it('is about the instant that was asked for', async () => {
    counts(0, 1000);
    const before = source.requests.length;
    const shown = await preview('errors', '?version=0.9&ring=early&at=2026-01-01T00:00:07Z');
    expect(shown.body).toMatchObject({
      at: '2026-01-01T00:00:07.000Z',
      release: 'checkout@0.9',
      life: { supposed: true },
    });
    const times = source.requests.slice(before).map(({ form }) => form.get('time'));
    expect(new Set(times)).toContain('2026-01-01T00:00:00.000Z');
    for (const time of times) expect(time?.startsWith('2026-01-01') || time?.startsWith('2025-12-31')).toBe(true);
  });

  it('is about an earlier instant where the provider is behind by a delay', async () => {
    await put('/providers/late', { kind: 'prometheus', url: source.url, delay: '65s' }, 'admin');
    const rule = aRule();
    const body = { ...rule, indicator: { ...rule.indicator, provider: 'late' } };
    const shown = await preview('late', '?version=0.9&ring=early&at=2026-01-01T00:02:07Z', body);
    expect(shown.body.finding.evidence).toMatchObject({ provider: 'late', at: '2026-01-01T00:01:00.000Z' });
    expect(shown.body.queries[0].at).toBe('2026-01-01T00:01:00.000Z');
  });

  it.each([
    ['a ring in which it is not measured', 'errors', '?ring=global', undefined, '/query/ring'],
    ['no version where none runs', 'errors', '?ring=early', undefined, '/query/version'],
    ['an instant in the future', 'errors', '?at=2126-01-01T00:00:00Z', undefined, '/query/at'],
    ['a text for an instant', 'errors', '?at=yesterday', undefined, '/query/at'],
    ['a rule that could not be saved', 'new', '', aBurnRule({ objective: { target: 0.9 } }), '/burnRates/0/factor'],
    ['a rule with a field nobody knows', 'new', '', { ...aBurnRule(), objectives: {} }, '/objectives'],
  ])('is refused with %s, naming the field', async (_what, rule, query, body, pointer) => {
    const answer = await preview(rule, query, body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it('is for every reader, but with a rule of the own only for who may save it, and missing for a rule nobody saved', async () => {
    expect((await preview('errors', '', undefined, 'auditor')).status).toBe(200);
    const before = source.requests.length;
    const refused = await preview('errors', '', aRule(), 'pipeline');
    expect(refused).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('lacks the right configure') },
    });
    expect(source.requests.length).toBe(before);
    const missing = await preview('other');
    expect(missing).toMatchObject({ status: 404, body: { detail: expect.stringContaining('in the body') } });
  });

  it('shows what the provider said where there is no number', async () => {
    gate.minutes(1);
    source.answer(() => apiError('bad_data', 'parse error: unexpected "}"'));
    const { status, body } = await preview('errors');
    expect({ status, cause: body.finding.cause }).toEqual({ status: 200, cause: 'query-rejected' });
    expect(body.queries[0].measurement).toMatchObject({
      kind: 'rejected',
      detail: expect.stringContaining('parse error'),
    });
  });

  describe('by the trial of a provider', () => {
    const trial = () => gate.call('POST', '/providers/main/check', { as: 'admin' });

    it('is its version and its clock', async () => {
      source.answer((form, { url }) =>
        url?.endsWith('/buildinfo')
          ? text('{"status":"success","data":{"version":"2.53.1"}}', 200, 'application/json')
          : vector(form.get('query') === 'vector(1)' ? 1 : 0),
      );
      const { status, body } = await trial();
      expect({ status, ...body }).toMatchObject({ status: 200, ok: true, version: '2.53.1', clockOffsetSeconds: 0 });
    });

    it.each([
      [
        'that it refuses our credential',
        () => text('no', 401),
        { reachable: true, authenticated: false, outcome: 'unauthorized' },
      ],
      ['that it is no Prometheus', () => text('<html>'), { reachable: true, outcome: 'not-json' }],
      [
        'that it warns of its own answers',
        () => vector(1, { warnings: ['a store is away'] }),
        { ok: false, outcome: 'partial' },
      ],
    ])('is %s', async (_what, answer, expected) => {
      gate.minutes(1);
      source.answer(answer);
      const { status, body } = await trial();
      expect({ status, ...body }).toMatchObject({ status: 200, ok: false, ...expected });
    });

    it('is for administrators, and of a provider that exists', async () => {
      expect((await gate.call('POST', '/providers/main/check', { as: 'pipeline' })).status).toBe(403);
      expect((await gate.call('POST', '/providers/other/check', { as: 'admin' })).status).toBe(404);
    });
  });

  describe('by the warnings about a service', () => {
    it('is that nobody measures a ring', async () => {
      counts(0, 1000);
      expect(await warnings()).toEqual([expect.stringMatching(/^no rule that counts is measured in global/)]);
    });

    it('is that the server does not know a metric, and that traffic is too little ever to judge by', async () => {
      gate.minutes(1);
      await put('/services/checkout/rules/errors', aRule());
      await put('/services/checkout/rules/whole', aSloRule());
      source.answer((form) => {
        const query = form.get('query') ?? '';
        if (query.startsWith('count(last_over_time')) return empty();
        return vector(query.startsWith('max((timestamp(') ? '15' : '40');
      });
      expect(await warnings()).toEqual([
        'errors asks main for http_requests_total, of which it has seen nothing within the last hour',
        'whole asks main for http_requests_total, of which it has seen nothing within the last hour',
        expect.stringContaining(
          'errors can never judge checkout@1.0 in canary at the present rate: about 40 events within 10m, and 100 are needed',
        ),
        expect.stringContaining(
          'whole can never judge checkout at the present rate: about 40 events within 30d, and 300 are needed',
        ),
      ]);
    });
  });
});
