import { describe, expect, it } from 'vitest';
import type { DecisionDocument } from '../../src/app/documents.ts';
import { halt, liftHalt } from '../../src/app/halts.ts';
import { approveOverride, override } from '../../src/app/overrides.ts';
import { story } from '../../src/app/story.ts';
import { validity } from '../../src/app/validity.ts';
import type { ServiceDocument } from '../../src/domain/service.ts';
import { aRule, aService } from '../support/builders.ts';
import { operator } from '../support/people.ts';
import { aWorld, counts, OPERATOR, type World } from '../support/world.ts';

const [ADA, GRACE] = [operator('ada'), operator('grace')];
const reported = { deployments: 'reported' } as const;
const aShop = (plan: Partial<ServiceDocument> = {}) => aWorld(aService(plan), { errors: aRule() });
const deployed = { state: 'deployed' } as const;

/** Asks, deploys and reports. */
const enter = async (world: World, version: string, ring: string) => {
  expect(await world.ask(version, ring)).toMatchObject({ verdict: 'promote' });
  await world.report(version, ring, deployed);
};

/** The same, bakes and is proven. */
const prove = async (world: World, version: string, ring: string) => {
  await enter(world, version, ring);
  world.minutes(61);
  expect(await world.ask(version, ring, 'exit')).toMatchObject({ verdict: 'promote' });
};

const heldBy = ({ findings }: DecisionDocument, check: string) =>
  findings.find((each) => each.check === check && each.countedAs === 'hold');

const breakGlass = async (world: World, release: string, ring: string, checks: readonly string[]) => {
  const expiresAt = new Date(Date.parse(await world.ports.store.now()) + 3_600_000).toISOString();
  const reason = 'the fix for incident 4711 cannot wait';
  return override(world.ports, ADA, { release: `checkout@${release}`, rings: [ring], checks, reason, expiresAt });
};

describe('A rolled-back report', () => {
  it('ends the stay in its own ring, and every ask is answered rollback for the rings that are left', async () => {
    const world = await aShop(reported);
    await prove(world, '1', 'canary');
    await enter(world, '1', 'early');
    world.answer = counts(500, 1000);
    world.minutes(5);
    expect(await world.ask('1', 'early', 'exit')).toMatchObject({ rollback: { rings: ['canary', 'early'] } });
    await world.report('1', 'canary', { state: 'rolled-back' });
    for (const ring of ['canary', 'early', 'global']) {
      expect(await world.ask('1', ring)).toMatchObject({ verdict: 'rollback', rollback: { rings: ['early'] } });
    }
    await world.report('1', 'early', { state: 'rolled-back' });
    expect(heldBy(await world.ask('1', 'canary'), 'rollback')).toMatchObject({ clears: 'by-person' });
  });

  it('starts the release again only with its last stay', async () => {
    const world = await aShop(reported);
    await prove(world, '1', 'canary');
    await enter(world, '1', 'early');
    const epoch = async () => (await world.ports.store.release('checkout', '1'))?.epoch;
    await world.report('1', 'canary', { state: 'rolled-back' });
    await world.report('1', 'global', { state: 'rolled-back' });
    expect(await epoch()).toBe(1);
    await world.report('1', 'early', { state: 'rolled-back' });
    expect(await epoch()).toBe(2);
    await world.report('1', 'early', { state: 'rolled-back' });
    expect(await epoch()).toBe(2);
  });

  it('takes the proof of that ring, of earlier stays too', async () => {
    const world = await aShop({ ...reported, concurrency: 'supersede' });
    await prove(world, '1', 'canary');
    await enter(world, '1', 'early');
    await enter(world, '2', 'canary');
    await world.report('1', 'canary', deployed);
    await world.report('1', 'canary', { state: 'rolled-back' });
    expect((await world.report('1', 'canary', deployed)).life).toMatchObject({ origin: 'ungated' });
  });
});

describe('A deployment that takes longer than its lease', () => {
  it('is let in when it began inside it, however long it took', async () => {
    const world = await aShop(reported);
    await world.ask('1', 'canary');
    world.minutes(10);
    const startedAt = await world.ports.store.now();
    world.minutes(23 * 60);
    const { late, life } = await world.report('1', 'canary', { ...deployed, startedAt });
    expect({ late, life }).toMatchObject({
      late: false,
      life: { origin: 'gated', liveAt: await world.ports.store.now() },
    });
    expect(heldBy(await world.ask('1', 'canary', 'exit'), 'bake')).toMatchObject({ evidence: { served: '0s' } });
  });

  it('is let in when it began in the second in which the promise was given, said in whole seconds', async () => {
    const world = await aShop(reported);
    world.ports.store.advance(700);
    await world.ask('1', 'canary');
    const now = await world.ports.store.now();
    const startedAt = `${now.slice(0, 19)}Z`;
    expect(Date.parse(startedAt)).toBeLessThan(Date.parse(now));
    expect(await world.report('1', 'canary', { ...deployed, startedAt })).toMatchObject({
      late: false,
      ungated: false,
    });
  });

  it('is late when nothing says so, with a sentence that gives both instants and the way on', async () => {
    const world = await aShop(reported);
    const { validUntil } = await world.ask('1', 'canary');
    world.minutes(20);
    await world.report('1', 'canary', deployed);
    const order = heldBy(await world.ask('1', 'canary', 'exit'), 'order');
    expect(order).toMatchObject({ clears: 'by-person', action: { who: 'pipeline' } });
    expect(order?.because).toContain(`the promise ended at ${validUntil}, the deployment was reported at`);
    expect(order?.action?.do).toContain('startedAt');
  });

  it('is late as well where it is said to have begun before it was let in, and is told so', async () => {
    const world = await aShop(reported);
    await world.ask('1', 'canary');
    const early = new Date(Date.parse(await world.ports.store.now()) - 3_600_000).toISOString();
    expect(await world.report('1', 'canary', { ...deployed, startedAt: early })).toMatchObject({ late: true });
    const held = heldBy(await world.ask('1', 'canary', 'exit'), 'order');
    expect(held).toMatchObject({ clears: 'by-person', because: expect.stringContaining('the promise stands until') });
    await world.report('1', 'canary', deployed);
    expect(heldBy(await world.ask('1', 'canary', 'exit'), 'order')).toBeUndefined();
  });

  it('is judged for harm while it is late', async () => {
    const world = await aShop(reported);
    await world.ask('1', 'canary');
    world.minutes(20);
    await world.report('1', 'canary', deployed);
    world.minutes(5);
    world.answer = counts(500, 1000);
    expect(await world.ask('1', 'canary', 'exit')).toMatchObject({ rollback: { rings: ['canary'] } });
  });

  it('may begin in any of the times in which it was let in', async () => {
    const world = await aShop(reported);
    await world.ask('1', 'canary');
    world.minutes(5);
    const [inside, between] = [
      await world.ports.store.now(),
      new Date(Date.parse(await world.ports.store.now()) + 900_000),
    ];
    world.minutes(30);
    await world.ask('1', 'canary');
    world.minutes(30);
    const late = await world.report('1', 'canary', { ...deployed, startedAt: between.toISOString() });
    expect(late.late).toBe(true);
    expect((await world.report('1', 'canary', { ...deployed, startedAt: inside })).late).toBe(false);
  });

  it('comes too late for its promise after the plan’s deploymentTimeout', async () => {
    const world = await aShop({ ...reported, deploymentTimeout: '1h' });
    await world.ask('1', 'canary');
    const startedAt = await world.ports.store.now();
    world.minutes(15 + 59);
    expect(heldBy(await world.ask('1', 'canary', 'exit'), 'order')).toMatchObject({ evidence: { state: 'lapsed' } });
    world.minutes(2);
    expect(heldBy(await world.ask('1', 'canary', 'exit'), 'order')).toMatchObject({
      evidence: { state: 'lease-ended' },
    });
    expect(await world.report('1', 'canary', { ...deployed, startedAt })).toMatchObject({ ungated: true, late: false });
  });

  it('cannot have begun after it happened', async () => {
    const world = await aShop(reported);
    await world.ask('1', 'canary');
    const startedAt = new Date(Date.parse(await world.ports.store.now()) + 60_000).toISOString();
    await expect(world.report('1', 'canary', { ...deployed, startedAt })).rejects.toMatchObject({
      errors: [{ pointer: '/startedAt' }],
    });
  });
});

describe('A promise that nobody has reported', () => {
  it('is a hold that waits for the report and names it', async () => {
    const world = await aShop(reported);
    await world.ask('1', 'canary');
    world.minutes(20);
    const { findings } = await world.ask('1', 'canary', 'exit');
    const holds = findings.filter(({ countedAs }) => countedAs === 'hold');
    expect(holds.map(({ clears }) => clears)).toEqual(['by-data', 'by-data', 'by-data']);
    expect(holds[0]).toMatchObject({ check: 'order', action: { who: 'pipeline' } });
  });

  it('becomes live with the next question, also long after its lease, where deployments are assumed', async () => {
    const world = await aShop();
    await world.ask('1', 'canary');
    world.minutes(16);
    expect(heldBy(await world.ask('1', 'early'), 'bake')).toMatchObject({ cause: 'baking', clears: 'by-time' });
    world.minutes(15);
    expect(await world.ask('1', 'early')).toMatchObject({ verdict: 'promote', live: ['canary'] });
  });

  it('is reported without a beginning where deployments are assumed', async () => {
    const world = await aShop();
    await world.ask('1', 'canary');
    world.minutes(16);
    expect(await world.report('1', 'canary', deployed)).toMatchObject({ late: false, ungated: false });
  });

  it('is not made live by asking again for the same ring', async () => {
    const world = await aShop({ concurrency: 'supersede' });
    await prove(world, '1', 'canary');
    await world.ask('2', 'canary');
    expect(await world.ask('2', 'canary')).toMatchObject({ verdict: 'promote', live: [] });
    expect((await world.ask('1', 'canary', 'exit')).live).toEqual(['canary']);
  });

  it('is not made live over a release that was let in later', async () => {
    const world = await aShop({ concurrency: 'supersede' });
    await world.ask('1', 'canary');
    world.minutes(1);
    await world.ask('2', 'canary');
    expect((await world.ask('2', 'canary', 'exit')).live).toEqual(['canary']);
    const decision = await world.ask('1', 'canary', 'exit');
    expect(decision).toMatchObject({ verdict: 'hold', live: [] });
    expect(heldBy(decision, 'occupancy')).toMatchObject({ cause: 'superseded', action: { who: 'operator' } });
  });

  it('is not made live over a release that was reported later, until it is let in once more', async () => {
    const world = await aShop();
    await prove(world, '1', 'canary');
    await world.ask('2', 'canary');
    world.minutes(1);
    await world.report('1', 'canary', deployed);
    expect(await world.ask('2', 'canary', 'exit')).toMatchObject({ verdict: 'hold' });
    expect(await world.ask('2', 'early')).toMatchObject({ verdict: 'hold' });
    expect(await world.ports.store.lives('checkout', '1')).toMatchObject([{ phase: 'proven', endedAt: null }]);
    world.minutes(2);
    await enter(world, '2', 'canary');
  });

  it('holds nobody once its lease has ended', async () => {
    const world = await aShop(reported);
    await world.ask('1', 'canary');
    expect(heldBy(await world.ask('2', 'canary'), 'occupancy')).toMatchObject({ clears: 'by-time' });
    world.minutes(15);
    expect(await world.ask('2', 'canary')).toMatchObject({ verdict: 'promote' });
  });
});

describe('Bake', () => {
  it('counts from the report, and not from before the latest ask', async () => {
    const world = await aShop(reported);
    await world.ask('1', 'canary');
    const first = await world.ports.store.now();
    world.minutes(14);
    await world.ask('1', 'canary');
    const renewed = await world.ports.store.now();
    world.minutes(14);
    await expect(world.report('1', 'canary', { ...deployed, at: first })).rejects.toMatchObject({
      errors: [{ pointer: '/at' }],
    });
    expect((await world.report('1', 'canary', { ...deployed, at: renewed })).life).toMatchObject({ liveAt: renewed });
  });
});

describe('An older release', () => {
  it('does not enter a ring over a newer one that came through the rings before later', async () => {
    const world = await aShop(reported);
    await prove(world, '1', 'canary');
    await prove(world, '2', 'canary');
    await prove(world, '2', 'early');
    const decision = await world.ask('1', 'early');
    expect(heldBy(decision, 'occupancy')).toMatchObject({ cause: 'superseded', clears: 'by-person' });
    expect(heldBy(decision, 'occupancy')?.because).toContain('checkout@2 runs in early');
    await breakGlass(world, '1', 'early', ['occupancy']);
    expect(await world.ask('1', 'early')).toMatchObject({ verdict: 'promote' });
  });

  it('enters over a newer one that is marked, and goes back by report at once', async () => {
    const world = await aShop(reported);
    await prove(world, '1', 'canary');
    await prove(world, '2', 'canary');
    await enter(world, '2', 'early');
    world.answer = counts(500, 1000);
    world.minutes(5);
    expect(await world.ask('2', 'early', 'exit')).toMatchObject({ verdict: 'rollback' });
    world.answer = counts(0, 1000);
    expect(await world.ask('1', 'early')).toMatchObject({ verdict: 'promote' });
    expect((await world.report('1', 'canary', deployed)).life).toMatchObject({ origin: 'restored', phase: 'proven' });
  });

  it('goes on when the newer one is merely ahead in a ring before', async () => {
    const world = await aShop(reported);
    await prove(world, '1', 'canary');
    await enter(world, '2', 'canary');
    expect(await world.ask('1', 'early')).toMatchObject({ verdict: 'promote' });
  });

  it('is held in the first ring too, and stays the older one when it is deployed late', async () => {
    const world = await aShop({ ...reported, concurrency: 'supersede' });
    await world.ask('1', 'canary');
    const startedAt = await world.ports.store.now();
    world.minutes(1);
    await enter(world, '2', 'canary');
    expect(heldBy(await world.ask('1', 'canary'), 'occupancy')).toMatchObject({ cause: 'superseded' });
    world.minutes(1);
    await world.report('1', 'canary', { ...deployed, startedAt });
    world.minutes(1);
    expect(heldBy(await world.ask('2', 'canary', 'exit'), 'occupancy')).toMatchObject({ cause: 'superseded' });
  });
});

describe('A ring that was skipped', () => {
  it('still wants its bake and its evidence when order is overridden, which takes two people', async () => {
    const world = await aShop();
    await breakGlass(world, '9', 'global', ['order', 'approval']);
    const decision = await world.ask('9', 'global');
    expect(decision.verdict).toBe('hold');
    expect(heldBy(decision, 'measured')).toMatchObject({ cause: 'nothing-measured', clears: 'by-person' });
    expect(heldBy(decision, 'bake')).toMatchObject({ cause: 'baking', clears: 'by-person' });
    expect(heldBy(decision, 'measured')?.action?.do).toContain('"checks":["bake","measured"]');
    const { id } = await breakGlass(world, '9', 'global', ['order', 'bake', 'measured']);
    expect(await world.ask('9', 'global')).toMatchObject({ verdict: 'hold' });
    await approveOverride(world.ports, GRACE, id, null);
    expect(await world.ask('9', 'global')).toMatchObject({ verdict: 'promote' });
  });

  it('is not passed by giving up what was never measured there', async () => {
    const world = await aShop();
    await enter(world, '9', 'canary');
    world.answer = () => ({ kind: 'no-data' });
    await world.report('9', 'canary', { state: 'abandoned' });
    await breakGlass(world, '9', 'early', ['*']);
    expect(heldBy(await world.ask('9', 'early'), 'measured')).toMatchObject({ cause: 'nothing-measured' });
  });
});

describe('Proof', () => {
  const passed = async (plan: Partial<ServiceDocument> = {}) => {
    const world = await aShop({ ...reported, ...plan });
    await prove(world, '1', 'canary');
    await prove(world, '1', 'early');
    await prove(world, '2', 'canary');
    await prove(world, '2', 'early');
    return world;
  };

  it('fades once the release has run nowhere for proofFor, and the finding says so', async () => {
    const world = await passed({ proofFor: '3d' });
    world.minutes(3 * 24 * 60 - 62);
    expect(heldBy(await world.ask('1', 'global'), 'order')).toBeUndefined();
    world.minutes(2);
    const order = heldBy(await world.ask('1', 'global'), 'order');
    expect(order).toMatchObject({ clears: 'by-person', evidence: { state: 'faded' } });
    expect(order?.because).toContain('has run nowhere for too long');
  });

  it('does not fade while the release runs anywhere', async () => {
    const world = await aShop({ ...reported, proofFor: '1h' });
    await prove(world, '1', 'canary');
    await enter(world, '1', 'early');
    await prove(world, '2', 'canary');
    world.minutes(120);
    expect(heldBy(await world.ask('1', 'early', 'exit'), 'order')).toBeUndefined();
    expect(heldBy(await world.ask('1', 'global'), 'order')).toBeUndefined();
  });

  it('that has faded still goes back, live and to be proven anew, in every ring', async () => {
    const world = await passed({ proofFor: '3d' });
    world.minutes(4 * 24 * 60);
    expect((await world.report('1', 'canary', deployed)).life).toMatchObject({ phase: 'live', origin: 'restored' });
    expect((await world.report('1', 'early', deployed)).life).toMatchObject({ phase: 'live', origin: 'restored' });
    expect(await world.ask('1', 'canary', 'exit')).toMatchObject({ verdict: 'hold' });
    world.minutes(61);
    expect(await world.ask('1', 'early', 'exit')).toMatchObject({ verdict: 'promote' });
  });
});

describe('A halt', () => {
  const recalled = async (plan: Partial<ServiceDocument> = reported) => {
    const world = await aShop(plan);
    const { id } = await world.ask('1', 'canary');
    world.minutes(5);
    const startedAt = await world.ports.store.now();
    world.minutes(5);
    const halted = await halt(world.ports, GRACE, { scope: { service: 'checkout' }, reason: 'Payments are down' });
    return { world, id, halted, startedAt };
  };

  it('ends the leases in its scope, also for when it is lifted again', async () => {
    const { world, id, halted } = await recalled();
    expect(await validity(world.ports, id)).toMatchObject({ stands: false });
    await liftHalt(world.ports, GRACE, halted.id, null);
    const { stands, because } = await validity(world.ports, id);
    expect(stands).toBe(false);
    expect(because).toContain('Payments are down');
    const { late, life } = await world.report('1', 'canary', deployed);
    expect({ late, life }).toMatchObject({ late: true, life: { recalled: { halt: halted.id } } });
    const order = heldBy(await world.ask('1', 'canary', 'exit'), 'order');
    expect(order?.because).toContain('a halt (Payments are down) ended the promise at');
  });

  it('leaves what began before it let in', async () => {
    const { world, startedAt } = await recalled();
    expect(await world.report('1', 'canary', { ...deployed, startedAt })).toMatchObject({
      late: false,
      ungated: false,
    });
  });

  it('makes a promise late, and judged, where deployments are assumed', async () => {
    const { world } = await recalled({});
    world.answer = counts(500, 1000);
    const decision = await world.ask('1', 'canary', 'exit');
    expect(decision.live).toEqual(['canary']);
    world.minutes(5);
    expect(await world.ask('1', 'canary', 'exit')).toMatchObject({ verdict: 'rollback' });
  });

  it('of another release recalls nothing', async () => {
    const world = await aShop(reported);
    const { id } = await world.ask('1', 'canary');
    await halt(world.ports, GRACE, { scope: { release: 'checkout@2' }, reason: 'not this one' });
    expect(await validity(world.ports, id)).toMatchObject({ stands: true });
    await halt(world.ports, GRACE, { scope: { everything: true }, reason: 'everything' });
    expect(await validity(world.ports, id)).toMatchObject({ stands: false });
  });
});

describe('The story of a release', () => {
  const events = async (world: World) =>
    (await story(world.ports, { service: 'checkout', version: '1' })).rings[0]?.events.map(({ what }) => what);

  it('says that a promise has lapsed, that it is lost, and that a halt has recalled it', async () => {
    const world = await aShop(reported);
    await world.ask('1', 'canary');
    world.minutes(16);
    expect(await events(world)).toEqual(['promised', 'lapsed']);
    world.minutes(24 * 60);
    expect(await events(world)).toEqual(['promised', 'lapsed', 'lost']);
    await world.ask('1', 'canary');
    await halt(world.ports, GRACE, { scope: { service: 'checkout' }, reason: 'wait' });
    expect(await events(world)).toEqual(['promised', 'lapsed', 'lost', 'promised', 'recalled']);
  });

  it('says that a deployment was late, and not that nobody asked', async () => {
    const world = await aShop(reported);
    await world.ask('1', 'canary');
    world.minutes(16);
    await world.report('1', 'canary', deployed);
    const { rings } = await story(world.ports, { service: 'checkout', version: '1' });
    const told = rings[0]?.events.find(({ what }) => what === 'deployed');
    expect(told).toMatchObject({ ungated: false, because: expect.stringContaining('without a sign that it began') });
  });
});

describe('An operator’s word', () => {
  it('adopts a late deployment, which bakes from there', async () => {
    const world = await aShop(reported);
    await world.ask('1', 'canary');
    world.minutes(20);
    await world.report('1', 'canary', deployed);
    world.minutes(20);
    const adopting = { ...deployed, ungated: true, reason: 'seen it roll out' };
    const { life } = await world.report('1', 'canary', adopting, OPERATOR);
    expect(life).toMatchObject({ origin: 'adopted', phase: 'live', liveAt: await world.ports.store.now() });
  });
});
