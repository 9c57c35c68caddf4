import { describe, expect, it } from 'vitest';
import { createDesk } from '../../src/app/desk.ts';
import { halt, liftHalt } from '../../src/app/halts.ts';
import { validity } from '../../src/app/validity.ts';
import { aProvider, aRule, aService } from '../support/builders.ts';
import { FakeTime, stateOf } from '../support/fake-time.ts';
import { aWorld, counts, OPERATOR, PIPELINE, type World } from '../support/world.ts';

const KEY = { key: 'build-1' };

async function aShop(): Promise<World> {
  return aWorld(aService(), { errors: aRule() });
}

/** 1.0.0 has baked in canary, so that only metrics and people keep it from early. */
async function baked(): Promise<World> {
  const world = await aShop();
  await world.ask('1.0.0', 'canary');
  await world.report('1.0.0', 'canary', { state: 'deployed' });
  world.minutes(20);
  return world;
}

const decisions = (world: World) => world.ports.store.bodies().filter(({ kind }) => kind === 'decision').length;

describe('an idempotency key', () => {
  it('gives the same promote again, without another record', async () => {
    const world = await baked();
    const first = await world.answered('1.0.0', 'early', 'enter', KEY);
    const before = decisions(world);
    const second = await world.answered('1.0.0', 'early', 'enter', KEY);
    expect(first).toMatchObject({ replayed: false, decision: { verdict: 'promote', follows: null } });
    expect(second).toEqual({ replayed: true, decision: first.decision });
    expect(decisions(world)).toBe(before);
  });

  it('gives the same rollback again for as long as it would be decided again', async () => {
    const world = await baked();
    world.answer = counts(200, 1000);
    const first = await world.answered('1.0.0', 'early', 'enter', KEY);
    expect(first.decision.verdict).toBe('rollback');
    world.answer = counts(0, 1000);
    expect(await world.answered('1.0.0', 'early', 'enter', KEY)).toEqual({ ...first, replayed: true });
    await world.clear('1.0.0');
    const cleared = await world.answered('1.0.0', 'early', 'enter', KEY);
    expect(cleared).toMatchObject({ replayed: false, decision: { verdict: 'hold', follows: first.decision.id } });
  });

  it.each([
    ['another ring', '1.0.0', 'canary', 'enter', {}],
    ['another stage', '1.0.0', 'early', 'exit', {}],
    ['another version', '1.0.1', 'early', 'enter', {}],
    ['a dry run', '1.0.0', 'early', 'enter', { dryRun: true }],
    ['an artifact', '1.0.0', 'early', 'enter', { artifact: 'sha256:0' }],
    ['an actor', '1.0.0', 'early', 'enter', { actor: 'ada' }],
  ] as const)('is refused for %s', async (_, version, ring, stage, more) => {
    const world = await baked();
    await world.ask('1.0.0', 'early', 'enter', KEY);
    const before = decisions(world);
    const other = world.ask(version, ring, stage, { ...more, ...KEY });
    await expect(other).rejects.toMatchObject({ code: 'idempotency-mismatch' });
    expect(decisions(world)).toBe(before);
  });

  it('is the same key however long the caller waits', async () => {
    const world = await baked();
    await world.ask('1.0.0', 'early', 'enter', KEY);
    expect(await world.answered('1.0.0', 'early', 'enter', { ...KEY, waitMs: 5000 })).toMatchObject({ replayed: true });
  });

  it('belongs to its caller', async () => {
    const world = await baked();
    const { decision } = await world.answered('1.0.0', 'early', 'enter', KEY);
    const { principal } = PIPELINE;
    const by = { ...PIPELINE, principal: { ...principal, id: 'somebody-else' } };
    const other = await world.answered('1.0.0', 'early', 'enter', { ...KEY, by });
    expect(other).toMatchObject({ replayed: false, decision: { follows: null } });
    expect(other.decision.id).not.toBe(decision.id);
  });

  it('never gives a promote again that is over, and links the new decision to it', async () => {
    const world = await baked();
    const first = await world.answered('1.0.0', 'early', 'enter', KEY);
    world.minutes(15);
    const second = await world.answered('1.0.0', 'early', 'enter', KEY);
    expect(second).toMatchObject({ replayed: false, decision: { verdict: 'promote', follows: first.decision.id } });
    const third = await world.answered('1.0.0', 'early', 'enter', KEY);
    expect(third).toEqual({ replayed: true, decision: second.decision });
    const record = world.ports.store.bodies().find(({ id }) => id === second.decision.id);
    expect(record).toMatchObject({ follows: first.decision.id });
  });

  it('decides anew when something that decides has changed', async () => {
    const world = await baked();
    const first = await world.answered('1.0.0', 'early', 'enter', KEY);
    const { id } = await halt(world.ports, OPERATOR, { scope: { everything: true }, reason: 'looking' });
    const halted = await world.answered('1.0.0', 'early', 'enter', KEY);
    expect(halted).toMatchObject({ replayed: false, decision: { verdict: 'hold', follows: first.decision.id } });
    await liftHalt(world.ports, OPERATOR, id, null);
    // The halt has ended the promise, so it is given anew.
    const anew = await world.answered('1.0.0', 'early', 'enter', KEY);
    expect(anew).toMatchObject({ replayed: false, decision: { verdict: 'promote', follows: first.decision.id } });
  });

  it('does not remember holds and dry runs', async () => {
    const world = await baked();
    const held = await world.answered('1.0.0', 'global', 'enter', KEY);
    expect(held.decision.verdict).toBe('hold');
    const again = await world.answered('1.0.0', 'global', 'enter', KEY);
    expect(again).toMatchObject({ replayed: false, decision: { follows: null } });
    expect(again.decision.id).not.toBe(held.decision.id);
    const dry = await world.answered('1.0.0', 'early', 'enter', { key: 'dry', dryRun: true });
    expect(dry.decision.verdict).toBe('promote');
    expect(await world.answered('1.0.0', 'early', 'enter', { key: 'dry', dryRun: true })).toMatchObject({
      replayed: false,
    });
  });

  it('makes one decision of fifty requests at once', async () => {
    const world = await baked();
    const before = decisions(world);
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.answered('1.0.0', 'early', 'enter', KEY)));
    expect(new Set(answers.map(({ decision }) => decision.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => replayed)).toHaveLength(49);
    expect(decisions(world)).toBe(before + 1);
  });

  it('makes one decision also when another replica is asked at the same time', async () => {
    const world = await baked();
    const before = decisions(world);
    let other: unknown = null;
    const replica = { ...world.ports, desk: createDesk(world.ports.store, world.ports.runtime) };
    world.ports.store.beforeAppend = async () => {
      other = await world.answered('1.0.0', 'early', 'enter', { ...KEY, on: replica });
    };
    const mine = await world.answered('1.0.0', 'early', 'enter', KEY);
    expect(other).toEqual({ replayed: false, decision: mine.decision });
    expect(mine.replayed).toBe(true);
    expect(decisions(world)).toBe(before + 1);
  });

  it('lets another request take over when the one that works for all goes away', async () => {
    const time = new FakeTime();
    const world = await aWorld(aService(), { errors: aRule() }, aProvider(), {
      store: time.store,
      runtime: time.runtime,
    });
    await world.ask('1.0.0', 'canary');
    const gone = new AbortController();
    const more = { key: 'build-2', waitMs: 20_000 };
    const first = world.answered('2.0.0', 'canary', 'enter', { ...more, signal: gone.signal });
    await time.pass(100);
    const second = world.answered('2.0.0', 'canary', 'enter', more);
    await time.pass(100);
    gone.abort();
    await expect(first).rejects.toBe(gone.signal.reason);
    expect(await stateOf(second)).toBe('pending');
    await world.report('1.0.0', 'canary', { state: 'abandoned' });
    await time.pass(1000);
    expect(await stateOf(second)).toMatchObject({ replayed: false, decision: { verdict: 'promote' } });
  });

  it('changes nothing about a store that is away', async () => {
    const world = await baked();
    world.ports.store.fault = 'down';
    await expect(world.ask('1.0.0', 'early', 'enter', KEY)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('the validity of a decision', () => {
  it('is given while it would be decided again, and ends with the promise', async () => {
    const world = await baked();
    const { id, validUntil } = await world.ask('1.0.0', 'early');
    const stands = await validity(world.ports, id);
    expect(stands).toEqual({
      stands: true,
      verdict: 'promote',
      because: 'checkout@1.0.0 may enter early.',
      validUntil,
      checkedAt: await world.ports.store.now(),
    });
    world.minutes(14);
    expect(await validity(world.ports, id)).toMatchObject({ stands: true });
    world.minutes(1);
    expect(await validity(world.ports, id)).toMatchObject({ stands: false, because: `It stood until ${validUntil}.` });
  });

  it('does not ask the providers again', async () => {
    const world = await baked();
    const { id } = await world.ask('1.0.0', 'early');
    world.answer = counts(500, 1000);
    expect(await validity(world.ports, id)).toMatchObject({ stands: true });
  });

  it.each([
    ['a rule is added', (world: World) => world.put('rule', 'more', aRule())],
    ['a rule is changed', (world: World) => world.put('rule', 'errors', aRule({ minEvents: 99 }))],
    ['the plan is changed', (world: World) => world.put('service', 'checkout', aService({ title: 'Other' }))],
    [
      'it is marked for rollback',
      (world: World) => world.report('1.0.0', 'canary', { state: 'rolled-back', reason: 'x' }),
    ],
    ['the promise is given back', (world: World) => world.report('1.0.0', 'early', { state: 'abandoned' })],
    ['its deployment fails', (world: World) => world.report('1.0.0', 'early', { state: 'failed' })],
    ['it left the ring before', (world: World) => world.report('1.0.0', 'canary', { state: 'abandoned' })],
    [
      'the line is stopped',
      (world: World) => halt(world.ports, OPERATOR, { scope: { everything: true }, reason: 'stop' }),
    ],
  ] as const)('ends when %s, and says why', async (_, change) => {
    const world = await baked();
    const { id } = await world.ask('1.0.0', 'early');
    expect(await validity(world.ports, id)).toMatchObject({ stands: true });
    await change(world);
    const after = await validity(world.ports, id);
    expect(after).toMatchObject({ stands: false, verdict: 'promote' });
    expect(after.because).toMatch(/^\S.+\.$/);
    expect(after.because).not.toContain('may enter');
  });

  it('ends when a freeze begins', async () => {
    const world = await baked();
    const { id } = await world.ask('1.0.0', 'early');
    const scope = { services: ['*'], rings: ['*'] };
    const window = { start: '2026-11-22T09:00:00', end: '2026-11-23T09:00:00', timeZone: 'UTC' };
    await world.put('freeze', 'weekend', { kind: 'freeze', scope, ...window });
    expect(await validity(world.ports, id)).toMatchObject({
      stands: false,
      because: expect.stringMatching(/freez|frozen/),
    });
  });

  it('does not count what was measured in an earlier stay', async () => {
    const world = await aWorld(
      aService({
        rings: [
          { name: 'canary', bake: '0s' },
          { name: 'early', bake: '1h' },
        ],
      }),
      {
        errors: aRule(),
      },
    );
    await world.ask('1.0.0', 'canary');
    await world.report('1.0.0', 'canary', { state: 'deployed' });
    world.minutes(5);
    const { id } = await world.ask('1.0.0', 'early');
    await world.report('1.0.0', 'canary', { state: 'abandoned' });
    await world.ask('1.0.0', 'canary');
    await world.report('1.0.0', 'canary', { state: 'deployed' });
    expect(await validity(world.ports, id)).toMatchObject({
      stands: false,
      because: expect.stringContaining('started again'),
    });
  });

  it('does not come back with the promise of a release that had to start again', async () => {
    const world = await aShop();
    const { id } = await world.ask('1.0.0', 'canary');
    await world.report('1.0.0', 'canary', { state: 'rolled-back', reason: 'x' });
    await world.clear('1.0.0');
    expect((await world.ask('1.0.0', 'canary')).verdict).toBe('promote');
    expect(await validity(world.ports, id)).toMatchObject({
      stands: false,
      because: expect.stringContaining('started again'),
    });
  });

  it('of an exit lasts as long as the proof', async () => {
    const world = await baked();
    const { id, verdict } = await world.ask('1.0.0', 'canary', 'exit');
    expect(verdict).toBe('promote');
    world.minutes(600);
    expect(await validity(world.ports, id)).toMatchObject({ stands: true, validUntil: null });
    await world.report('1.0.0', 'canary', { state: 'rolled-back', reason: 'x' });
    expect(await validity(world.ports, id)).toMatchObject({
      stands: false,
      because: 'checkout@1.0.0 is no longer proven in canary.',
    });
  });

  it('is nothing for holds, dry runs, and callers who may not deploy', async () => {
    const world = await baked();
    const held = await world.ask('1.0.0', 'global');
    expect(await validity(world.ports, held.id)).toMatchObject({ stands: false, verdict: 'hold' });
    const dry = await world.ask('1.0.0', 'early', 'enter', { dryRun: true });
    expect(await validity(world.ports, dry.id)).toMatchObject({ stands: false, because: expect.stringMatching('dry') });
    const looked = await world.ask('1.0.0', 'early', 'enter', { by: OPERATOR });
    expect(looked.verdict).toBe('promote');
    expect(await validity(world.ports, looked.id)).toMatchObject({
      because: expect.stringContaining('may not deploy'),
    });
  });

  it('of a plan that only advises lasts as long as it advises', async () => {
    const world = await aWorld(aService({ enforcement: 'advise' }), { errors: aRule() });
    const { id } = await world.ask('1.0.0', 'early');
    expect(await validity(world.ports, id)).toMatchObject({ stands: true });
    await world.put('service', 'checkout', aService());
    expect(await validity(world.ports, id)).toMatchObject({ stands: false });
  });

  it('is not found for what is no decision', async () => {
    const world = await aShop();
    const { items } = await world.ports.store.entries({ kind: 'service-put' }, { limit: 1, cursor: null });
    await expect(validity(world.ports, items[0]?.id ?? '')).rejects.toMatchObject({ code: 'not-found' });
  });
});
