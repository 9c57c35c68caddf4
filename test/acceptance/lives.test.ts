import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EngineKind, engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { aPipeline, type Pipeline } from '../support/pipeline.ts';

/** What a release may be in a ring, over HTTP on both engines. The clock is the test's. */
const now = (answer: { body: { decidedAt: string } }): string => answer.body.decidedAt;
const held = (body: { findings: { check: string; countedAs: string | null }[] }, check: string) =>
  body.findings.find((finding) => finding.check === check && finding.countedAs === 'hold');

describe.each(engineKinds)('Lives of releases on %s', (kind: EngineKind) => {
  let engine: TestEngine;
  let gate: Gate;
  const running: Pipeline[] = [];
  const begin = async (plan: object = {}): Promise<Pipeline> => {
    const pipeline = await aPipeline(gate, { plan: { deployments: 'reported', ...plan } });
    running.push(pipeline);
    return pipeline;
  };

  beforeAll(async () => {
    engine = await openEngine(kind);
    gate = await startGate(engine);
  });
  afterAll(async () => {
    await gate.stop();
    for (const pipeline of running) await pipeline.stop();
    await engine.destroy();
  });

  it('go back ring by ring: what still runs is answered rollback, whichever ring is asked about', async () => {
    const shop = await begin();
    await shop.proves('1', 'canary');
    await shop.expect('promote', '1', 'early');
    await shop.report('1', 'early', { state: 'deployed' });
    shop.counts(300, 1000);
    gate.minutes(5);
    expect((await shop.expect('rollback', '1', 'early', { stage: 'exit' })).rollback.rings).toEqual([
      'canary',
      'early',
    ]);
    await shop.report('1', 'canary', { state: 'rolled-back' });
    expect((await shop.expect('rollback', '1', 'canary')).rollback.rings).toEqual(['early']);
    const { body } = await gate.call('GET', `/services/${shop.service}/rollout`);
    expect(body.rings[1]).toMatchObject({ occupant: `${shop.service}@1` });
    await shop.report('1', 'early', { state: 'rolled-back' });
    expect((await shop.ask('1', 'canary')).status).toBe(423);
  });

  it('count as let in when the deployment began in time, and are late where nothing says so', async () => {
    const shop = await begin();
    const startedAt = now(await shop.ask('1', 'canary'));
    gate.minutes(20);
    const late = await shop.report('1', 'canary', { state: 'deployed' });
    expect(late.body).toMatchObject({ ungated: false, late: true, life: { origin: 'late' } });
    const exit = await shop.expect('hold', '1', 'canary', { stage: 'exit' });
    expect(held(exit, 'order')).toMatchObject({
      action: { who: 'pipeline', do: expect.stringContaining('startedAt') },
    });
    const gated = await shop.report('1', 'canary', { state: 'deployed', startedAt });
    expect(gated.body).toMatchObject({ late: false, life: { origin: 'gated', startedAt } });
    gate.minutes(16);
    await shop.expect('promote', '1', 'canary', { stage: 'exit' });
  });

  it('are assumed with the next question, long after the lease, where a plan assumes deployments', async () => {
    const shop = await begin({ deployments: 'assumed' });
    await shop.expect('promote', '1', 'canary');
    gate.minutes(60);
    expect((await shop.ask('1', 'early')).status).toBe(429);
    gate.minutes(16);
    await shop.expect('promote', '1', 'early');
  });

  it('do not pass a newer one that came through before, unless occupancy is overridden', async () => {
    const shop = await begin();
    await shop.proves('1', 'canary');
    await shop.proves('2', 'canary');
    await shop.expect('promote', '2', 'early');
    await shop.report('2', 'early', { state: 'deployed' });
    gate.minutes(61);
    await shop.expect('promote', '2', 'early', { stage: 'exit' });
    const hold = await shop.expect('hold', '1', 'early');
    expect(held(hold, 'occupancy')).toMatchObject({ cause: 'superseded', clears: 'by-person' });
    const back = await shop.report('1', 'canary', { state: 'deployed' });
    expect(back.body).toMatchObject({ life: { origin: 'restored', phase: 'proven' } });
  });

  it('want the bake and the evidence of a ring that was skipped by an override of order', async () => {
    const shop = await begin();
    const expiresAt = new Date(Date.parse(now(await shop.ask('9', 'global', { dryRun: 'true' }))) + 3_600_000);
    const body = {
      ...{ release: `${shop.service}@9`, rings: ['global'], checks: ['order', 'approval'] },
      ...{ reason: 'the fix for incident 4711 cannot wait', expiresAt: expiresAt.toISOString() },
    };
    expect((await gate.call('POST', '/overrides', { body, as: 'operator' })).status).toBe(201);
    const hold = await shop.expect('hold', '9', 'global');
    expect(held(hold, 'measured')).toMatchObject({ cause: 'nothing-measured', clears: 'by-person' });
  });

  it('lose their lease by a halt, for good, and a report names it', async () => {
    const shop = await begin();
    const promised = await shop.expect('promote', '1', 'canary');
    gate.minutes(1);
    const halt = { scope: { service: shop.service }, reason: 'Payments are down' };
    const { body } = await gate.call('POST', '/halts', { body: halt, as: 'operator' });
    await gate.call('POST', `/halts/${body.id}/lift`, { body: {}, as: 'operator' });
    const validity = await gate.call('GET', `/decisions/${promised.id}/validity`, { as: 'auditor' });
    expect(validity.body).toMatchObject({ stands: false, because: expect.stringContaining('Payments are down') });
    gate.minutes(1);
    const late = await shop.report('1', 'canary', { state: 'deployed' });
    expect(late.body).toMatchObject({ late: true, life: { recalled: { halt: body.id } } });
    const gated = await shop.report('1', 'canary', { state: 'deployed', startedAt: promised.decidedAt });
    expect(gated.body).toMatchObject({ late: false, life: { origin: 'gated' } });
  });

  it('count bake from the report, and prove nothing for ever once they are gone', async () => {
    const shop = await begin({ proofFor: '2d' });
    const first = now(await shop.ask('1', 'canary'));
    gate.minutes(14);
    await shop.expect('promote', '1', 'canary');
    const backdated = await shop.report('1', 'canary', { state: 'deployed', at: first });
    expect(backdated).toMatchObject({ status: 400, body: { errors: [{ pointer: '/at' }] } });
    await shop.report('1', 'canary', { state: 'deployed' });
    gate.minutes(16);
    await shop.expect('promote', '1', 'canary', { stage: 'exit' });
    await shop.proves('2', 'canary');
    gate.minutes(2 * 24 * 60 + 1);
    expect(held(await shop.expect('hold', '1', 'early'), 'order')).toMatchObject({ evidence: { state: 'faded' } });
  });

  it('cannot be dated back by a pipeline to serve bake, or to keep the evidence of a stay that is over', async () => {
    const shop = await begin();
    const later = (at: string, minutes: number) => new Date(Date.parse(at) + minutes * 60_000).toISOString();
    const letIn = later(now(await shop.ask('1', 'canary')), 1);
    gate.minutes(20 * 60);
    const dated = await shop.report('1', 'canary', { state: 'deployed', at: letIn });
    const { liveAt } = dated.body.life;
    expect(dated.body).toMatchObject({ late: false, life: { origin: 'gated' } });
    expect(Date.parse(liveAt)).toBeGreaterThan(Date.parse(letIn) + 19 * 3_600_000);
    for (const as of ['pipeline', 'operator'] as const) {
      const refused = await shop.report('1', 'canary', { state: 'abandoned', at: letIn }, as);
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '/at' }] } });
      expect(refused.body.errors[0].message).toContain(
        `${letIn} lies before the stay of 1 in canary began, at ${liveAt}`,
      );
    }
    gate.minutes(5);
    const ended = await shop.report('1', 'canary', { state: 'abandoned', at: later(liveAt, 1) });
    expect(Date.parse(ended.body.life.endedAt)).toBeGreaterThan(Date.parse(liveAt) + 19 * 60_000);
    const unpromised = await shop.report('1', 'canary', { state: 'deployed', at: later(liveAt, 2) });
    expect(unpromised).toMatchObject({ status: 400, body: { errors: [{ pointer: '/at' }] } });
  });
});
