import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EngineKind, engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { aPipeline, type Pipeline } from '../support/pipeline.ts';

const [A, B] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];
const causes = ({ findings }: { findings: { cause: string; countedAs: string | null }[] }) =>
  findings.filter(({ countedAs }) => countedAs === 'hold').map(({ cause }) => cause);

describe.each(engineKinds)('The artifact of a release on %s', (kind: EngineKind) => {
  let engine: TestEngine;
  let gate: Gate;
  const running: Pipeline[] = [];
  const begin = async (plan: Parameters<typeof aPipeline>[1] = {}): Promise<Pipeline> => {
    const pipeline = await aPipeline(gate, plan);
    running.push(pipeline);
    return pipeline;
  };
  const releaseOf = async (shop: Pipeline, version: string) =>
    (await gate.call('GET', `/releases/${shop.service}@${version}`)).body;

  beforeAll(async () => {
    engine = await openEngine(kind);
    gate = await startGate(engine);
  });
  afterAll(async () => {
    await gate.stop();
    for (const pipeline of running) await pipeline.stop();
    await engine.destroy();
  });

  /** In canary with an artifact, baked, so that nothing else keeps it from early. */
  const baked = async (shop: Pipeline, version = '1.0') => {
    await shop.expect('promote', version, 'canary', { artifact: A });
    await shop.report(version, 'canary', { state: 'deployed', artifact: A });
    gate.minutes(61);
    return shop;
  };

  it('has to be stated at every stage once it was, and a question that leaves it out says what to add', async () => {
    const shop = await baked(await begin());
    for (const [ring, stage] of [
      ['canary', 'exit'],
      ['early', 'enter'],
    ] as const) {
      const held = await shop.ask('1.0', ring, { stage });
      expect([held.status, causes(held.body)]).toEqual([423, ['artifact-missing']]);
      const finding = held.body.findings.find(({ check }: { check: string }) => check === 'artifact');
      expect(finding).toMatchObject({ clears: 'by-person', evidence: { fixed: A, required: false } });
      expect(finding.because).toContain(A);
      expect(finding.action).toMatchObject({ who: 'pipeline', do: expect.stringContaining('artifact=') });
    }
    expect(causes((await shop.ask('1.0', 'early', { artifact: B })).body)).toEqual(['artifact-changed']);
    await shop.expect('promote', '1.0', 'early', { artifact: A });
  });

  it('is opened by no override, neither when it is left out nor when it is another one', async () => {
    const shop = await baked(await begin());
    const expiresAt = new Date(Date.parse(await gate.context.ports.store.now()) + 3_600_000).toISOString();
    const reason = 'The canary is fine and customers wait';
    const body = { release: `${shop.service}@1.0`, rings: ['early'], checks: ['*'], reason, expiresAt };
    expect((await gate.call('POST', '/overrides', { body, as: 'operator' })).status).toBe(201);
    expect(causes((await shop.ask('1.0', 'early')).body)).toEqual(['artifact-missing']);
    expect(causes((await shop.ask('1.0', 'early', { artifact: B })).body)).toEqual(['artifact-changed']);
  });

  it('is fixed by the first promote or report that states it, and by no dry run, hold or auditor', async () => {
    const shop = await begin();
    await shop.expect('promote', '1.0', 'canary', { artifact: A, dryRun: 'true' });
    await shop.expect('hold', '1.0', 'early', { artifact: A });
    expect(await releaseOf(shop, '1.0')).toMatchObject({ artifact: null });
    await shop.expect('promote', '1.0', 'canary');
    await shop.report('1.0', 'canary', { state: 'deployed' });
    expect(await releaseOf(shop, '1.0')).toMatchObject({ artifact: null });
    gate.minutes(61);
    await shop.expect('promote', '1.0', 'canary', { artifact: A, stage: 'exit' });
    expect(await releaseOf(shop, '1.0')).toMatchObject({ artifact: A });
    const reported = await begin();
    await reported.expect('promote', '1.0', 'canary');
    const report = await reported.report('1.0', 'canary', { state: 'deployed', artifact: B });
    expect([report.status, report.body.artifact]).toEqual([200, B]);
    expect(await releaseOf(reported, '1.0')).toMatchObject({ artifact: B });
  });

  it('of a report must be that of the release: another one is refused, names the field, and changes nothing', async () => {
    const shop = await begin();
    await shop.expect('promote', '1.0', 'canary', { artifact: A });
    for (const state of ['deployed', 'failed', 'rolled-back', 'abandoned']) {
      const before = await releaseOf(shop, '1.0');
      const refused = await shop.report('1.0', 'canary', { state, artifact: B });
      expect([refused.status, refused.body.code]).toEqual([409, 'conflict']);
      expect(refused.body.errors).toMatchObject([{ pointer: '/artifact', message: expect.stringContaining(A) }]);
      expect(await releaseOf(shop, '1.0')).toEqual(before);
    }
    expect((await shop.report('1.0', 'canary', { state: 'deployed', artifact: A })).status).toBe(200);
  });

  it('does not keep anybody from going back: the report of the old release may leave it out', async () => {
    const shop = await begin();
    await baked(shop, '1.0');
    await shop.expect('promote', '1.0', 'canary', { stage: 'exit', artifact: A });
    await shop.expect('promote', '1.1', 'canary', { artifact: B });
    await shop.report('1.1', 'canary', { state: 'deployed', artifact: B });
    gate.minutes(5);
    shop.counts(360, 1000, 'version="1.1"');
    await shop.expect('rollback', '1.1', 'canary', { stage: 'exit' });
    expect((await shop.report('1.1', 'canary', { state: 'rolled-back', reason: 'errors' })).status).toBe(200);
    const back = await shop.report('1.0', 'canary', { state: 'deployed' });
    expect(back.body).toMatchObject({ artifact: null, ungated: false, life: { origin: 'restored', phase: 'proven' } });
    expect(await releaseOf(shop, '1.0')).toMatchObject({ artifact: A, live: ['canary'] });
    const story = await gate.call('GET', `/releases/${shop.service}@1.0/story`);
    expect(JSON.stringify(story.body)).toMatch(/put back[^"]*artifact not stated/);
  });

  it('may be demanded by the plan from the first question on', async () => {
    const shop = await begin({ plan: { artifact: 'required' } });
    const held = await shop.ask('1.0', 'canary');
    expect([held.status, causes(held.body)]).toEqual([423, ['artifact-missing']]);
    expect(held.body.summary).toContain('artifact');
    await shop.expect('promote', '1.0', 'canary', { artifact: A });
    const { service } = shop;
    const plan = (await gate.call('GET', `/services/${service}`, { as: 'configurator' })).body;
    expect(plan).toMatchObject({ artifact: 'required' });
    const wrong = await gate.call('PUT', `/services/${service}`, {
      as: 'configurator',
      body: { ...plan, artifact: 'always' },
    });
    expect([wrong.status, wrong.body.errors]).toMatchObject([400, [{ pointer: '/artifact' }]]);
  });

  it('takes a promise back that was given before it was stated: validity and Idempotency-Key agree', async () => {
    const shop = await begin();
    const path = `/gates/${shop.service}@1.0/canary`;
    const headers = { 'Idempotency-Key': 'build-812' };
    const first = await gate.call('GET', path, { headers });
    expect((await gate.call('GET', path, { headers })).headers.get('idempotency-replayed')).toBe('true');
    await shop.expect('promote', '1.0', 'canary', { artifact: A });
    const { body } = await gate.call('GET', `/decisions/${first.body.id}/validity`);
    expect(body).toMatchObject({ stands: false, because: expect.stringContaining(A) });
    const again = await gate.call('GET', path, { headers });
    expect([again.status, causes(again.body)]).toEqual([423, ['artifact-missing']]);
    expect(again.body.follows).toBe(first.body.id);
  });

  it('is shown by decisions, releases and the story, and what was not stated as such', async () => {
    const shop = await begin();
    expect(await shop.expect('promote', '1.0', 'canary')).toMatchObject({ artifact: null });
    await shop.report('1.0', 'canary', { state: 'deployed', artifact: A });
    const { id } = await shop.expect('hold', '1.0', 'early', { artifact: B });
    expect((await gate.call('GET', `/decisions/${id}`)).body).toMatchObject({ artifact: B });
    const list = await gate.call('GET', `/releases?service=${shop.service}`);
    expect(list.body.items).toMatchObject([{ version: '1.0', artifact: A }]);
    const story = await gate.call('GET', `/releases/${shop.service}@1.0/story`);
    const told = story.body.rings[0].events.map(({ because }: { because: string }) => because);
    expect(told[0]).toContain('promised canary, artifact not stated.');
    expect(told[1]).toContain(`deployed to canary as ${A}.`);
    const reports = await gate.call('GET', `/audit/entries?kind=report&service=${shop.service}`, { as: 'auditor' });
    expect(reports.body.items[0].body).toMatchObject({ artifact: A });
  });
});
