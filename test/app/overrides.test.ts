import { describe, expect, it } from 'vitest';
import {
  approveOverride,
  getOverride,
  listOverrides,
  type OverrideRequest,
  override,
  withdrawOverride,
} from '../../src/app/overrides.ts';
import { aRule, aService } from '../support/builders.ts';
import { operator } from '../support/people.ts';
import { aWorld, type World } from '../support/world.ts';

const ADA = operator('ada');
const GRACE = operator('grace');
const PAGE = { limit: 10, cursor: null };
const REQUEST: OverrideRequest = {
  release: 'checkout@1.0',
  rings: ['early'],
  checks: ['bake'],
  reason: 'the fix for incident 4711 cannot wait',
  incident: 'INC-4711',
  expiresAt: '2026-11-22T12:00:00+01:00',
};

const aShop = () => aWorld(aService(), { errors: aRule() });
const make = ({ ports }: World, change: Partial<OverrideRequest> = {}) =>
  override(ports, ADA, { ...REQUEST, ...change });

describe('An override', () => {
  it('is recorded under its own id with everything that was said, its expiry in UTC', async () => {
    const world = await aShop();
    const revision = world.ports.store.revision('service/checkout');
    const { lacksSecond, ...made } = await make(world);
    expect(made).toMatchObject({ by: { name: 'ada' }, expiresAt: '2026-11-22T11:00:00.000Z', incident: 'INC-4711' });
    expect(lacksSecond).toBe(false);
    expect(world.ports.store.bodies().at(-1)).toMatchObject({
      id: made.id,
      kind: 'override-create',
      service: 'checkout',
      release: 'checkout@1.0',
      actor: 'ada',
      reason: REQUEST.reason,
      after: made,
    });
    expect(world.ports.store.revision('service/checkout')).toBe(revision + 1);
  });

  it('is refused with everything that is wrong about it, and nothing is recorded', async () => {
    const world = await aShop();
    const entries = world.ports.store.bodies().length;
    const change = {
      rings: ['moon'],
      checks: ['rule/latency', 'artifact'],
      reason: 'because',
      expiresAt: '2026-11-24T00:00:00Z',
    };
    await expect(make(world, change)).rejects.toMatchObject({
      code: 'invalid-request',
      errors: ['/rings/0', '/checks/0', '/checks/1', '/reason', '/expiresAt'].map((pointer) => ({ pointer })),
    });
    await expect(make(world, { release: 'cart@1.0' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(make(world, { reason: `${REQUEST.reason}\u0000` })).rejects.toMatchObject({ code: 'invalid-request' });
    expect(world.ports.store.bodies()).toHaveLength(entries);
  });

  it('is checked again when a rule that it names vanishes meanwhile', async () => {
    const world = await aShop();
    world.ports.store.beforeAppend = () =>
      world.put('service', 'checkout', aService({ rings: [{ name: 'canary', bake: '15m' }] }));
    await expect(make(world)).rejects.toMatchObject({ errors: [{ pointer: '/rings/0' }] });
  });

  it('that needs a second person says so until somebody else stands behind it', async () => {
    const world = await aShop();
    const { id, lacksSecond } = await make(world, { checks: ['measured'] });
    expect(lacksSecond).toBe(true);
    const own = approveOverride(world.ports, operator('Ada'), id, null);
    await expect(own).rejects.toMatchObject({ code: 'forbidden', message: /somebody else has to stand behind it/ });
    const approved = await approveOverride(world.ports, GRACE, id, 'seen the graphs');
    expect(approved).toMatchObject({
      lacksSecond: false,
      approvals: [{ by: { name: 'grace' }, comment: 'seen the graphs' }],
    });
    expect(world.ports.store.bodies().at(-1)).toMatchObject({
      kind: 'override-approve',
      actor: 'grace',
      before: { approvals: [] },
      after: { approvals: [{ by: { name: 'grace' } }] },
    });
    const again = approveOverride(world.ports, GRACE, id, null);
    await expect(again).rejects.toMatchObject({ code: 'conflict', message: /^grace has approved/ });
  });

  it('takes no second person who has asked for the release, before or after', async () => {
    const world = await aShop();
    const { id } = await make(world, { checks: ['measured'] });
    const question = await world.ask('1.0', 'early', 'enter', { actor: 'Grace' });
    await expect(approveOverride(world.ports, GRACE, id, null)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining(
        `grace has asked for checkout@1.0 (decision ${question.id}), so somebody else has to stand behind this override`,
      ),
    });
    await approveOverride(world.ports, operator('linus'), id, null);
    const waived = async () => (await world.ask('1.0', 'early')).findings.map(({ waivedBy }) => waivedBy).includes(id);
    world.answer = () => ({ kind: 'no-data' });
    expect(await waived()).toBe(true);
    await world.ask('1.0', 'early', 'enter', { actor: 'linus' });
    expect(await waived()).toBe(false);
  });

  it('is not stood behind by somebody who asks at the same moment', async () => {
    const world = await aShop();
    const { id } = await make(world, { checks: ['measured'] });
    world.ports.store.beforeAppend = () => world.ask('1.0', 'early', 'enter', { actor: 'grace' });
    await expect(approveOverride(world.ports, GRACE, id, null)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('cannot be approved once it was withdrawn or has expired', async () => {
    const world = await aShop();
    const [one, two] = [await make(world), await make(world)];
    await withdrawOverride(world.ports, GRACE, one.id);
    const late = { code: 'conflict', message: /^grace has withdrawn/ };
    await expect(approveOverride(world.ports, GRACE, one.id, null)).rejects.toMatchObject(late);
    world.minutes(60);
    const expired = { code: 'conflict', message: /has expired at 2026-11-22T11:00:00.000Z/ };
    await expect(approveOverride(world.ports, GRACE, two.id, null)).rejects.toMatchObject(expired);
  });

  it('keeps a withdrawal that comes between reading and approving', async () => {
    const world = await aShop();
    const { id } = await make(world, { checks: ['rollback'] });
    world.ports.store.beforeAppend = () => withdrawOverride(world.ports, ADA, id);
    await expect(approveOverride(world.ports, GRACE, id, null)).rejects.toMatchObject({ code: 'conflict' });
    expect(await getOverride(world.ports, id)).toMatchObject({ approvals: [], withdrawn: { by: { name: 'ada' } } });
  });

  it('is withdrawn once, and then only in the full list', async () => {
    const world = await aShop();
    const { id } = await make(world);
    await withdrawOverride(world.ports, GRACE, id);
    const again = withdrawOverride(world.ports, ADA, id);
    await expect(again).rejects.toMatchObject({ code: 'conflict', message: /^grace has withdrawn/ });
    const release = { service: 'checkout', version: '1.0' };
    expect((await listOverrides(world.ports, release, true, PAGE)).items).toEqual([]);
    expect((await listOverrides(world.ports, release, false, PAGE)).items).toMatchObject([{ id }]);
    expect((await listOverrides(world.ports, { ...release, version: '2' }, false, PAGE)).items).toEqual([]);
  });
});
