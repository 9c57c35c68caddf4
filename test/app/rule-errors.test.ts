import { describe, expect, it } from 'vitest';
import type { ProviderDocument } from '../../src/app/ports.ts';
import { ruleErrors } from '../../src/app/rule-errors.ts';
import type { Indicator, Limits, RuleDocument } from '../../src/domain/rule.ts';
import { scopeOf } from '../../src/domain/rule-check.ts';
import { planOf } from '../../src/domain/service.ts';
import { aRule } from '../support/builders.ts';
import { aCatalogue, asking, ERRORS, MAIN } from '../support/catalogue-fixture.ts';

const SLO_ID = '0123456789abcdef0123456789abcdef';
const PLAN = planOf({
  labels: { team: 'Payments Team', source: 'datadog' },
  rings: [
    { name: 'canary', bake: '15m', labels: { slo: SLO_ID, monitor: '42', zone: 'eu' } },
    { name: 'global', bake: '1h', labels: { slo: 'checkout', monitor: '43', zone: 'EU', source: 'main' } },
  ],
});
const keys = { kind: 'keys', apiKey: { env: 'GATE_SECRET_A' }, applicationKey: { env: 'GATE_SECRET_B' } } as const;
const DATADOG: ProviderDocument = { kind: 'datadog', site: 'datadoghq.eu', auth: keys };
const PROVIDERS: Parameters<typeof ruleErrors>[2] = [
  { name: 'datadog', provider: DATADOG },
  { name: 'main', provider: { kind: 'prometheus', url: 'http://prometheus:9090' } },
  { name: 'recorded', provider: { kind: 'recorded' } },
];

const LIMITS: Limits = { window: '10m', hold: { above: 0.01 }, rollback: { above: 0.05 } };
const COUNT = 'sum:requests{service:${service},version:${version}}.as_count()';
const RATIO: Indicator = { kind: 'ratio', provider: 'datadog', bad: COUNT, total: COUNT };
const MONITOR: Indicator = { kind: 'datadog-monitor', provider: 'datadog', monitorId: 42 };
const SLO: Indicator = { kind: 'datadog-slo', provider: 'datadog', sloId: SLO_ID };
const latency = (query: string): Indicator => ({ kind: 'threshold', provider: 'datadog', query });
const errorsOf = (indicator: Indicator, more: Partial<RuleDocument> = {}) =>
  ruleErrors({ indicator, limits: LIMITS, ...more }, PLAN, PROVIDERS);
const pointersOf = (...given: Parameters<typeof errorsOf>) => errorsOf(...given).map(({ pointer }) => pointer);

describe('a rule that asks Datadog', () => {
  it.each<[string, Indicator, Partial<RuleDocument>]>([
    ['counts of the release', RATIO, {}],
    ['counts of a recording in its language', { ...RATIO, provider: 'recorded' }, {}],
    ['a value', latency('p95:latency{version:${version}}'), { limits: { window: '5m', hold: { above: 1 } } }],
    [
      'an SLO with an objective',
      SLO,
      {
        objective: { target: 0.99, window: '30d' },
        burnRates: [{ long: '1h', short: '5m', factor: 14.4 }],
        budget: { holdBelow: 0.1 },
        minEvents: 10,
      },
    ],
    ['the SLO of its ring', { ...SLO, sloId: '${labels.slo}' }, { measuredIn: ['canary'] }],
    ['a monitor', MONITOR, { limits: { hold: { above: 0 } } }],
    [
      'a group of a monitor',
      { ...MONITOR, monitorId: '42', group: 'version:${version}' },
      { limits: { hold: { above: 0 }, rollback: { above: 1 } } },
    ],
  ])('may ask for %s', (_title, indicator, more) => {
    expect(errorsOf(indicator, more)).toEqual([]);
  });

  it.each<[string, Indicator, Partial<RuleDocument>, string]>([
    ['averages for counts', { ...RATIO, bad: 'avg:requests{version:${version}}.as_count()' }, {}, '/indicator/bad'],
    ['rates for counts', { ...RATIO, bad: 'sum:requests{version:${version}}.as_rate()' }, {}, '/indicator/bad'],
    [
      'a path for a count',
      { ...RATIO, bad: `/api/v1/slo/${SLO_ID}/history` },
      { limits: { window: '10m', hold: { above: 0.1 } } },
      '/indicator/bad',
    ],
    ['a path for a value', latency('/api/v1/monitor/42'), {}, '/indicator/query'],
    [
      'a value over no window',
      latency('avg:x{version:${version}}'),
      { limits: { hold: { above: 1 } } },
      '/limits/window',
    ],
    ['all but the release to take it back', latency('avg:x{!version:${version}}'), {}, '/indicator/query'],
    ['a label that no ring has', latency('avg:x{version:${version},a:${labels.none}}'), {}, '/indicator/query'],
    [
      'a label whose value is no tag',
      latency('avg:x{version:${version},t:${labels.team}}'),
      { measuredIn: ['canary'] },
      '/indicator/query',
    ],
    ['a label whose value is no id', { ...SLO, sloId: '${labels.slo}' }, {}, '/indicator/sloId'],
    [
      'a group that is none',
      { ...MONITOR, group: 'version:*' },
      { limits: { hold: { above: 0 } } },
      '/indicator/group',
    ],
    ['a monitor’s state beyond alert', MONITOR, { limits: { hold: { above: 2 } } }, '/limits/hold/above'],
    ['a monitor’s state below a number', MONITOR, { limits: { hold: { below: 1 } } }, '/limits/hold/below'],
    ['a budget of a monitor', MONITOR, { limits: { hold: { above: 0 } }, minEvents: 5 }, '/minEvents'],
    ['a number of seconds without a window', SLO, { limits: { hold: { above: 0.1 } } }, '/limits'],
  ])('may not ask for %s', (_title, indicator, more, pointer) => {
    expect(pointersOf(indicator, more)).toEqual([pointer]);
  });

  it('names the ring whose label does not fit', () => {
    const query = 'avg:x{version:${version},zone:${labels.zone}}';
    expect(errorsOf(latency(query))[0]?.message).toMatch(/^in global the value of \$\{labels\.zone\} is EU, and only/);
  });

  it('speaks of what it names', () => {
    const scope = (indicator: Indicator) => scopeOf({ indicator, limits: LIMITS }, PLAN);
    expect(scope(RATIO)).toBe('release');
    expect(scope({ ...MONITOR, group: 'version:${version}' })).toBe('release');
    expect(scope({ ...MONITOR, monitorId: '${labels.monitor}' })).toBe('ring');
    expect(scope({ ...SLO, sloId: '${labels.slo}' })).toBe('ring');
    expect([scope(SLO), scope(MONITOR)]).toEqual(['service', 'service']);
  });
});

describe('a rule in the language of another kind of provider', () => {
  it('is told so, query by query, and not what is wrong with it as one of its own', () => {
    const promql = aRule().indicator;
    expect(errorsOf({ ...promql, provider: 'datadog' })).toEqual(
      ['/indicator/bad', '/indicator/total'].map((pointer) => ({
        pointer,
        message: expect.stringMatching(/^datadog is Datadog, whose queries are written sum:metric\.name/),
      })),
    );
    expect(errorsOf({ ...RATIO, provider: 'main' })).toEqual(
      ['/indicator/bad', '/indicator/total'].map((pointer) => ({
        pointer,
        message: "main is a Prometheus, so its queries are PromQL and not Datadog's",
      })),
    );
    expect(pointersOf(latency('sum:requests'))).toEqual(['/indicator/query']);
  });

  it('is told so for an SLO or a monitor that a Prometheus should have', () => {
    const limits = { hold: { above: 0 } };
    expect(errorsOf({ ...MONITOR, provider: 'main' }, { limits })).toEqual([
      { pointer: '/indicator/kind', message: 'main is no Datadog, and only Datadog has SLOs and monitors to ask for' },
    ]);
  });

  it('is told so when only one of its rings has such a provider', () => {
    expect(pointersOf({ ...RATIO, provider: '${labels.source}' })).toEqual(['/indicator/bad', '/indicator/total']);
    expect(pointersOf({ ...RATIO, provider: '${labels.source}' }, { measuredIn: ['canary'] })).toEqual([]);
  });

  it('keeps its provider from becoming one of another kind', async () => {
    const catalogue = await aCatalogue();
    await catalogue.put(ERRORS, asking('main'));
    await expect(catalogue.put(MAIN, DATADOG)).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringContaining('the rule checkout/errors: /indicator/query: main is Datadog'),
    });
    await catalogue.remove(ERRORS);
    await catalogue.put(MAIN, DATADOG);
    await expect(catalogue.put(ERRORS, asking('main'))).rejects.toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '/indicator/query' }],
    });
  });
});
