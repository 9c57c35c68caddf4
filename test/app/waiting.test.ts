import { describe, expect, it } from 'vitest';
import type { DecisionDocument } from '../../src/app/documents.ts';
import type { ServiceDocument } from '../../src/domain/service.ts';
import { aProvider, aRule, aService } from '../support/builders.ts';
import { FakeTime, stateOf } from '../support/fake-time.ts';
import { aWorld, counts, OPERATOR, type World } from '../support/world.ts';

const SECOND = 1000;
const MINUTE = 60_000;

interface Scene {
  readonly time: FakeTime;
  readonly world: World;
  /** Instants that the provider was asked about, once for each question. */
  readonly asked: string[];
  decisions(): number;
}

async function aScene(plan: Partial<ServiceDocument> = {}, rules = { errors: aRule() }): Promise<Scene> {
  const time = new FakeTime();
  const asked: string[] = [];
  const world = await aWorld(aService(plan), rules, aProvider(), {
    store: time.store,
    runtime: time.runtime,
    providers: {
      ask: async (_, question) => {
        if (question.id === 'errors/canary/bad/0') asked.push(question.at);
        return { ...question, infos: [], measurement: world.answer(question) };
      },
    },
  });
  const decisions = () => time.store.bodies().filter(({ kind }) => kind === 'decision').length;
  return { time, world, asked, decisions };
}

/** 1.0.0 is live in canary and has baked there for so long. */
async function inCanary(plan: Partial<ServiceDocument> = {}, bakedMs = 20 * MINUTE): Promise<Scene> {
  const scene = await aScene(plan);
  await scene.world.ask('1.0.0', 'canary');
  await scene.world.report('1.0.0', 'canary', { state: 'deployed' });
  await scene.time.pass(bakedMs);
  return scene;
}

describe('waiting for a verdict', () => {
  it('answers a promote at once, and records it once', async () => {
    const { world, decisions } = await aScene();
    expect(await world.ask('1.0.0', 'canary', 'enter', { waitMs: 20 * SECOND })).toMatchObject({ verdict: 'promote' });
    expect(decisions()).toBe(1);
  });

  it('answers as soon as somebody changes what held, and records only that', async () => {
    const { world, time, decisions } = await inCanary({}, 5 * MINUTE);
    const before = decisions();
    const answer = world.ask('2.0.0', 'canary', 'enter', { waitMs: 20 * SECOND });
    await time.pass(SECOND);
    expect(await stateOf(answer)).toBe('pending');
    await world.report('1.0.0', 'canary', { state: 'abandoned' });
    await time.pass(250);
    expect(await stateOf(answer)).toMatchObject({ verdict: 'promote' });
    // The newcomer’s, and what the gate found of the release that the report ends.
    expect(decisions()).toBe(before + 2);
  });

  it('looks at the occupant each time, and records what was found of it once, with the answer', async () => {
    const { world, time, decisions, asked } = await inCanary({}, 15 * MINUTE - 12 * SECOND);
    const before = decisions();
    const answer = world.ask('2.0.0', 'canary', 'enter', { waitMs: 20 * SECOND });
    await time.pass(11 * SECOND);
    expect(await stateOf(answer)).toBe('pending');
    expect([decisions() - before, new Set(asked).size]).toEqual([0, 2]);
    await time.pass(SECOND);
    expect(await stateOf(answer)).toMatchObject({ verdict: 'promote' });
    expect(decisions() - before).toBe(2);
  });

  it('answers at the instant at which a bake time ends', async () => {
    const { world, time } = await inCanary({}, 15 * MINUTE - 7 * SECOND);
    const answer = world.ask('1.0.0', 'early', 'enter', { waitMs: 20 * SECOND });
    await time.pass(7 * SECOND - 1);
    expect(await stateOf(answer)).toBe('pending');
    await time.pass(1);
    expect(await stateOf(answer)).toMatchObject({ verdict: 'promote' });
  });

  it('asks metrics again once in each bucket, and answers with the first good one', async () => {
    const { world, time, asked } = await inCanary();
    world.answer = counts(20, 1000);
    const answer = world.ask('1.0.0', 'early', 'enter', { waitMs: 25 * SECOND });
    await time.pass(12 * SECOND);
    expect(await stateOf(answer)).toBe('pending');
    world.answer = counts(0, 1000);
    await time.pass(10 * SECOND);
    expect(await stateOf(answer)).toMatchObject({ verdict: 'promote' });
    expect(asked).toHaveLength(3);
    expect(new Set(asked).size).toBe(3);
  });

  it('does not ask metrics again in the same bucket, however often the state changes', async () => {
    const { world, time, asked } = await inCanary();
    world.answer = counts(20, 1000);
    const answer = world.ask('1.0.0', 'early', 'enter', { waitMs: 9 * SECOND });
    for (let i = 0; i < 8; i += 1) {
      time.store.touch('service/checkout');
      await time.pass(SECOND);
    }
    await time.pass(SECOND);
    expect(await answer).toMatchObject({ verdict: 'hold' });
    expect(asked.length).toBe(new Set(asked).size);
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  it('asks again in the same bucket when the provider is another one now', async () => {
    const { world, time, asked } = await inCanary();
    world.answer = counts(20, 1000);
    const answer = world.ask('1.0.0', 'early', 'enter', { waitMs: 5 * SECOND });
    await time.pass(0);
    world.answer = counts(0, 1000);
    await world.put('provider', 'main', aProvider({ url: 'http://127.0.0.1:9091' }));
    await time.pass(250);
    expect(await stateOf(answer)).toMatchObject({ verdict: 'promote' });
    expect(asked).toHaveLength(2);
  });

  it('learns of harm while only a bake time is missing', async () => {
    const { world, time } = await inCanary({}, 5 * MINUTE);
    const answer = world.ask('1.0.0', 'early', 'enter', { waitMs: 25 * SECOND });
    await time.pass(5 * SECOND);
    world.answer = counts(200, 1000);
    await time.pass(7 * SECOND);
    expect(await stateOf(answer)).toMatchObject({ verdict: 'rollback', rollback: { rings: ['canary'] } });
  });

  it('holds when the time is over, with what was found then', async () => {
    const { world, time, decisions } = await inCanary({}, 5 * MINUTE);
    const before = decisions();
    const asked = await time.store.now();
    const answer = world.ask('1.0.0', 'early', 'enter', { waitMs: 20 * SECOND });
    await time.pass(20 * SECOND - 1);
    expect(await stateOf(answer)).toBe('pending');
    await time.pass(1);
    const held = (await stateOf(answer)) as DecisionDocument;
    expect(held.verdict).toBe('hold');
    expect(Date.parse(held.decidedAt) - Date.parse(asked)).toBe(20 * SECOND);
    expect(decisions()).toBe(before + 1);
    await time.pass(SECOND);
    expect(time.pending).toBe(0);
  });

  it('waits also for a person', async () => {
    const { world, time } = await inCanary();
    world.answer = counts(200, 1000);
    await world.ask('1.0.0', 'early');
    await world.report('1.0.0', 'canary', { state: 'rolled-back' });
    const answer = world.ask('1.0.0', 'canary', 'enter', { waitMs: 20 * SECOND });
    await time.pass(5 * SECOND);
    expect(await stateOf(answer)).toBe('pending');
    await world.clear('1.0.0');
    await time.pass(250);
    expect(await stateOf(answer)).toMatchObject({ verdict: 'promote' });
  });

  it('does not wait for what never clears', async () => {
    const { world } = await aScene();
    await world.ask('1.0.0', 'canary', 'enter', { artifact: 'sha256:a' });
    const answer = world.ask('1.0.0', 'canary', 'enter', { artifact: 'sha256:b', waitMs: 20 * SECOND });
    expect(await stateOf(answer)).toMatchObject({ verdict: 'hold', summary: expect.stringContaining('sha256:b') });
  });

  it('does not wait where the plan only advises, because the caller is told promote', async () => {
    const { world } = await inCanary({ enforcement: 'advise' }, MINUTE);
    const answer = world.ask('1.0.0', 'early', 'enter', { waitMs: 20 * SECOND });
    expect(await stateOf(answer)).toMatchObject({ verdict: 'promote', advised: 'hold' });
  });
});

describe('those who wait', () => {
  it('are all answered at once when the service stops, and nobody waits from then on', async () => {
    const { world, time, decisions } = await inCanary({}, MINUTE);
    const before = decisions();
    const answers = [1, 2, 3].map(() => world.ask('1.0.0', 'early', 'enter', { waitMs: 20 * SECOND }));
    await time.pass(SECOND);
    world.ports.desk.watch.release();
    for (const answer of answers) expect(await stateOf(answer)).toMatchObject({ verdict: 'hold' });
    expect(decisions()).toBe(before + 3);
    const late = world.ask('1.0.0', 'early', 'enter', { waitMs: 20 * SECOND });
    expect(await stateOf(late)).toMatchObject({ verdict: 'hold' });
    expect(world.ports.desk.watch.size).toBe(0);
  });

  it('leave no record and no place when they go away', async () => {
    const { world, time, decisions } = await inCanary({}, MINUTE);
    const before = decisions();
    const gone = new AbortController();
    const answer = world.ask('1.0.0', 'early', 'enter', { waitMs: 20 * SECOND, signal: gone.signal });
    await time.pass(SECOND);
    expect(world.ports.desk.watch.size).toBe(1);
    gone.abort();
    await expect(answer).rejects.toBe(gone.signal.reason);
    expect(world.ports.desk.watch.size).toBe(0);
    await time.pass(30 * SECOND);
    expect(decisions()).toBe(before);
  });

  it('look again together when they wait for the same answer', async () => {
    const { world, time } = await inCanary({}, MINUTE);
    const answers = Array.from({ length: 20 }, () => world.ask('1.0.0', 'early', 'enter', { waitMs: 20 * SECOND }));
    await time.pass(SECOND);
    let reads = 0;
    const read = time.store.gateState.bind(time.store);
    time.store.gateState = (...which) => {
      reads += 1;
      return read(...which);
    };
    time.store.touch('service/checkout');
    await time.pass(250);
    expect(reads).toBe(1);
    await time.pass(20 * SECOND);
    expect(await Promise.all(answers)).toHaveLength(20);
  });

  it('do not ask metrics that another one of them has asked in the same bucket', async () => {
    const { world, time, asked } = await inCanary({}, MINUTE);
    asked.splice(0);
    const answers: Promise<DecisionDocument>[] = [];
    for (let i = 0; i < 20; i += 1) {
      answers.push(world.ask('1.0.0', 'early', 'enter', { waitMs: 20 * SECOND }));
      await time.pass(103);
    }
    await time.pass(25 * SECOND);
    await Promise.all(answers);
    expect(asked.length).toBe(new Set(asked).size);
    expect(asked.length).toBeGreaterThanOrEqual(3);
  });

  it('outlast a store that is away for a while', async () => {
    const { world, time } = await inCanary({}, 15 * MINUTE - 12 * SECOND);
    const answer = world.ask('1.0.0', 'early', 'enter', { waitMs: 20 * SECOND });
    await time.pass(2 * SECOND);
    time.store.fault = 'down';
    await time.pass(9 * SECOND);
    expect(await stateOf(answer)).toBe('pending');
    time.store.fault = 'none';
    await time.pass(2 * SECOND);
    expect(await stateOf(answer)).toMatchObject({ verdict: 'promote' });
  });

  it('are told that the gate cannot decide when the store is still away at the end', async () => {
    const { world, time } = await inCanary({}, MINUTE);
    const answer = world.ask('1.0.0', 'early', 'enter', { waitMs: 20 * SECOND });
    answer.catch(() => undefined);
    await time.pass(2 * SECOND);
    time.store.fault = 'down';
    await time.pass(18 * SECOND);
    await expect(answer).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('go on waiting when the state changes under them again and again', async () => {
    const { world, time } = await inCanary({}, 15 * MINUTE - SECOND);
    let disturbed = 0;
    const append = time.store.append.bind(time.store);
    time.store.append = async (commit) => {
      disturbed += 1;
      if (disturbed <= 5) time.store.touch('service/checkout');
      return append(commit);
    };
    const answer = world.ask('1.0.0', 'early', 'enter', { waitMs: 20 * SECOND });
    await time.pass(SECOND);
    expect(await stateOf(answer)).toMatchObject({ verdict: 'promote' });
  });

  it('end with a 404 when what they wait for is taken away', async () => {
    const { world, time } = await aScene({
      rings: [
        { name: 'a', bake: '1m' },
        { name: 'b', bake: '1m' },
      ],
    });
    const answer = world.ask('1.0.0', 'b', 'enter', { waitMs: 20 * SECOND, by: OPERATOR });
    answer.catch(() => undefined);
    await time.pass(SECOND);
    await world.put('service', 'checkout', aService({ rings: [{ name: 'a', bake: '1m' }] }));
    await time.pass(250);
    await expect(answer).rejects.toMatchObject({ code: 'not-found' });
  });
});
