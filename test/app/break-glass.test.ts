import { describe, expect, it } from 'vitest';
import { approve } from '../../src/app/approvals.ts';
import type { DecisionDocument } from '../../src/app/documents.ts';
import { halt } from '../../src/app/halts.ts';
import { approveOverride, override, withdrawOverride } from '../../src/app/overrides.ts';
import { replayEntry } from '../../src/app/replay-decision.ts';
import { aRule, aService } from '../support/builders.ts';
import { operator } from '../support/people.ts';
import { aWorld, counts, type World } from '../support/world.ts';

/** What an override does to decisions, and above all what it does not. */
const ADA = operator('ada');
const GRACE = operator('grace');

const aShop = (plan = {}) => aWorld(aService(plan), { errors: aRule() });

const breakGlass = (world: World, checks: readonly string[], more: { rings?: string[]; minutes?: number } = {}) =>
  world.ports.store.now().then((now) =>
    override(world.ports, ADA, {
      release: 'checkout@1.0',
      rings: more.rings ?? ['canary', 'early', 'global'],
      checks,
      reason: 'the fix for incident 4711 cannot wait',
      expiresAt: new Date(Date.parse(now) + (more.minutes ?? 60) * 60_000).toISOString(),
    }),
  );

const seconded = async (world: World, checks: readonly string[]) => {
  const { id } = await breakGlass(world, checks);
  return approveOverride(world.ports, GRACE, id, null);
};

/** Deployed to canary and a quarter of an hour old. */
const liveInCanary = async (world: World) => {
  await world.ask('1.0', 'canary');
  await world.report('1.0', 'canary', { state: 'deployed' });
  world.minutes(16);
};

const waived = ({ findings }: DecisionDocument) =>
  findings.filter(({ waivedBy }) => waivedBy !== undefined).map(({ check, cause }) => [check, cause]);

const finding = ({ findings }: DecisionDocument, check: string) => findings.find((each) => each.check === check);

describe('A waived finding', () => {
  it('is still measured and shown with both: what was found, and that it counts as promote and by whose override', async () => {
    const world = await aShop();
    await world.ask('1.0', 'canary');
    await world.report('1.0', 'canary', { state: 'deployed' });
    world.minutes(3);
    const { id } = await breakGlass(world, ['*', 'measured']);
    const held = await world.ask('1.0', 'early');
    expect(finding(held, 'bake')).toMatchObject({
      verdict: 'hold',
      cause: 'baking',
      countedAs: 'promote',
      waivedBy: id,
      because: `canary has baked 3m of 15m; waived by override ${id}.`,
    });
    expect(held.verdict).toBe('promote');
    const stored = JSON.parse(world.ports.store.commits.at(-1)?.entry.body ?? '{}');
    expect(stored.decision.findings.find((each: { check: string }) => each.check === 'bake')).toMatchObject({
      verdict: 'hold',
      countedAs: 'promote',
      waivedBy: id,
    });
    expect(stored.facts.controls.overrides).toMatchObject([{ id, by: { name: 'ada' } }]);
  });

  it('is announced with its override, and not for a dry run', async () => {
    const world = await aShop();
    await world.ask('1.0', 'canary');
    await world.report('1.0', 'canary', { state: 'deployed' });
    const { id } = await breakGlass(world, ['bake']);
    await world.ask('1.0', 'early', 'enter', { dryRun: true });
    expect(world.ports.uses).toEqual([]);
    const { id: decision } = await world.ask('1.0', 'early');
    expect(world.ports.uses).toEqual([
      { override: id, decision, release: 'checkout@1.0', ring: 'early', checks: ['bake'] },
    ]);
  });

  it('counts only for its release, its rings and its checks', async () => {
    const world = await aShop();
    await world.ask('1.0', 'canary');
    await world.report('1.0', 'canary', { state: 'deployed' });
    await breakGlass(world, ['bake'], { rings: ['early'] });
    expect(waived(await world.ask('1.0', 'early'))).toEqual([['bake', 'baking']]);
    expect(waived(await world.ask('1.0', 'global'))).toEqual([]);
    expect(waived(await world.ask('1.1', 'early'))).toEqual([]);
    await halt(world.ports, GRACE, { scope: { service: 'checkout' }, reason: 'wait' });
    expect(await world.ask('1.0', 'early')).toMatchObject({ verdict: 'hold' });
  });

  it('of one rule leaves the other rules alone', async () => {
    const world = await aWorld(aService(), { errors: aRule(), failures: aRule() });
    await liveInCanary(world);
    world.answer = () => ({ kind: 'no-data' });
    await breakGlass(world, ['rule/errors']);
    const decision = await world.ask('1.0', 'early');
    expect(decision.findings.filter(({ check }) => check === 'rule')).toMatchObject([
      { rule: 'errors', cause: 'no-data', countedAs: 'promote' },
      { rule: 'failures', cause: 'no-data', countedAs: 'hold' },
    ]);
  });

  it('lets past a halt, a missing approval and an occupied ring', async () => {
    const rings = [{ name: 'canary', bake: '15m', approvals: 1 }];
    const world = await aWorld(aService({ rings }), { errors: aRule() });
    await approve(world.ports, GRACE, { release: 'checkout@0.9', ring: 'canary' });
    await world.ask('0.9', 'canary');
    await world.report('0.9', 'canary', { state: 'deployed' });
    await halt(world.ports, GRACE, { scope: { service: 'checkout' }, reason: 'wait' });
    expect(await world.ask('1.0', 'canary')).toMatchObject({ verdict: 'hold' });
    await breakGlass(world, ['*'], { rings: ['canary'] });
    const decision = await world.ask('1.0', 'canary');
    expect(decision.verdict).toBe('promote');
    expect(waived(decision)).toEqual([
      ['halt', 'halted'],
      ['occupancy', 'ring-occupied'],
      ['approval', 'approval-missing'],
    ]);
  });

  it('stops counting at once when the override expires or is withdrawn', async () => {
    const world = await aShop();
    await world.ask('1.0', 'canary');
    await world.report('1.0', 'canary', { state: 'deployed' });
    await breakGlass(world, ['bake'], { minutes: 2 });
    expect(waived(await world.ask('1.0', 'early'))).toHaveLength(1);
    world.minutes(2);
    expect(await world.ask('1.0', 'early')).toMatchObject({ verdict: 'hold' });
    const { id } = await breakGlass(world, ['bake']);
    expect(waived(await world.ask('1.0', 'early'))).toHaveLength(1);
    await withdrawOverride(world.ports, GRACE, id);
    expect(await world.ask('1.0', 'early')).toMatchObject({ verdict: 'hold' });
  });
});

describe('A promise that leans on an override', () => {
  it('ends with it', async () => {
    const world = await aShop({ deployments: 'reported' });
    await world.ask('1.0', 'canary');
    await world.report('1.0', 'canary', { state: 'deployed' });
    const { expiresAt } = await breakGlass(world, ['bake'], { minutes: 5 });
    expect(await world.ask('1.0', 'early')).toMatchObject({ verdict: 'promote', validUntil: expiresAt });
    world.minutes(6);
    expect(await world.report('1.0', 'early', { state: 'deployed' })).toMatchObject({ late: true });
  });

  it('is not cut short by an override that it does not need', async () => {
    const world = await aShop();
    await breakGlass(world, ['bake'], { minutes: 5 });
    const { validUntil, decidedAt } = await world.ask('1.0', 'canary');
    expect(Date.parse(validUntil ?? '') - Date.parse(decidedAt)).toBe(15 * 60_000);
  });

  it('proves nothing about the ring that was skipped', async () => {
    const world = await aShop();
    await world.ask('1.0', 'canary');
    await world.report('1.0', 'canary', { state: 'deployed' });
    const { id } = await breakGlass(world, ['*'], { rings: ['early'] });
    expect(await world.ask('1.0', 'early')).toMatchObject({ verdict: 'promote' });
    await world.report('1.0', 'early', { state: 'deployed' });
    expect(await world.ports.store.lives('checkout', '1.0')).toMatchObject([
      { ring: 'canary', phase: 'live', provenAt: null },
      { ring: 'early', phase: 'live' },
    ]);
    await withdrawOverride(world.ports, GRACE, id);
    const next = await world.ask('1.0', 'global');
    expect(next.findings.filter(({ cause }) => cause === 'baking').map(({ ring }) => ring)).toEqual([
      'canary',
      'early',
    ]);
  });
});

describe('Leaving a ring by an override of `measured`', () => {
  it('waits for the second person, then proves, and the record shows the waiver', async () => {
    const world = await aWorld(aService(), {});
    await liveInCanary(world);
    const { id } = await breakGlass(world, ['measured']);
    expect(await world.ask('1.0', 'canary', 'exit')).toMatchObject({ verdict: 'hold' });
    await approveOverride(world.ports, GRACE, id, null);
    const decision = await world.ask('1.0', 'canary', 'exit');
    expect(decision.verdict).toBe('promote');
    expect(waived(decision)).toEqual([['measured', 'nothing-measured']]);
    expect(await world.ports.store.lives('checkout', '1.0')).toMatchObject([
      { ring: 'canary', phase: 'proven', provenBy: decision.id },
    ]);
  });

  it('is not what a star means, whoever stands behind it', async () => {
    const world = await aWorld(aService(), {});
    await liveInCanary(world);
    await seconded(world, ['*']);
    expect(await world.ask('1.0', 'canary', 'exit')).toMatchObject({ verdict: 'hold' });
  });
});

describe('Harm', () => {
  const harmed = async () => {
    const world = await aShop();
    await liveInCanary(world);
    world.answer = counts(500, 1000);
    return world;
  };

  it.each([[['*']], [['rule']], [['rule/errors']], [['*', 'rule', 'rule/errors', 'measured']]])(
    'is never waived by %j, not even with a second person',
    async (checks) => {
      const world = await harmed();
      await seconded(world, checks);
      const decision = await world.ask('1.0', 'canary', 'exit');
      expect(decision).toMatchObject({ verdict: 'rollback', rollback: { rings: ['canary'] } });
      expect((await world.ports.store.release('checkout', '1.0'))?.mark).not.toBeNull();
    },
  );

  it('is not waived by `rollback` as long as only its maker stands behind it', async () => {
    const world = await harmed();
    await breakGlass(world, ['rollback']);
    await breakGlass(world, ['rollback']);
    expect(await world.ask('1.0', 'canary', 'exit')).toMatchObject({ verdict: 'rollback' });
  });

  it('that two people waived sets no mark, and counts again when the override ends', async () => {
    const world = await harmed();
    const { id } = await seconded(world, ['rollback', 'measured']);
    const decision = await world.ask('1.0', 'canary', 'exit');
    expect(decision.verdict).toBe('promote');
    expect(finding(decision, 'rule')).toMatchObject({
      verdict: 'rollback',
      cause: 'objective-breached',
      countedAs: 'promote',
      waivedBy: id,
    });
    expect(decision.rollback).toBeNull();
    expect((await world.ports.store.release('checkout', '1.0'))?.mark).toBeNull();
    await withdrawOverride(world.ports, ADA, id);
    expect(await world.ask('1.0', 'canary', 'exit')).toMatchObject({ verdict: 'rollback' });
  });

  it('that was marked stays marked: an override lets past it and takes nothing away', async () => {
    const world = await harmed();
    await world.ask('1.0', 'canary', 'exit');
    world.answer = counts(0, 1000);
    await breakGlass(world, ['*']);
    expect(await world.ask('1.0', 'early')).toMatchObject({ verdict: 'rollback' });
    await seconded(world, ['rollback']);
    const decision = await world.ask('1.0', 'early');
    expect(finding(decision, 'rollback')).toMatchObject({ cause: 'rolled-back-earlier', countedAs: 'promote' });
    expect((await world.ports.store.release('checkout', '1.0'))?.mark).not.toBeNull();
  });

  it('in a failed deployment is waived by `rollback` alone', async () => {
    const world = await aShop();
    await world.ask('1.0', 'canary');
    await world.report('1.0', 'canary', { state: 'failed' });
    await seconded(world, ['*']);
    expect(await world.ask('1.0', 'canary')).toMatchObject({ verdict: 'rollback' });
    await seconded(world, ['rollback']);
    expect(waived(await world.ask('1.0', 'canary'))).toContainEqual(['rollback', 'deployment-failed']);
  });
});

describe('The record of a decision with overrides, approvals and halts', () => {
  it('is made again from its facts, byte by byte', async () => {
    const world = await aShop();
    await liveInCanary(world);
    await seconded(world, ['*', 'measured', 'rollback']);
    await halt(world.ports, GRACE, { scope: { everything: true }, reason: 'wait' });
    world.answer = counts(500, 1000);
    for (const stage of ['enter', 'exit'] as const) {
      const { id, verdict } = await world.ask('1.0', stage === 'enter' ? 'early' : 'canary', stage);
      expect(verdict).toBe('promote');
      const body = (await world.ports.store.entry(id))?.body ?? '';
      expect(replayEntry(body, '9.9.9')).toMatchObject({ verdictIdentical: true, bytesIdentical: true });
      expect(body).toContain('"waivedBy"');
    }
  });
});
