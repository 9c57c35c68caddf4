/** Objectives that are kept in a repository as OpenSLO: they come in whole, they decide, and they go out again. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aService } from '../support/builders.ts';
import { type EngineKind, engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { aCondition, anSlo, aPolicy } from '../support/open-slo.ts';

const shop = readFileSync(new URL('../fixtures/openslo/shop.yaml', import.meta.url), 'utf8');
const RULES = ['cart/rules/additions', 'cart/rules/latency', 'checkout/rules/availability'].concat([
  'checkout/rules/monthly-1',
  'checkout/rules/monthly-2',
]);

describe.each(engineKinds)('OpenSLO on %s', (kind: EngineKind) => {
  let engine: TestEngine;
  let gate: Gate;

  beforeAll(async () => {
    engine = await openEngine(kind);
    gate = await startGate(engine);
    await failing('0');
    await gate.call('PUT', '/services/checkout', { as: 'configurator', body: aService({ allowUnmeasured: true }) });
  });
  afterAll(async () => {
    await gate.stop();
    await engine.destroy();
  });

  async function failing(good: string): Promise<void> {
    const answers = [
      { part: 'good', value: good },
      { part: 'total', value: '100000' },
    ];
    const body = { kind: 'recorded', answers };
    expect((await gate.call('PUT', '/providers/main', { as: 'admin', body })).status).toBeLessThan(300);
  }

  const sendYaml = (body: string) =>
    gate.call('POST', '/openslo', { as: 'configurator', body, headers: { 'content-type': 'application/yaml' } });
  const tags = async () =>
    Promise.all(RULES.map(async (rule) => (await gate.call('GET', `/services/${rule}`)).headers.get('etag')));
  const changes = (body: { items: readonly { change: string }[] }) => body.items.map(({ change }) => change);

  it('eleven documents of seven kinds come in, decide, go out and come in again the same', async () => {
    const imported = await sendYaml(shop);
    expect([imported.status, changes(imported.body)]).toEqual([200, Array(6).fill('created')]);

    await failing('99000');
    const held = await gate.call('GET', '/gates/checkout@1/canary?dryRun=true&view=document');
    expect(held.body.verdict).toBe('hold');
    const found = (held.body.findings as { rule?: string; cause: string }[]).map(({ rule, cause }) => [rule, cause]);
    expect(found).toEqual(
      expect.arrayContaining([
        ['availability', 'burning'],
        ['monthly-1', 'budget-exhausted'],
      ]),
    );
    await failing('100000');
    gate.minutes(1);
    const open = await gate.call('GET', '/gates/checkout@1/canary?dryRun=true&view=document');
    expect([open.body.verdict, open.body.summary]).toEqual(['promote', expect.any(String)]);

    const before = await tags();
    const texts = await Promise.all(
      ['checkout', 'cart'].map(
        async (service) => (await gate.call('GET', `/services/${service}/openslo`)).body as string,
      ),
    );
    for (const rule of RULES) {
      expect((await gate.call('DELETE', `/services/${rule}`, { as: 'configurator' })).status).toBe(204);
    }
    expect((await gate.call('DELETE', '/services/cart', { as: 'configurator' })).status).toBe(204);
    for (const text of texts) expect((await sendYaml(text)).status).toBe(200);
    expect(await tags()).toEqual(before);
    for (const text of texts) expect(new Set(changes((await sendYaml(text)).body))).toEqual(new Set(['unchanged']));
  });

  it('imports at the same time leave the rules of one of them, never of two, and each is recorded as it was', async () => {
    const names = ['one', 'two', 'three'];
    const documentsOf = (factor: number) =>
      names.map((name) => anSlo({ alertPolicies: [aPolicy([aCondition({ threshold: factor })])] }, { name }));
    const factors = [2, 3, 5, 7];
    const answers = await Promise.all(
      factors.map((factor) => gate.call('POST', '/openslo', { as: 'configurator', body: documentsOf(factor) })),
    );
    const taken = factors.filter((_, i) => answers[i]?.status === 200);
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    const rules = await Promise.all(names.map((name) => gate.call('GET', `/services/checkout/rules/${name}`)));
    const kept = new Set(rules.map(({ body }) => body.burnRates[0].factor));
    expect(kept.size).toBe(1);
    expect(taken).toContain([...kept][0]);
    const query = '/audit/entries?kind=openslo-import&service=checkout&limit=10';
    const entries = (await gate.call('GET', query, { as: 'auditor' })).body.items.slice(0, taken.length);
    const oldestFirst = entries.reverse().map(({ body }: { body: { changes: object[] } }) => body.changes[0]);
    oldestFirst.forEach((change: { beforeHash: string | null }, i: number) => {
      expect(change.beforeHash).toBe(i === 0 ? null : oldestFirst[i - 1].afterHash);
    });
  });
});
