import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ROLES } from '../../src/app/rights.ts';
import { createToken } from '../../src/app/tokens.ts';
import { aProvider, aRule, aService, aSloRule } from '../support/builders.ts';
import { aDocument, aMetric, anIndicator, anSliRule, anSlo } from '../support/open-slo.ts';
import { brokenOpenSlo } from '../support/open-slo-oracle.ts';
import { type TestApp, testApp, tokenOf } from './http-context.ts';

const shop = readFileSync(new URL('../fixtures/openslo/shop.yaml', import.meta.url), 'utf8');

async function furnished(): Promise<TestApp> {
  const test = testApp();
  await test.request().put('/providers/main').send(aProvider()).expect(201);
  await test.request().put('/services/checkout').send(aService()).expect(201);
  return test;
}

/** One that nothing in this file changes: starting an application takes longer than asking it. */
const shared = await furnished();

const sendYaml = (test: TestApp, text: string, query = '') =>
  test.request().post(`/openslo${query}`).type('application/yaml').send(text);
const send = (test: TestApp, body: object, query = '') => test.request().post(`/openslo${query}`).send(body);

async function exportOf(test: TestApp, service: string): Promise<string> {
  const answer = await test.request().get(`/services/${service}/openslo`).responseType('blob');
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/yaml']);
  return String(answer.body);
}

async function rulesOf(test: TestApp, service: string): Promise<readonly { readonly name: string }[]> {
  return (await test.request().get(`/services/${service}/rules`)).body.items;
}

const changes = (body: { items: readonly Record<string, string>[] }) =>
  body.items.map(({ kind, service, rule, change }) => [kind, rule ?? service, change].join(' '));
const pointersOf = (body: { errors: readonly { pointer: string }[] }) => body.errors.map(({ pointer }) => pointer);

describe('POST /openslo', () => {
  it('makes services and rules of documents of every kind, and the same again changes nothing', async () => {
    const test = await furnished();
    const kinds = parseAllDocuments(shop).map((each) => each.get('kind'));
    expect([kinds.length, new Set(kinds).size]).toEqual([11, 7]);
    const answer = await sendYaml(test, shop);
    expect([answer.status, answer.body.dryRun]).toEqual([200, false]);
    expect(changes(answer.body)).toEqual([
      'service cart created',
      'rule additions created',
      'rule latency created',
      'rule availability created',
      'rule monthly-1 created',
      'rule monthly-2 created',
    ]);
    for (const { kind, service, rule, document } of answer.body.items) {
      const path = kind === 'service' ? `/services/${service}` : `/services/${service}/rules/${rule}`;
      expect((await test.request().get(path)).body).toEqual(document);
    }
    const again = await sendYaml(test, shop);
    expect(new Set(changes(again.body).map((each) => each.split(' ')[2]))).toEqual(new Set(['unchanged']));
  });

  it('warns of what it read otherwise, and of what a PUT would warn of', async () => {
    const { body } = await sendYaml(shared, shop, '?dryRun=true');
    expect(body.warnings).toEqual(
      expect.arrayContaining([
        expect.stringContaining('/5/spec/condition/alertAfter: '),
        expect.stringContaining('/9/spec/timeWindow/0/duration: 1Q is taken as 90d'),
        expect.stringMatching(/^checkout: no rule that counts is measured in canary/),
      ]),
    );
  });

  it('shows with dryRun what it would do, and does nothing', async () => {
    const test = await furnished();
    const before = test.ports.store.commits.length;
    const shown = await sendYaml(test, shop, '?dryRun=true');
    expect([shown.status, shown.body.dryRun, test.ports.store.commits.length]).toEqual([200, true, before]);
    expect((await test.request().get('/services/cart')).status).toBe(404);
    const done = await sendYaml(test, shop);
    expect({ ...done.body, dryRun: true }).toEqual(shown.body);
  });

  it('takes JSON too, one document or a list', async () => {
    const test = await furnished();
    expect(changes((await send(test, anSlo())).body)).toEqual(['rule availability created']);
    expect(changes((await send(test, [anSlo({ objectives: [{ target: 0.99 }] })])).body)).toEqual([
      'rule availability updated',
    ]);
  });

  it('is one record of everything as it was and is, and none of a secret', async () => {
    const test = await furnished();
    await test.request().put('/services/checkout/rules/availability').send(aSloRule()).expect(201);
    const before = test.ports.store.commits.length;
    await sendYaml(test, shop, '?reason=from%20the%20repository');
    expect(test.ports.store.commits.length).toBe(before + 1);
    expect(test.ports.store.commits.at(-1)?.writes).toHaveLength(6);
    const body = test.ports.store.bodies().at(-1);
    expect(body).toMatchObject({ kind: 'openslo-import', reason: 'from the repository', service: null });
    expect(body?.changes).toContainEqual({
      config: { kind: 'rule', owner: 'checkout', name: 'availability' },
      change: 'updated',
      before: aSloRule(),
      beforeHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      after: expect.objectContaining({ objective: { target: 0.999, window: '4w' } }),
      afterHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.stringify(test.ports.store.bodies())).not.toContain('hunter2');
    expect(JSON.stringify(test.lines)).not.toContain('hunter2');
  });

  it('is found in the record of its service when it is about one', async () => {
    const test = await furnished();
    await send(test, anSlo());
    const { body } = await test.request().get('/audit/entries?service=checkout&kind=openslo-import');
    expect(body.items[0].body.changes).toMatchObject([{ change: 'created', before: null }]);
    await send(test, anSlo());
    expect(test.ports.store.bodies().at(-1)).toMatchObject({
      changes: [],
      unchanged: [{ kind: 'rule', owner: 'checkout', name: 'availability' }],
    });
  });

  it('asks the provider that the caller names where the documents name none', async () => {
    const nameless = aMetric('a', { metricSourceRef: undefined, type: 'Prometheus' });
    const slo = anSlo({ indicator: anIndicator({ bad: nameless, total: nameless }) });
    const refused = await send(shared, slo);
    expect([refused.status, pointersOf(refused.body)[0]]).toEqual([
      400,
      '/spec/indicator/spec/ratioMetric/bad/metricSource/metricSourceRef',
    ]);
    const taken = await send(shared, slo, '?provider=main&dryRun=true');
    expect(taken.body.items[0].document.indicator.provider).toBe('main');
  });
});

describe('POST /openslo imports nothing at all', () => {
  const good = anSlo({}, { name: 'good' });
  const sli = (annotations: Record<string, unknown>) => anSliRule(annotations);
  const metric = (query: string) => anSlo({ indicator: anIndicator({ counter: false, total: aMetric(query) }) });
  const QUERY = '/spec/indicator/spec/ratioMetric/total/metricSource/spec/query';

  it.each<[string, object, string, RegExp]>([
    ['a service that is not there', anSlo({ service: 'chekout' }), '/1/spec/service', /PUT \/services\/chekout/],
    [
      'a Service that is not there and has no rings',
      aDocument('Service', 'web'),
      '/1/metadata/name',
      /ringgate\/rings/,
    ],
    [
      'a provider that is not there',
      anSlo({
        indicator: anIndicator({
          bad: aMetric('a', { metricSourceRef: 'thanos' }),
          total: aMetric('a', { metricSourceRef: 'thanos' }),
        }),
      }),
      '/1/spec/indicator/spec/ratioMetric/bad/metricSource/metricSourceRef',
      /no provider named thanos/,
    ],
    [
      'a data source that is no provider',
      aDocument('DataSource', 'thanos', { type: 'Prometheus' }),
      '/1/metadata/name',
      /PUT \/providers\/thanos/,
    ],
    [
      'a data source that is another kind of provider',
      aDocument('DataSource', 'main', { type: 'Datadog' }),
      '/1/metadata/name',
      /of the kind prometheus/,
    ],
    ['a query that is none', metric('sum('), `/1${QUERY}`, /not PromQL/],
    ['a rate where a count is needed', metric('sum(rate(a[${window}]))'), `/1${QUERY}`, /increase/],
    ['a count that is over no window', metric('sum(increase(a[5m]))'), `/1${QUERY}`, /\[\$\{window\}\]/],
    ['a target in per cent', anSlo({ objectives: [{ target: 99.9 }] }), '/1/spec/objectives/0/target', /share/],
    ['a target of nothing', anSlo({ objectives: [{ targetPercent: 0 }] }), '/1/spec/objectives/0/targetPercent', /./],
    [
      'a ring that is not there',
      sli({ 'ringgate/guards': '["moon"]' }),
      '/1/metadata/annotations/ringgate~1guards',
      /moon/,
    ],
    [
      'a mode that is none',
      sli({ 'ringgate/mode': 'loud' }),
      '/1/metadata/annotations/ringgate~1mode',
      /must be one of/,
    ],
    [
      'an annotation of another shape',
      sli({ 'ringgate/limits': '{"hold":{"over":1}}' }),
      '/1/metadata/annotations/ringgate~1limits',
      /\/hold\/over: is not known/,
    ],
    [
      'more than a query',
      anSliRule({}, { thresholdMetric: aMetric('', { metricSourceRef: 'main', spec: { query: 'a', unit: 's' } }) }),
      '/1/spec/thresholdMetric/metricSource/spec/unit',
      /is not known/,
    ],
    ['a rule that judges nothing', sli({ 'ringgate/limits': '{}' }), '/1/metadata/annotations/ringgate~1limits', /./],
    ['a bad name', anSlo({}, { name: 'Good' }), '/1/metadata/name', /no name here/],
    [
      'a plan that is none',
      aDocument('Service', 'checkout', {}, { annotations: { 'ringgate/rings': '[]' } }),
      '/1/metadata/annotations/ringgate~1rings',
      /./,
    ],
    [
      'slices that are longer than what is looked at',
      anSlo({ budgetingMethod: 'RatioTimeslices', objectives: [{ target: 0.9, timeSliceWindow: '40d' }] }),
      '/1/spec/objectives/0/timeSliceWindow',
      /holds no slice/,
    ],
    ['a document of Sloth', { version: 'prometheus/v1', service: 'a', slos: [] }, '/1', /Sloth/],
    ['a document of Pyrra', { apiVersion: 'pyrra.dev/v1alpha1', kind: 'ServiceLevelObjective' }, '/1', /Pyrra/],
  ])('of documents with %s, and names it', async (_, bad, pointer, message) => {
    const before = shared.ports.store.commits.length;
    for (const query of ['', '?dryRun=true']) {
      const answer = await send(shared, [good, bad], query);
      expect(answer.status).toBe(400);
      expect(answer.body.errors).toContainEqual({ pointer, message: expect.stringMatching(message) });
    }
    expect(shared.ports.store.commits.length).toBe(before);
    expect(await rulesOf(shared, 'checkout')).toEqual([]);
    expect(changes((await send(shared, [good], '?dryRun=true')).body)).toEqual(['rule good created']);
  });

  it('that take a ring away in which a release is live, naming it', async () => {
    const test = await furnished();
    await test
      .request()
      .put('/services/checkout')
      .send(aService({ allowUnmeasured: true }))
      .expect(200);
    await test.request().get('/gates/checkout@1/canary').expect(200);
    await test.request().put('/releases/checkout@1/rings/canary').send({ state: 'deployed' }).expect(200);
    const rings = '[{"name":"early","bake":"1h"}]';
    const service = aDocument('Service', 'checkout', {}, { annotations: { 'ringgate/rings': rings } });
    const answer = await send(test, [good, service]);
    expect([answer.status, answer.body.code, pointersOf(answer.body)]).toEqual([409, 'in-use', ['/1/metadata/name']]);
    expect(answer.body.detail).toContain('checkout@1 is live in canary');
    expect(await rulesOf(test, 'checkout')).toEqual([]);
  });

  it('that take a ring away which a rule that stays still names', async () => {
    const test = await furnished();
    const rule = aSloRule({ guards: ['global'] });
    await test.request().put('/services/checkout/rules/stays').send(rule).expect(201);
    const annotations = { 'ringgate/rings': '[{"name":"canary","bake":"1h"}]' };
    const service = aDocument('Service', 'checkout', {}, { annotations });
    expect((await send(test, [service])).status).toBe(409);
    const changed = { 'ringgate/guards': '["canary"]' };
    const together = [service, anSlo({}, { name: 'stays', annotations: changed })];
    expect(changes((await send(test, together)).body)).toEqual(['service checkout updated', 'rule stays updated']);
  });

  it('when the record cannot be written', async () => {
    const test = await furnished();
    test.ports.store.fault = 'lost-before';
    expect((await sendYaml(test, shop)).status).toBe(503);
    expect([(await test.request().get('/services/cart')).status, await rulesOf(test, 'checkout')]).toEqual([404, []]);
  });

  it.each<[string, (test: TestApp) => Promise<unknown>]>([
    ['the provider goes', (test) => test.request().delete('/providers/main').expect(204)],
    ['the service goes', (test) => test.request().delete('/services/checkout').expect(204)],
    [
      'the ring goes',
      (test) =>
        test
          .request()
          .put('/services/checkout')
          .send({ rings: [{ name: 'a', bake: '1h' }] }),
    ],
  ])('when %s while it is being read', async (_, meanwhile) => {
    const test = await furnished();
    test.ports.store.beforeAppend = () => meanwhile(test);
    const guarded = anSlo({}, { name: 'guarded', annotations: { 'ringgate/guards': '["global"]' } });
    const answer = await send(test, [good, guarded]);
    expect(answer.status).toBe(400);
    expect(test.ports.store.bodies().map(({ kind }) => kind)).not.toContain('openslo-import');
  });

  it('and compares again when somebody changes a rule meanwhile, so that the record tells what there was', async () => {
    const test = await furnished();
    test.ports.store.beforeAppend = () =>
      test.request().put('/services/checkout/rules/good').send(aSloRule()).expect(201);
    expect(changes((await send(test, [good])).body)).toEqual(['rule good updated']);
    expect(test.ports.store.bodies().at(-1)?.changes).toMatchObject([{ before: aSloRule() }]);
  });

  it.each([
    ['no YAML', 'application/yaml', 'a: [', 400],
    ['a bomb', 'application/yaml', `a: &a [x]\nb: [${'*a,'.repeat(99)}*a]`, 400],
    ['text', 'text/plain', shop, 415],
    ['YAML as JSON', 'application/json', shop, 400],
    ['no JSON', 'application/json', '1', 400],
    ['nothing', 'application/yaml', '', 400],
  ])('of %s', async (_, type, text, status) => {
    expect((await shared.request().post('/openslo').type(type).send(text)).status).toBe(status);
  });
});

describe('who may import', () => {
  it('is the configurator alone', async () => {
    const test = await furnished();
    await createToken(test.ports, null, { name: 'first', role: 'admin' });
    const statuses = ROLES.map(async (role) => [
      role,
      (await send(test, anSlo()).set(await tokenOf(test, role))).status,
    ]);
    expect(Object.fromEntries(await Promise.all(statuses))).toEqual({
      ...{ configurator: 200, pipeline: 403, operator: 403, auditor: 403, admin: 403 },
    });
  });
});

describe('GET /services/{service}/openslo', () => {
  it('is OpenSLO, and imported elsewhere gives the same service and rules', async () => {
    const test = await furnished();
    await sendYaml(test, shop);
    await test.request().put('/services/checkout/rules/errors').send(aRule()).expect(201);
    const elsewhere = testApp();
    await elsewhere.request().put('/providers/main').send(aProvider()).expect(201);
    for (const service of ['checkout', 'cart']) {
      const text = await exportOf(test, service);
      const documents = parseAllDocuments(text).map((each) => each.toJS());
      expect(documents.flatMap(brokenOpenSlo)).toEqual([]);
      expect((await sendYaml(elsewhere, text)).status).toBe(200);
      expect(await rulesOf(elsewhere, service)).toEqual(await rulesOf(test, service));
      const path = `/services/${service}`;
      const tagOf = async (at: TestApp) => (await at.request().get(path)).headers.etag;
      expect(await tagOf(elsewhere)).toBe(await tagOf(test));
    }
  });

  it('imported where it came from changes nothing and leaves nothing to warn of but the plan', async () => {
    const test = await furnished();
    await sendYaml(test, shop);
    const [checkout, cart] = [await exportOf(test, 'checkout'), await exportOf(test, 'cart')];
    const ofOthers = cart.split('---\n').filter((document) => !document.includes('kind: DataSource'));
    const { status, body } = await sendYaml(test, [checkout, ...ofOthers].join('---\n'));
    expect(status).toBe(200);
    expect(changes(body).filter((each) => !each.endsWith('unchanged'))).toEqual([]);
    expect(body.warnings.filter((each: string) => each.startsWith('/'))).toEqual([]);
  });

  it('tells nothing of a provider but its name and kind', async () => {
    const test = testApp();
    const auth = { kind: 'bearer', token: { env: 'GATE_SECRET_PROMETHEUS' } } as const;
    await test.request().put('/providers/main').send(aProvider({ auth })).expect(201);
    await test.request().put('/services/checkout').send(aService()).expect(201);
    await test.request().put('/services/checkout/rules/errors').send(aRule()).expect(201);
    const text = await exportOf(test, 'checkout');
    expect(text).toContain('type: Prometheus');
    expect(text).not.toMatch(/SECRET|127\.0\.0\.1/);
  });

  it('is a 404 for a service that is not there', async () => {
    expect((await shared.request().get('/services/chekout/openslo')).status).toBe(404);
  });
});
