import { describe, expect, it } from 'vitest';
import type { MetricProviders } from '../../src/app/ports.ts';
import { replayEntry } from '../../src/app/replay-decision.ts';
import { report } from '../../src/app/reports.ts';
import { aRule, aService } from '../support/builders.ts';
import { aWorld, counts, PIPELINE, type World } from '../support/world.ts';

/** `1` runs in canary, and nobody has asked about it since it began to fail. */
async function failing(rule = aRule()): Promise<World> {
  const world = await aWorld(aService(), { errors: rule });
  await world.ask('1', 'canary');
  await world.report('1', 'canary', { state: 'deployed' });
  world.minutes(5);
  world.answer = counts(300, 1000);
  return world;
}

const markOf = async (world: World) => (await world.ports.store.release('checkout', '1'))?.mark ?? null;
const lastCommit = (world: World) => world.ports.store.commits.at(-1);
const judged = (world: World) => lastCommit(world)?.also ?? [];

describe('A report that ends a stay', () => {
  it.each(['abandoned', 'rolled-back', 'failed'] as const)(
    '%s marks a release that nobody asked about while it did harm',
    async (state) => {
      const world = await failing();
      await world.report('1', 'canary', { state });
      expect(await markOf(world)).toMatchObject({ reason: 'errors: objective-breached' });
      const decision = await world.ask('1', 'canary');
      expect(decision.findings[0]).toMatchObject({ cause: 'rolled-back-earlier', clears: 'by-person' });
    },
  );

  it('is recorded with the decision that found the harm, which names it and replays by itself', async () => {
    const world = await failing();
    const { entry } = await world.report('1', 'canary', { state: 'abandoned' });
    const [own] = judged(world);
    expect((await markOf(world))?.decision).toBe(own?.id);
    expect(JSON.parse(lastCommit(world)?.entry.body ?? '')).toMatchObject({
      id: entry,
      kind: 'report',
      judged: own?.id,
    });
    const caller = { kind: 'system', id: null, name: 'ringgate', for: entry };
    expect(JSON.parse(own?.body ?? '')).toMatchObject({ kind: 'decision', stage: 'exit', verdict: 'rollback', caller });
    expect(replayEntry(own?.body ?? '', '9.9.9')).toMatchObject({ verdictIdentical: true, bytesIdentical: true });
  });

  it('marks nothing and proves nothing of a release that is well', async () => {
    const world = await failing();
    world.answer = counts(0, 1000);
    world.minutes(15);
    await world.report('1', 'canary', { state: 'abandoned' });
    expect(judged(world)).toHaveLength(1);
    expect(await markOf(world)).toBeNull();
    expect(await world.ports.store.lives('checkout', '1')).toMatchObject([{ end: 'abandoned', provenAt: null }]);
  });

  it('is recorded in any case: what is not known within three seconds is no harm', async () => {
    const world = await failing();
    let given = 0;
    const providers: MetricProviders = {
      ask: async (_, question, withinMs) => {
        given = withinMs;
        return { ...question, infos: [], measurement: { kind: 'deadline-exceeded' } };
      },
    };
    const release = { service: 'checkout', version: '1' };
    await report({ ...world.ports, providers }, PIPELINE, release, 'canary', { state: 'abandoned' });
    expect(given).toBeGreaterThan(0);
    expect(given).toBeLessThanOrEqual(3000);
    expect(await world.ports.store.lives('checkout', '1')).toMatchObject([{ end: 'abandoned' }]);
    expect(await markOf(world)).toBeNull();
  });

  it.each([
    ['says what the harm was', aRule(), { state: 'rolled-back', reason: 'looks bad' }],
    [
      'is about a release that no rule may roll back',
      aRule({ limits: { window: '10m', hold: { above: 0.01 } } }),
      { state: 'abandoned' },
    ],
  ] as const)('judges nothing where it %s', async (_, rule, request) => {
    const world = await failing(rule);
    await world.report('1', 'canary', request);
    expect(judged(world)).toEqual([]);
  });

  it('judges nothing that runs by the word of a question alone, or does not run there', async () => {
    const world = await failing();
    world.answer = counts(0, 1000);
    await world.ask('2', 'canary', 'exit', { running: { statedAt: null } });
    world.answer = counts(300, 1000);
    await world.report('2', 'canary', { state: 'abandoned' });
    expect(judged(world)).toEqual([]);
    await world.report('1', 'early', { state: 'abandoned' });
    expect(judged(world)).toEqual([]);
  });

  it('judges once more when the state changes under it, and records one of both', async () => {
    const world = await failing();
    world.ports.store.beforeAppend = async () => world.ports.store.touch('service/checkout');
    await world.report('1', 'canary', { state: 'abandoned' });
    const decisions = world.ports.store
      .bodies()
      .filter(({ kind, verdict }) => kind === 'decision' && verdict === 'rollback');
    expect(decisions).toHaveLength(1);
    expect(await markOf(world)).not.toBeNull();
  });
});
