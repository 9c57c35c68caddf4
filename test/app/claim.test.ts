import { describe, expect, it } from 'vitest';
import { standingLives } from '../../src/app/references.ts';
import { getRelease, rollout } from '../../src/app/releases.ts';
import { aRingRule, aRule, aService } from '../support/builders.ts';
import { requestBy } from '../support/memory-ports.ts';
import { aWorld, counts, OPERATOR, type World } from '../support/world.ts';

const RUNNING = { running: { statedAt: '/query/running' } };
const livesOf = (world: World, version: string) => world.ports.store.lives('checkout', version);
const markOf = async (world: World, version: string) =>
  (await world.ports.store.release('checkout', version))?.mark?.reason ?? null;
const claims = (world: World, version: string, more: object = {}) =>
  world.ask(version, 'canary', 'exit', { ...RUNNING, ...more });
const bad =
  (version: string): World['answer'] =>
  (question) =>
    counts(question.query.includes(`"${version}"`) ? 300 : 0, 1000)(question);
/** `1` has been let into canary, runs there and bakes. */
async function withOne(plan = {}, rules: Parameters<typeof aWorld>[1] = { errors: aRule() }): Promise<World> {
  const world = await aWorld(aService(plan), rules);
  await world.ask('1', 'canary');
  await world.ask('1', 'canary', 'exit');
  world.minutes(12);
  return world;
}

describe('A life that a question claims', () => {
  it('is judged: harm that is its own marks it and answers rollback', async () => {
    const world = await withOne();
    world.answer = bad('2');
    expect(await claims(world, '2')).toMatchObject({ verdict: 'rollback', rollback: { rings: ['canary'] } });
    expect(await markOf(world, '2')).toBe('errors: objective-breached');
    expect(await livesOf(world, '2')).toMatchObject([{ phase: 'live', origin: 'ungated', claimed: true }]);
  });

  it('ends nobody’s life and takes no ring', async () => {
    const world = await withOne();
    expect((await claims(world, '2')).verdict).toBe('hold');
    expect(await livesOf(world, '1')).toMatchObject([{ phase: 'live', end: null }]);
    expect((await rollout(world.ports, 'checkout')).rings[0]).toMatchObject({ occupant: 'checkout@1' });
    world.minutes(5);
    expect((await world.ask('3', 'canary')).verdict).toBe('promote');
    expect(standingLives(await livesOf(world, '2'), await world.ports.store.now())).toEqual([]);
  });

  it('is neither a promise nor a proof, however well it is', async () => {
    const world = await withOne();
    await claims(world, '2');
    world.minutes(120);
    expect((await claims(world, '2')).verdict).toBe('hold');
    expect((await world.ask('2', 'early')).verdict).toBe('hold');
    expect(await livesOf(world, '2')).toMatchObject([{ phase: 'live', provenAt: null }]);
  });

  it('leaves harm that only the ring shows a hold, for itself and for who really runs there', async () => {
    const world = await withOne({}, { errors: aRingRule() });
    await claims(world, '2');
    world.answer = counts(300, 1000);
    world.minutes(3);
    for (const version of ['1', '2']) {
      const { findings } = await world.ask(version, 'canary', 'exit', version === '2' ? RUNNING : {});
      const rule = findings.find(({ check }) => check === 'rule');
      expect(rule).toMatchObject({ countedAs: 'hold', evidence: { obstacles: ['not-attributable'] } });
    }
  });

  it('hides no failed deployment of another, and supersedes no report', async () => {
    const world = await withOne();
    await world.report('1', 'canary', { state: 'failed' });
    await claims(world, '2');
    expect((await world.ask('1', 'canary', 'exit')).verdict).toBe('rollback');
    await world.report('1', 'canary', { state: 'deployed', at: '2026-11-22T10:11:30.000Z' }, OPERATOR);
    expect((await livesOf(world, '1')).at(-1)).toMatchObject({ phase: 'live', end: null });
  });

  it('is written once, not at each question, and is gone when nobody claims it any more', async () => {
    const world = await withOne({ deploymentTimeout: '24h' });
    await claims(world, '2');
    const before = world.ports.store.revision('service/checkout');
    for (let i = 0; i < 5; i += 1) {
      world.minutes(10);
      await claims(world, '2');
    }
    expect(world.ports.store.revision('service/checkout')).toBe(before);
    world.minutes(24 * 60);
    expect((await world.ask('2', 'canary', 'exit')).live).toEqual(['canary']);
    world.minutes(60);
    expect((await world.ask('2', 'canary', 'exit')).live).toEqual([]);
    expect((await getRelease(world.ports, { service: 'checkout', version: '2' })).live).toEqual([]);
  });

  it('stays as long as it is claimed', async () => {
    const world = await withOne({ deploymentTimeout: '24h' });
    for (let i = 0; i < 5; i += 1) {
      await claims(world, '2');
      world.minutes(23 * 60);
    }
    expect((await world.ask('2', 'canary', 'exit')).live).toEqual(['canary']);
  });

  it('becomes what a report makes of it, which counts', async () => {
    const world = await withOne();
    await claims(world, '2');
    await world.report('2', 'canary', { state: 'deployed' });
    expect(await livesOf(world, '2')).toMatchObject([{ origin: 'ungated', claimed: null }]);
    expect(await livesOf(world, '1')).toMatchObject([{ phase: 'ended', end: 'superseded' }]);
  });

  it('is adopted by an operator', async () => {
    const world = await withOne();
    await claims(world, '2');
    await world.report('2', 'canary', { state: 'deployed', ungated: true, reason: 'pushed by hand' }, OPERATOR);
    expect(await livesOf(world, '2')).toMatchObject([{ origin: 'adopted', claimed: null }]);
  });

  it('ends with the report that it was taken back', async () => {
    const world = await withOne();
    await claims(world, '2');
    await world.report('2', 'canary', { state: 'rolled-back' });
    expect(await livesOf(world, '2')).toMatchObject([{ phase: 'ended', end: 'rolled-back' }]);
  });

  it('leaves the promise that the release has there as it is', async () => {
    const world = await aWorld(aService({ deployments: 'reported' }), { errors: aRule() });
    await world.ask('2', 'canary');
    await claims(world, '2', { running: { statedAt: null } });
    await world.report('2', 'canary', { state: 'deployed' });
    expect(await livesOf(world, '2')).toMatchObject([{ phase: 'live', origin: 'gated', claimed: null }]);
  });

  it('is none where the promise of an assumed plan says that it was let in', async () => {
    const world = await aWorld(aService(), { errors: aRule() });
    await world.ask('2', 'canary');
    await claims(world, '2');
    expect(await livesOf(world, '2')).toMatchObject([{ origin: 'gated', claimed: null }]);
  });

  it('is made by nobody who may not deploy, and shown but not recorded by a dry run', async () => {
    const world = await withOne();
    world.answer = bad('2');
    expect((await claims(world, '2', { by: requestBy('operator') })).live).toEqual([]);
    expect((await claims(world, '2', { dryRun: true })).verdict).toBe('rollback');
    expect([await livesOf(world, '2'), await markOf(world, '2')]).toEqual([[], null]);
  });

  it('is refused by a plan with reports, from whoever can report', async () => {
    const world = await aWorld(aService({ deployments: 'reported' }), { errors: aRule() });
    await expect(claims(world, '2')).rejects.toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '/query/running' }],
    });
  });
});
