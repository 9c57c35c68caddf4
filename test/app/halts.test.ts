import { describe, expect, it } from 'vitest';
import { getHalt, halt, liftHalt, listHalts } from '../../src/app/halts.ts';
import type { HaltScope } from '../../src/domain/controls.ts';
import { aRule, aService } from '../support/builders.ts';
import { operator } from '../support/people.ts';
import { aWorld, counts, type World } from '../support/world.ts';

const ADA = operator('ada');
const GRACE = operator('grace');
const PAGE = { limit: 10, cursor: null };
const reason = 'the payment provider is down';

const aShop = () => aWorld(aService(), { errors: aRule() });
const stop = ({ ports }: World, scope: HaltScope) => halt(ports, ADA, { scope, reason });

describe('A halt', () => {
  it.each<[string, HaltScope]>([
    ['a release', { release: 'checkout@1.0' }],
    ['a service', { service: 'checkout' }],
    ['everything', { everything: true }],
  ])('of %s holds the next ask with who, why and since when, until it is lifted', async (_, scope) => {
    const world = await aShop();
    const { id, at } = await stop(world, scope);
    world.minutes(5);
    const held = await world.ask('1.0', 'canary');
    const what = Object.values(scope)[0] === true ? 'everything' : Object.values(scope)[0];
    expect(held).toMatchObject({ verdict: 'hold', summary: `ada stopped ${what} at ${at}: ${reason}` });
    expect(held.findings.find((finding) => finding.check === 'halt')).toMatchObject({
      cause: 'halted',
      clears: 'by-person',
      evidence: { by: 'ada', reason, since: at },
      action: { who: 'operator', do: `POST /halts/${id}/lift` },
    });
    await liftHalt(world.ports, GRACE, id, 'it is up again');
    expect(await world.ask('1.0', 'canary')).toMatchObject({ verdict: 'promote' });
  });

  it('of one release leaves the others alone, and of one service the other services', async () => {
    const world = await aShop();
    await stop(world, { release: 'checkout@1.0' });
    expect((await world.ask('1.1', 'canary')).verdict).toBe('promote');
    await world.put('service', 'cart', aService());
    await stop(world, { service: 'cart' });
    expect((await world.ask('1.1', 'canary')).verdict).toBe('promote');
  });

  it('stops a release from leaving a ring as proven too', async () => {
    const world = await aShop();
    await world.ask('1.0', 'canary');
    await world.report('1.0', 'canary', { state: 'deployed' });
    world.minutes(16);
    await stop(world, { service: 'checkout' });
    expect((await world.ask('1.0', 'canary', 'exit')).verdict).toBe('hold');
  });

  it('never stands in the way of a rollback', async () => {
    const world = await aShop();
    await world.ask('1.0', 'canary');
    await world.report('1.0', 'canary', { state: 'deployed' });
    world.minutes(16);
    world.answer = counts(500, 1000);
    await stop(world, { everything: true });
    expect((await world.ask('1.0', 'canary', 'exit')).verdict).toBe('rollback');
  });

  it('is recorded under its own id before anybody is told, and raises what it is about', async () => {
    const world = await aShop();
    const before = world.ports.store.revision('service/checkout');
    const made = await stop(world, { release: 'checkout@1.0' });
    expect(world.ports.store.bodies().at(-1)).toMatchObject({
      id: made.id,
      kind: 'halt-create',
      service: 'checkout',
      release: 'checkout@1.0',
      reason,
      actor: 'ada',
      before: null,
      after: made,
    });
    expect(world.ports.store.revision('service/checkout')).toBe(before + 1);
    const global = world.ports.store.revision('global');
    await stop(world, { everything: true });
    expect(world.ports.store.revision('global')).toBe(global + 1);
    expect(world.ports.changes.at(-1)).toMatchObject({ kind: 'halt-create' });
  });

  it('is made whatever changes meanwhile', async () => {
    const world = await aShop();
    world.ports.store.beforeAppend = async () => {
      world.ports.store.touch('service/checkout');
      world.ports.store.touch('global');
    };
    const { id } = await stop(world, { service: 'checkout' });
    expect(await getHalt(world.ports, id)).toMatchObject({ reason, lifted: null });
  });

  it('of a service that does not exist is refused, because it would stop nothing', async () => {
    const world = await aShop();
    for (const scope of [{ service: 'chekout' }, { release: 'chekout@1.0' }]) {
      await expect(stop(world, scope)).rejects.toMatchObject({ code: 'not-found', message: /chekout/ });
    }
  });

  it('is refused with a reason that no terminal should be given', async () => {
    const world = await aShop();
    const request = { scope: { everything: true } as const, reason: 'look\u001b[2J' };
    await expect(halt(world.ports, ADA, request)).rejects.toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '/reason', message: expect.any(String) }],
    });
  });
});

describe('Lifting a halt', () => {
  it('is recorded with what it was before, and the halt stays in the full list', async () => {
    const world = await aShop();
    const made = await stop(world, { service: 'checkout' });
    world.minutes(3);
    const lifted = await liftHalt(world.ports, GRACE, made.id, null);
    expect(lifted.lifted).toMatchObject({ by: { name: 'grace' }, reason: null });
    const body = { kind: 'halt-lift', actor: 'grace', before: made, after: lifted };
    expect(world.ports.store.bodies().at(-1)).toMatchObject(body);
    expect(await listHalts(world.ports, true, PAGE)).toEqual({ items: [], next: null });
    expect(await listHalts(world.ports, false, PAGE)).toEqual({ items: [lifted], next: null });
  });

  it('twice is a conflict that names who was first', async () => {
    const world = await aShop();
    const { id } = await stop(world, { everything: true });
    await liftHalt(world.ports, GRACE, id, null);
    const again = liftHalt(world.ports, ADA, id, null);
    await expect(again).rejects.toMatchObject({ code: 'conflict', message: /^grace has lifted this halt at 2026/ });
  });

  it('at the same time happens once', async () => {
    const world = await aShop();
    const { id } = await stop(world, { service: 'checkout' });
    world.ports.store.beforeAppend = () => liftHalt(world.ports, GRACE, id, null);
    await expect(liftHalt(world.ports, ADA, id, null)).rejects.toMatchObject({ code: 'conflict', message: /^grace/ });
    expect(await getHalt(world.ports, id)).toMatchObject({ lifted: { by: { name: 'grace' } } });
  });

  it('of one that does not exist is refused', async () => {
    const world = await aShop();
    await expect(liftHalt(world.ports, ADA, ADA.principal.id ?? '', null)).rejects.toMatchObject({ code: 'not-found' });
  });
});
