import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRingRule, aRule, aServiceRule } from '../support/builders.ts';
import { type EngineKind, engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { aPipeline, type Pipeline } from '../support/pipeline.ts';

/** What happens to pipelines in real life, told over HTTP on both engines. The clock is the test's. */
const causes = (body: { findings: { cause: string; countedAs: string | null }[] }, as: string) =>
  body.findings.filter((finding) => finding.countedAs === as).map((finding) => finding.cause);

const counted = (body: { findings: { cause: string; countedAs: string | null }[] }) =>
  body.findings.filter((finding) => finding.countedAs !== null).map((finding) => finding.cause);

describe.each(engineKinds)('Stories of pipelines on %s', (kind: EngineKind) => {
  let engine: TestEngine;
  let gate: Gate;
  const running: Pipeline[] = [];
  const begin = async (setup: Parameters<typeof aPipeline>[1] = {}): Promise<Pipeline> => {
    const pipeline = await aPipeline(gate, setup);
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

  it('lets the same release ask for canary twice: the second ask renews the promise and is not held by the first', async () => {
    const shop = await begin();
    const first = await shop.expect('promote', '1.0', 'canary');
    gate.minutes(10);
    const second = await shop.expect('promote', '1.0', 'canary');
    expect(Date.parse(second.validUntil) - Date.parse(first.validUntil)).toBeGreaterThanOrEqual(600_000);
    gate.minutes(10);
    const report = await shop.report('1.0', 'canary', { state: 'deployed' });
    expect(report.body).toMatchObject({ ungated: false, life: { phase: 'live', n: 1 } });
    await shop.expect('promote', '1.0', 'canary');
  });

  it('survives a lost response: asking again gives the promise again, and one life comes of it', async () => {
    const shop = await begin();
    await shop.ask('1.0', 'canary');
    await shop.expect('promote', '1.0', 'canary');
    await shop.report('1.0', 'canary', { state: 'deployed' });
    const again = await shop.report('1.0', 'canary', { state: 'deployed' });
    expect(again.body).toMatchObject({ ungated: false, life: { n: 1 } });
    const release = await gate.call('GET', `/releases/${shop.service}@1.0`);
    expect(release.body.lives).toHaveLength(1);
  });

  it('keeps a promise whose build was aborted to its own release: three hours later others come in, and the re-run is let in anew', async () => {
    const shop = await begin({ plan: { deployments: 'reported' } });
    await shop.expect('promote', '1.0', 'canary');
    gate.minutes(180);
    const held = await shop.ask('1.0', 'canary', { stage: 'exit' });
    expect(held.status).toBe(429);
    expect(causes(held.body, 'hold')).toContain('previous-ring-missing');
    await shop.expect('promote', '1.1', 'canary');
    gate.minutes(16);
    await shop.expect('promote', '1.0', 'canary');
    expect((await shop.report('1.0', 'canary', { state: 'deployed' })).body.ungated).toBe(false);
  });

  it('keeps the fix when the old build is run again after its rollback', async () => {
    const shop = await begin();
    await shop.proves('1.0', 'canary');
    await shop.expect('promote', '1.1', 'canary');
    await shop.report('1.1', 'canary', { state: 'deployed' });
    shop.counts(100, 1000, 'version="1.1"');
    gate.minutes(5);
    const bad = await shop.expect('rollback', '1.1', 'canary', { stage: 'exit' });
    expect(bad.rollback).toEqual({ rings: ['canary'], to: { canary: `${shop.service}@1.0` } });
    await shop.report('1.1', 'canary', { state: 'rolled-back' });
    expect((await shop.report('1.0', 'canary', { state: 'deployed' })).body).toMatchObject({
      ungated: false,
      life: { phase: 'proven', origin: 'restored' },
    });
    await shop.proves('1.2', 'canary');
    const again = await shop.ask('1.1', 'canary');
    expect(again.status).toBe(423);
    expect(causes(again.body, 'hold')).toContain('rolled-back-earlier');
    const rollout = await gate.call('GET', `/services/${shop.service}/rollout`);
    expect(rollout.body.rings[0]).toMatchObject({ occupant: `${shop.service}@1.2`, phase: 'proven' });
  });

  it('rolls the fix forward over an occupant that is marked for rollback', async () => {
    const shop = await begin();
    await shop.expect('promote', '1.1', 'canary');
    await shop.report('1.1', 'canary', { state: 'deployed' });
    shop.counts(100, 1000, 'version="1.1"');
    gate.minutes(5);
    const bad = await shop.expect('rollback', '1.1', 'canary');
    expect(bad.rollback.to).toEqual({ canary: null });
    expect((await shop.ask('1.1', 'early')).status).toBe(409);
    await shop.expect('promote', '1.2', 'canary');
    await shop.report('1.2', 'canary', { state: 'deployed' });
    expect(causes((await shop.ask('1.1', 'canary')).body, 'hold')).toContain('rolled-back-earlier');
  });

  it('clears a mark with a reason, by an operator only, and starts again at the first ring', async () => {
    const shop = await begin();
    await shop.expect('promote', '1.0', 'canary');
    await shop.report('1.0', 'canary', { state: 'deployed' });
    shop.counts(100, 1000);
    gate.minutes(5);
    await shop.expect('rollback', '1.0', 'canary', { stage: 'exit' });
    const clear = (as: 'pipeline' | 'operator', body: unknown) =>
      gate.call('POST', `/releases/${shop.service}@1.0/rollback/clear`, { body, as });
    expect((await clear('pipeline', { reason: 'please' })).status).toBe(403);
    expect((await clear('operator', {})).status).toBe(400);
    expect((await clear('operator', { reason: 'the dashboard was wrong' })).body).toMatchObject({
      mark: null,
      live: [],
    });
    shop.counts(0, 1000);
    const early = await shop.ask('1.0', 'early');
    expect(causes(early.body, 'hold')).toContain('previous-ring-missing');
    await shop.proves('1.0', 'canary');
    await shop.expect('promote', '1.0', 'early');
  });

  it('answers rollback for a failed deployment, never sticky, and lets it be repeated under the same promise', async () => {
    const shop = await begin();
    await shop.expect('promote', '1.0', 'canary');
    await shop.report('1.0', 'canary', { state: 'failed', reason: 'image not found' });
    const failed = await shop.expect('rollback', '1.0', 'canary', { stage: 'exit' });
    expect(causes(failed, 'rollback')).toEqual(['deployment-failed']);
    expect(failed.rollback.rings).toEqual(['canary']);
    expect((await shop.report('1.0', 'canary', { state: 'deployed' })).body).toMatchObject({
      ungated: false,
      life: { n: 2, phase: 'live' },
    });
    gate.minutes(16);
    await shop.expect('promote', '1.0', 'canary', { stage: 'exit' });
  });

  it('lets a failed deployment start over after the old version was put back', async () => {
    const shop = await begin();
    await shop.proves('1.0', 'canary');
    await shop.expect('promote', '1.1', 'canary');
    await shop.report('1.1', 'canary', { state: 'failed' });
    expect((await shop.expect('rollback', '1.1', 'canary')).rollback.to).toEqual({ canary: `${shop.service}@1.0` });
    await shop.report('1.1', 'canary', { state: 'rolled-back' });
    await shop.report('1.0', 'canary', { state: 'deployed' });
    await shop.expect('promote', '1.1', 'canary');
  });

  it('queues merges that come every ten minutes: one at a time proves itself, and each waits for the one before', async () => {
    const shop = await begin({ plan: { concurrency: 'queue' } });
    await shop.expect('promote', '1', 'canary');
    await shop.report('1', 'canary', { state: 'deployed' });
    gate.minutes(10);
    const waiting = await shop.ask('2', 'canary');
    expect(waiting.status).toBe(429);
    expect(Number(waiting.headers.get('retry-after'))).toBeGreaterThanOrEqual(5);
    expect(Number(waiting.headers.get('retry-after'))).toBeLessThanOrEqual(30);
    expect(causes(waiting.body, 'hold')).toEqual(['ring-occupied']);
    expect(waiting.body.earliestPromoteAt).not.toBeNull();
    gate.minutes(10);
    await shop.expect('promote', '1', 'canary', { stage: 'exit' });
    await shop.expect('promote', '2', 'canary');
    await shop.report('2', 'canary', { state: 'deployed' });
    await shop.expect('promote', '1', 'early');
  });

  it('supersedes merges that come every ten minutes: the newest goes on, the unproven older one is told so', async () => {
    const shop = await begin({ plan: { concurrency: 'supersede' } });
    for (const version of ['1', '2', '3']) {
      await shop.expect('promote', version, 'canary');
      await shop.report(version, 'canary', { state: 'deployed' });
      gate.minutes(10);
    }
    const older = await shop.ask('2', 'canary', { stage: 'exit' });
    expect(older.status).toBe(423);
    expect(causes(older.body, 'hold')).toContain('superseded');
    gate.minutes(6);
    await shop.expect('promote', '3', 'canary', { stage: 'exit' });
    await shop.expect('promote', '3', 'early');
  });

  it('takes the word of a pipeline that deployed without a promise for harm, but not as a predecessor, until an operator adopts it', async () => {
    const shop = await begin();
    const deployed = (await shop.report('6.6', 'canary', { state: 'deployed' })).body;
    expect(deployed).toMatchObject({ ungated: true, late: false });
    gate.minutes(61);
    const early = await shop.ask('6.6', 'early');
    expect(early.status).toBe(423);
    expect(causes(early.body, 'hold')).toContain('previous-ring-missing');
    expect(
      (await shop.report('6.6', 'canary', { state: 'deployed', ungated: true, reason: 'gate was down' })).status,
    ).toBe(403);
    const adopt = await shop.report(
      '6.6',
      'canary',
      { state: 'deployed', ungated: true, reason: 'gate was down', at: deployed.life.liveAt },
      'operator',
    );
    expect(adopt.body).toMatchObject({ ungated: false, life: { origin: 'adopted' } });
    await shop.expect('promote', '6.6', 'early');
    shop.counts(100, 1000, 'version="6.6"');
    gate.minutes(5);
    await shop.expect('rollback', '6.6', 'canary');
  });

  it('walks two rings in parallel and joins after both', async () => {
    const rings = [
      { name: 'canary', bake: '15m' },
      { name: 'eu', bake: '15m', after: ['canary'] },
      { name: 'us', bake: '15m', after: ['canary'] },
      { name: 'rest', bake: '15m', after: ['eu', 'us'] },
    ];
    const shop = await begin({ plan: { rings } });
    await shop.proves('1.0', 'canary');
    await shop.expect('promote', '1.0', 'eu');
    await shop.report('1.0', 'eu', { state: 'deployed' });
    shop.counts(0, 5, 'ring="eu"');
    await shop.expect('promote', '1.0', 'us');
    await shop.report('1.0', 'us', { state: 'deployed' });
    gate.minutes(16);
    await shop.expect('promote', '1.0', 'us', { stage: 'exit' });
    expect(causes((await shop.ask('1.0', 'rest')).body, 'hold')).toContain('too-few-events');
    shop.counts(0, 500, 'ring="eu"');
    const joined = await shop.expect('promote', '1.0', 'rest');
    expect(joined.live).toEqual(['canary', 'eu', 'us']);
  });

  it('holds and does not roll back when the whole service is down while an innocent release is live', async () => {
    const rules = { whole: aServiceRule(), errors: aRule() };
    const shop = await begin({ rules });
    await shop.proves('1.0', 'canary');
    shop.counts(900, 1000);
    shop.counts(0, 1000, 'version="1.0"');
    const held = await shop.expect('hold', '1.0', 'early');
    expect(held.findings.find((f: { rule?: string }) => f.rule === 'whole')).toMatchObject({
      cause: 'objective-at-risk',
      countedAs: 'hold',
    });
  });

  it.each([
    ['a third of its requests in its second minute', 0.33, 60],
    ['all of its requests in its second minute', 1, 60],
    ['all of its requests in its sixth minute', 1, 300],
  ])('holds and does not roll back for one noisy minute at 1 rps that fails %s', async (_what, share, before) => {
    const shop = await begin();
    await shop.expect('promote', '1.0', 'canary');
    const born = Date.parse((await shop.report('1.0', 'canary', { state: 'deployed' })).body.life.liveAt) / 1000;
    const noisy = born + before;
    shop.simulates((second) => {
      if (second <= born) return { bad: 0, total: 0 };
      return { bad: second > noisy && second <= noisy + 60 ? share : 0, total: 1 };
    });
    const seen = new Set<string>();
    for (let asked = 0; asked < 80; asked += 1) {
      gate.minutes(0.25);
      const answer = await shop.ask('1.0', 'canary', { stage: 'exit' });
      seen.add(String(answer.headers.get('gate-verdict')));
      for (const cause of counted(answer.body)) seen.add(cause);
    }
    expect(seen).toContain('objective-at-risk');
    expect(seen).not.toContain('rollback');
    expect(seen).toContain('promote');
  });

  it('rolls back a release that fails a tenth of its requests at 1 rps and goes on doing so', async () => {
    const shop = await begin();
    await shop.expect('promote', '1.0', 'canary');
    const born = Date.parse((await shop.report('1.0', 'canary', { state: 'deployed' })).body.life.liveAt) / 1000;
    shop.simulates((second) => (second <= born ? { bad: 0, total: 0 } : { bad: 0.1, total: 1 }));
    const verdicts: string[] = [];
    for (let asked = 0; asked < 30; asked += 1) {
      gate.minutes(0.25);
      verdicts.push(String((await shop.ask('1.0', 'canary', { stage: 'exit' })).headers.get('gate-verdict')));
    }
    expect(verdicts.at(-1)).toBe('rollback');
    expect(verdicts).not.toContain('promote');
  });

  it('does not blame a release for its ring when another one entered it within the window', async () => {
    const shop = await begin({ plan: { concurrency: 'supersede' }, rules: { ring: aRingRule() } });
    await shop.expect('promote', '1', 'canary');
    await shop.report('1', 'canary', { state: 'deployed' });
    gate.minutes(4);
    await shop.expect('promote', '2', 'canary');
    await shop.report('2', 'canary', { state: 'deployed' });
    shop.counts(100, 1000);
    gate.minutes(4);
    expect(causes(await shop.expect('hold', '2', 'canary'), 'hold')).toContain('objective-at-risk');
    await shop.expect('promote', '3', 'canary').catch(() => undefined);
  });

  it('rolls back by a ring rule when the release is the only one that entered the ring within the window', async () => {
    const shop = await begin({ rules: { ring: aRingRule() } });
    await shop.expect('promote', '1', 'canary');
    await shop.report('1', 'canary', { state: 'deployed' });
    shop.counts(100, 1000);
    gate.minutes(5);
    expect(causes(await shop.expect('rollback', '1', 'canary'), 'rollback')).toEqual(['objective-breached']);
  });

  it('fixes the artifact at the first ring and holds when another one is stated later', async () => {
    const shop = await begin();
    const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
    await shop.expect('promote', '1.0', 'canary', { artifact: digest('a') });
    await shop.expect('promote', '1.0', 'canary', { artifact: digest('a') });
    const changed = await shop.ask('1.0', 'canary', { artifact: digest('b') });
    expect(changed.status).toBe(423);
    expect(causes(changed.body, 'hold')).toEqual(['artifact-changed']);
  });

  it('lets a settled release hold instead of rolling it back', async () => {
    const shop = await begin();
    for (const ring of ['canary', 'early', 'global']) await shop.proves('1.0', ring);
    shop.counts(100, 1000);
    const held = await shop.expect('hold', '1.0', 'global', { stage: 'exit' });
    expect(causes(held, 'hold')).toContain('objective-breached');
  });

  it('advises only, when the plan says so: told promote, state goes on, recorded as advised', async () => {
    const shop = await begin({ plan: { enforcement: 'advise' } });
    const answer = await shop.ask('1.0', 'early');
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'gate-verdict': 'promote',
      'gate-verdict-advised': 'hold',
      'gate-enforced': 'false',
    });
    expect(answer.body).toMatchObject({ verdict: 'promote', advised: 'hold', enforced: false });
    expect((await shop.report('1.0', 'early', { state: 'deployed' })).body.ungated).toBe(false);
  });

  it('changes no state in a dry run, and records it as one', async () => {
    const shop = await begin();
    const dry = await shop.expect('promote', '1.0', 'canary', { dryRun: 'true' });
    expect(dry).toMatchObject({ dryRun: true, validUntil: null });
    expect((await shop.report('1.0', 'canary', { state: 'deployed' })).body.ungated).toBe(true);
    const recorded = await gate.call('GET', `/decisions/${dry.id}`, { as: 'auditor' });
    expect(recorded.body).toMatchObject({ dryRun: true, verdict: 'promote' });
  });

  it('counts bake and life without reports when the plan assumes deployments', async () => {
    const shop = await begin();
    await shop.expect('promote', '1.0', 'canary');
    gate.minutes(2);
    const baking = await shop.expect('hold', '1.0', 'early');
    expect(baking.findings.find((f: { check: string }) => f.check === 'bake')).toMatchObject({
      cause: 'baking',
      evidence: { required: '15m' },
    });
    gate.minutes(14);
    expect(causes(await shop.expect('hold', '1.0', 'early'), 'hold')).toContain('baking');
    gate.minutes(2);
    await shop.expect('promote', '1.0', 'early');
  });

  it('waits for the report when the plan does not assume deployments', async () => {
    const shop = await begin({ plan: { deployments: 'reported' } });
    await shop.expect('promote', '1.0', 'canary');
    gate.minutes(14);
    const held = await shop.ask('1.0', 'canary', { stage: 'exit' });
    expect(held.status).toBe(429);
    expect(causes(held.body, 'hold')).toContain('previous-ring-missing');
    await shop.report('1.0', 'canary', { state: 'deployed' });
    expect(causes((await shop.ask('1.0', 'canary', { stage: 'exit' })).body, 'hold')).toContain('baking');
  });

  it('refuses a pipeline that backdates a deployment, and believes an operator who adopts it with an instant', async () => {
    const shop = await begin();
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    const backdated = await shop.report('1.0', 'canary', { state: 'deployed', at: hoursAgo(100) });
    expect(backdated.status).toBe(400);
    expect(backdated.body.errors[0].pointer).toBe('/at');
    await shop.report('1.0', 'canary', { state: 'deployed' });
    const at = hoursAgo(3);
    const adopted = await shop.report(
      '1.0',
      'canary',
      { state: 'deployed', ungated: true, reason: 'gate was down', at },
      'operator',
    );
    expect(adopted.body.life).toMatchObject({ origin: 'adopted', liveAt: at });
  });

  it('never names a release as the way back that had to be taken back itself', async () => {
    const shop = await begin();
    await shop.proves('1', 'canary');
    await shop.expect('promote', '2', 'canary');
    await shop.report('2', 'canary', { state: 'failed' });
    await shop.report('2', 'canary', { state: 'rolled-back' });
    await shop.report('1', 'canary', { state: 'rolled-back' });
    await shop.expect('promote', '3', 'canary');
    await shop.report('3', 'canary', { state: 'failed' });
    expect((await shop.expect('rollback', '3', 'canary')).rollback.to).toEqual({ canary: null });
    const rollout = await gate.call('GET', `/services/${shop.service}/rollout`);
    expect(rollout.body.rings[0].lastProven).toBeNull();
  });

  it('keeps the ring for the repetition of a failed deployment until it is given up or its lease ends', async () => {
    const shop = await begin();
    await shop.expect('promote', '1', 'canary');
    await shop.report('1', 'canary', { state: 'failed' });
    const held = await shop.expect('hold', '2', 'canary');
    expect(causes(held, 'hold')).toEqual(['ring-occupied']);
    await shop.report('1', 'canary', { state: 'rolled-back' });
    await shop.expect('promote', '2', 'canary');
    expect((await shop.report('1', 'canary', { state: 'deployed' })).body.ungated).toBe(true);
  });

  it('clears only what is marked or superseded', async () => {
    const shop = await begin();
    await shop.proves('1.0', 'canary');
    const body = { reason: 'a typo' };
    const clear = await gate.call('POST', `/releases/${shop.service}@1.0/rollback/clear`, { body, as: 'operator' });
    expect(clear.status).toBe(409);
    expect((await gate.call('GET', `/releases/${shop.service}@1.0`)).body.live).toEqual(['canary']);
  });

  it('lets a plan lengthen the time in which harm still rolls back', async () => {
    const shop = await begin({ plan: { rollbackWithin: '48h', rings: [{ name: 'canary', bake: '15m' }] } });
    await shop.proves('1.0', 'canary');
    shop.counts(100, 1000);
    gate.minutes(24 * 60);
    await shop.expect('rollback', '1.0', 'canary', { stage: 'exit' });
  });

  it('lets a plan shorten the time in which harm still rolls back', async () => {
    const shop = await begin({ plan: { rollbackWithin: '10m', rings: [{ name: 'canary', bake: '15m' }] } });
    await shop.expect('promote', '1.0', 'canary');
    await shop.report('1.0', 'canary', { state: 'deployed' });
    shop.counts(100, 1000);
    gate.minutes(11);
    expect(causes(await shop.expect('hold', '1.0', 'canary', { stage: 'exit' }), 'hold')).toContain(
      'objective-breached',
    );
  });

  it('tells of deployments and proofs that later asks have implied', async () => {
    const shop = await begin();
    await shop.expect('promote', '1.0', 'canary');
    gate.minutes(1);
    await shop.expect('hold', '1.0', 'early');
    gate.minutes(16);
    await shop.expect('promote', '1.0', 'early');
    const { body } = await gate.call('GET', `/releases/${shop.service}@1.0/story`);
    const what = (ring: number) => body.rings[ring].events.map((event: { what: string }) => event.what);
    expect(what(0)).toEqual(['promised', 'deployed', 'proven']);
    expect(what(1)).toEqual(['held', 'promised']);
  });

  it('tells the whole story of a release in order', async () => {
    const shop = await begin();
    await shop.proves('1.0', 'canary');
    const { body } = await gate.call('GET', `/releases/${shop.service}@1.0/story`);
    expect(body.rings[0].events.map((event: { what: string }) => event.what)).toEqual([
      'promised',
      'deployed',
      'proven',
    ]);
    expect(body.rings[0].events[0]).toMatchObject({ by: 'a-pipeline', ungated: false });
  });
});
