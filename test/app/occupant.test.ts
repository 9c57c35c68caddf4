import { describe, expect, it } from 'vitest';
import type { DecisionBody } from '../../src/app/decision-record.ts';
import type { DecisionDocument } from '../../src/app/documents.ts';
import { idsIn, replayEntry } from '../../src/app/replay-decision.ts';
import { aRule, aService } from '../support/builders.ts';
import { requestBy } from '../support/memory-ports.ts';
import { aWorld, counts, type World } from '../support/world.ts';

/** `1` has been let into canary and runs there; whoever asked for it asks no more. */
async function occupied(plan: Parameters<typeof aService>[0] = {}, rules = { errors: aRule() }): Promise<World> {
  const world = await aWorld(aService(plan), rules);
  await world.ask('1', 'canary');
  await world.report('1', 'canary', { state: 'deployed' });
  return world;
}

const occupancyIn = ({ findings }: DecisionDocument) => findings.find(({ check }) => check === 'occupancy');
const decisionsOf = (world: World, release: string) =>
  world.ports.store.bodies().filter((body) => body.kind === 'decision' && body.release === release);
const livesOf = (world: World, version: string) => world.ports.store.lives('checkout', version);

describe('A newcomer to an occupied ring', () => {
  it('is let in at once when the occupant has proven itself and nobody has asked', async () => {
    const world = await occupied();
    world.minutes(16);
    expect(await world.ask('2', 'canary')).toMatchObject({ verdict: 'promote' });
    expect(await livesOf(world, '1')).toMatchObject([{ phase: 'proven' }]);
  });

  it('has the occupant judged in a decision of its own, recorded with the newcomer’s', async () => {
    const world = await occupied();
    world.minutes(16);
    const decision = await world.ask('2', 'canary');
    const own = decisionsOf(world, 'checkout@1').at(-1);
    const caller = { kind: 'system', id: null, name: 'ringgate', for: decision.id };
    expect(own).toMatchObject({ stage: 'exit', verdict: 'promote', caller });
    const commit = world.ports.store.commits.at(-1);
    expect(commit?.entry.id).toBe(decision.id);
    expect(commit?.also?.map(({ id }) => id)).toEqual([own?.id]);
    const { facts } = JSON.parse(commit?.entry.body ?? '') as DecisionBody;
    expect(facts.occupant).toMatchObject({ version: '1', n: 1, verdict: 'promote', decision: own?.id });
    expect((await livesOf(world, '1'))[0]?.provenBy).toBe(own?.id);
  });

  it('is let in when the occupant does harm, which marks the occupant', async () => {
    const world = await occupied();
    world.minutes(5);
    world.answer = counts(300, 1000);
    expect(await world.ask('2', 'canary')).toMatchObject({ verdict: 'promote' });
    const { mark } = (await world.ports.store.release('checkout', '1')) ?? {};
    expect(mark).toMatchObject({
      reason: 'errors: objective-breached',
      decision: decisionsOf(world, 'checkout@1').at(-1)?.id,
    });
    expect((await world.ask('1', 'canary', 'exit')).verdict).toBe('rollback');
  });

  it('waits for time while the occupant bakes, and for data when it has baked without evidence', async () => {
    const world = await occupied();
    world.minutes(5);
    world.answer = () => ({ kind: 'no-data' });
    expect(occupancyIn(await world.ask('2', 'canary'))).toMatchObject({ clears: 'by-time' });
    world.minutes(11);
    expect(occupancyIn(await world.ask('2', 'canary'))).toMatchObject({
      cause: 'ring-occupied',
      clears: 'by-data',
      evidence: { occupant: '1', exit: 'hold', causes: ['no-data', 'nothing-measured'] },
    });
  });

  it('needs somebody who gives the occupant up once nobody has asked about it for its bake and the longest window', async () => {
    const world = await occupied();
    world.answer = () => ({ kind: 'no-data' });
    world.minutes(24);
    expect(occupancyIn(await world.ask('2', 'canary'))?.clears).toBe('by-data');
    world.minutes(1);
    const held = occupancyIn(await world.ask('2', 'canary'));
    expect(held).toMatchObject({
      clears: 'by-person',
      action: { who: 'pipeline', do: 'PUT /releases/checkout@1/rings/canary {"state":"abandoned"}' },
    });
    await world.report('1', 'canary', { state: 'abandoned' });
    expect((await world.ask('2', 'canary')).verdict).toBe('promote');
  });

  it('counts the silence from the last question of somebody else, which its own looks and dry runs are not', async () => {
    const world = await occupied();
    world.answer = () => ({ kind: 'no-data' });
    world.minutes(20);
    await world.ask('1', 'canary', 'exit');
    world.minutes(20);
    expect(occupancyIn(await world.ask('2', 'canary'))?.clears).toBe('by-data');
    await world.ask('1', 'canary', 'exit', { dryRun: true });
    world.minutes(5);
    expect(occupancyIn(await world.ask('2', 'canary'))?.clears).toBe('by-person');
  });

  it('is told in a dry run what would be, and nothing changes', async () => {
    const world = await occupied();
    world.minutes(16);
    expect((await world.ask('2', 'canary', 'enter', { dryRun: true })).verdict).toBe('promote');
    expect(await livesOf(world, '1')).toMatchObject([{ phase: 'live' }]);
    world.answer = counts(300, 1000);
    world.minutes(1);
    await world.ask('2', 'canary', 'enter', { dryRun: true });
    expect((await world.ports.store.release('checkout', '1'))?.mark).toBeNull();
  });

  it('changes nothing but a mark when who asks may not deploy', async () => {
    const world = await occupied();
    const by = requestBy('operator');
    world.minutes(16);
    expect((await world.ask('2', 'canary', 'enter', { by })).verdict).toBe('promote');
    expect(await livesOf(world, '1')).toMatchObject([{ phase: 'live' }]);
    world.answer = counts(300, 1000);
    world.minutes(1);
    await world.ask('2', 'canary', 'enter', { by });
    expect((await world.ports.store.release('checkout', '1'))?.mark).not.toBeNull();
  });

  it('holds as before where the occupant cannot be judged in time', async () => {
    const world = await occupied();
    world.minutes(16);
    world.answer = () => ({ kind: 'deadline-exceeded' });
    expect(occupancyIn(await world.ask('2', 'canary'))).toMatchObject({ cause: 'ring-occupied', clears: 'by-data' });
    expect(await livesOf(world, '1')).toMatchObject([{ phase: 'live' }]);
  });

  it('does not have anybody judged where the plan lets newcomers supersede, or for a question about exit', async () => {
    const world = await occupied({ concurrency: 'supersede' });
    await world.ask('2', 'canary');
    await world.ask('2', 'canary', 'exit');
    expect(decisionsOf(world, 'checkout@1')).toHaveLength(1);
  });

  it('asks again and again in small records, of the occupant as of itself, and each of them replays', async () => {
    const world = await occupied();
    world.answer = () => ({ kind: 'no-data' });
    world.minutes(16);
    for (let i = 0; i < 4; i += 1) {
      await world.ask('2', 'canary');
      world.minutes(0.2);
    }
    const own = decisionsOf(world, 'checkout@1').slice(1);
    expect(own.map((body) => 'repeats' in body)).toEqual([false, true, true, true]);
    const { commits } = world.ports.store;
    const texts = commits.flatMap(({ also = [], entry }) => [...also, entry]).map(({ body }) => body);
    const known = new Map(texts.map((text) => [idsIn(text).id, text]));
    for (const text of texts.filter((each) => each.includes('"kind":"decision"'))) {
      const original = known.get(idsIn(text).repeats);
      expect(replayEntry(text, '9.9.9', original)).toMatchObject({ verdictIdentical: true, bytesIdentical: true });
    }
  });
});
