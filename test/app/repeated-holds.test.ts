import { describe, expect, it } from 'vitest';
import { getDecision, listDecisions } from '../../src/app/audit.ts';
import type { DecisionDocument } from '../../src/app/documents.ts';
import { getRelease } from '../../src/app/releases.ts';
import { idsIn, replay, replayEntry } from '../../src/app/replay-decision.ts';
import { story } from '../../src/app/story.ts';
import { canonicalJson, leafHash, sha256Hex } from '../../src/domain/audit/canonical.ts';
import { replayAll } from '../../src/replay.ts';
import { aRule, aService } from '../support/builders.ts';
import { aWorld, counts, OPERATOR, type World } from '../support/world.ts';

const RELEASE = { service: 'checkout', version: '1.0.0' };
const identical = { verdictIdentical: true, bytesIdentical: true };

/** 1.0.0 is live in canary, where too few events and a bake time keep it from early. */
async function held(): Promise<World> {
  const world = await aWorld(aService(), { errors: aRule() });
  await world.ask('1.0.0', 'canary');
  await world.report('1.0.0', 'canary', { state: 'deployed' });
  world.minutes(5);
  world.answer = counts(0, 40);
  return world;
}

const textOf = async (world: World, { id }: DecisionDocument) => (await world.ports.store.entry(id))?.body ?? '';

describe('a hold that is told again', () => {
  it('is recorded without its facts, and says whose it shares', async () => {
    const world = await held();
    const first = await world.ask('1.0.0', 'early');
    world.minutes(1);
    world.answer = counts(1, 55);
    const second = await world.ask('1.0.0', 'early');
    expect(second.findings.find(({ check }) => check === 'bake')?.evidence.served).toBe('6m');
    const body = JSON.parse(await textOf(world, second));
    expect(body).toMatchObject({ repeats: first.id, question: { ring: 'early' }, verdict: 'hold' });
    expect(body).not.toHaveProperty('facts');
    expect(body.factsHash).toMatch(/^[0-9a-f]{64}$/);
    const [long, short] = [await textOf(world, first), await textOf(world, second)].map((text) => text.length);
    expect(short).toBeLessThan((long ?? 0) / 2);
  });

  it('is read like any other decision', async () => {
    const world = await held();
    const first = await world.ask('1.0.0', 'early');
    const second = await world.ask('1.0.0', 'early');
    expect(await getDecision(world.ports, second.id)).toEqual({ ...second, facts: null, repeats: first.id });
    expect(await getDecision(world.ports, first.id)).toMatchObject({ facts: { v: 2 }, repeats: null });
    const { items } = await listDecisions(world.ports, {}, { limit: 2, cursor: null });
    expect(items).toEqual([second, first]);
    expect(await getRelease(world.ports, RELEASE)).toMatchObject({ lastDecision: { id: second.id, dryRun: false } });
    const { rings } = await story(world.ports, RELEASE);
    expect(rings.find(({ ring }) => ring === 'early')?.events.map(({ what }) => what)).toEqual(['held']);
  });

  it('refers to nothing that was recorded in another history of the database, where it may be missing', async () => {
    const world = await held();
    const first = await world.ask('1.0.0', 'early');
    world.ports.store.failOver();
    const other = await world.ask('1.0.0', 'early');
    const again = await world.ask('1.0.0', 'early');
    world.ports.desk.holds.forget();
    const anew = await world.ask('1.0.0', 'early');
    const repeats = async (id: string) => (await getDecision(world.ports, id)).repeats;
    expect(await Promise.all([first, other, again, anew].map(({ id }) => repeats(id)))).toEqual([
      null,
      null,
      other.id,
      null,
    ]);
  });

  it('always refers to a record with facts, and to none that is older than 15 minutes', async () => {
    const world = await held();
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      ids.push((await world.ask('1.0.0', 'early')).id);
      world.minutes(2);
    }
    const global = await world.ask('1.0.0', 'global');
    world.minutes(15);
    const edge = await world.ask('1.0.0', 'global');
    world.ports.store.advance(1);
    const later = await world.ask('1.0.0', 'global');
    const repeats = async (id: string) => (await getDecision(world.ports, id)).repeats;
    expect(await Promise.all(ids.map(repeats))).toEqual([null, ids[0], ids[0], ids[0], ids[0]]);
    expect(await repeats(edge.id)).toBe(global.id);
    expect(await repeats(later.id)).toBeNull();
  });

  it.each([
    ['another caller asks', (w: World) => w.ask('1.0.0', 'early', 'enter', { by: OPERATOR })],
    ['it is a dry run', (w: World) => w.ask('1.0.0', 'early', 'enter', { dryRun: true })],
    ['another ring is asked for', (w: World) => w.ask('1.0.0', 'global')],
    ['another version is asked for', (w: World) => w.ask('1.0.1', 'early')],
    [
      'a finding has another cause',
      async (w: World) => {
        w.answer = () => ({ kind: 'no-data' });
        return w.ask('1.0.0', 'early');
      },
    ],
    [
      'a finding clears',
      async (w: World) => {
        w.answer = counts(0, 1000);
        return w.ask('1.0.0', 'early');
      },
    ],
    [
      'the policy has changed',
      async (w: World) => {
        await w.put('service', 'checkout', aService({ title: 'Other' }));
        return w.ask('1.0.0', 'early');
      },
    ],
  ] as const)('is recorded whole when %s', async (_, next) => {
    const world = await held();
    await world.ask('1.0.0', 'early');
    const other = await next(world);
    expect(other.verdict).toBe('hold');
    expect((await getDecision(world.ports, other.id)).repeats).toBeNull();
  });

  it('is told apart by who stands in the way, also when names look like numbers', async () => {
    const world = await aWorld(aService(), { errors: aRule() });
    await world.ask('7', 'canary');
    const first = await world.ask('9', 'canary');
    await world.report('7', 'canary', { state: 'abandoned' });
    await world.ask('8', 'canary');
    const second = await world.ask('9', 'canary');
    expect([first.findings, second.findings].map((all) => all.find((f) => f.check === 'occupancy')?.cause)).toEqual([
      'ring-occupied',
      'ring-occupied',
    ]);
    expect((await getDecision(world.ports, second.id)).repeats).toBeNull();
  });

  it('is never a promote or a rollback', async () => {
    const world = await held();
    world.answer = counts(200, 1000);
    world.minutes(60);
    const told = [await world.ask('1.0.0', 'early'), await world.ask('1.0.0', 'early')];
    expect(told.map(({ verdict }) => verdict)).toEqual(['rollback', 'rollback']);
    for (const { id } of told) expect((await getDecision(world.ports, id)).repeats).toBeNull();
  });
});

describe('the replay of a hold that is told again', () => {
  async function twice() {
    const world = await held();
    const first = await world.ask('1.0.0', 'early');
    world.minutes(1);
    const second = await world.ask('1.0.0', 'early');
    const texts = { original: await textOf(world, first), body: await textOf(world, second) };
    return { world, first, second, ...texts };
  }

  /** The repeated record with one thing changed, canonical again. */
  const changed = (body: string, change: (body: Record<string, unknown>) => unknown) =>
    canonicalJson(change(JSON.parse(body)));

  it('replays the one that has facts, and compares', async () => {
    const { world, second, body, original } = await twice();
    expect(await replay(world.ports, second.id)).toMatchObject(identical);
    expect(replayEntry(body, 'x', original)).toMatchObject({ ...identical, replayedBy: 'x' });
    expect(await replayAll({ store: world.ports.store })).toEqual({ count: 3, differences: [] });
  });

  it('finds everything different when the one that has facts is not there', async () => {
    const { world, second, body } = await twice();
    expect(replayEntry(body, 'x')).toMatchObject({ verdictIdentical: false, bytesIdentical: false });
    expect(replayEntry(body, 'x', 'nonsense')).toMatchObject({ verdictIdentical: false, bytesIdentical: false });
    expect(replayEntry(body, 'x', body)).toMatchObject({ verdictIdentical: false, bytesIdentical: false });
    const { entries } = world.ports.store;
    const alone = { entries: entries.bind(world.ports.store), entry: async () => null };
    const { differences } = await replayAll({ store: alone });
    expect(differences).toEqual([expect.stringMatching(`^${second.id}: it repeats the decision .+ not there$`)]);
  });

  it.each([
    ['its verdict', (b: Record<string, unknown>) => ({ ...b, verdict: 'promote' })],
    ['a finding', (b: Record<string, unknown>) => JSON.parse(JSON.stringify(b).replace('"baking"', '"frozen"'))],
    [
      'its question',
      (b: Record<string, unknown>) => ({ ...b, question: { ...(b.question as object), ring: 'global' } }),
    ],
    ['its caller', (b: Record<string, unknown>) => ({ ...b, caller: { kind: 'token', id: 'x', name: 'x' } })],
    ['its policy', (b: Record<string, unknown>) => ({ ...b, policyVersion: `sha256:${sha256Hex('x')}` })],
    ['its time, by a day', (b: Record<string, unknown>) => ({ ...b, at: '2026-11-23T10:06:00.000Z' })],
    ['whom it repeats', (b: Record<string, unknown>) => ({ ...b, repeats: b.id })],
  ])('finds a record in which somebody changed %s', async (_, change) => {
    const { body, original } = await twice();
    const result = replayEntry(changed(body, change), 'x', original);
    expect(result).toMatchObject({ verdictIdentical: false, bytesIdentical: false });
  });

  it('finds a changed text by its hash, and a changed original', async () => {
    const { world, first, second, body, original } = await twice();
    world.ports.store.tamper(
      second.id,
      changed(body, (b) => ({ ...b, actor: 'eve' })),
    );
    expect(await replay(world.ports, second.id)).toMatchObject({ verdictIdentical: true, bytesIdentical: false });
    const pretty = JSON.stringify(JSON.parse(body), null, 1);
    expect(replayEntry(pretty, 'x', original)).toMatchObject({ verdictIdentical: true, bytesIdentical: false });
    world.ports.store.tamper(second.id, body);
    expect(await replay(world.ports, second.id)).toMatchObject(identical);
    const touched = original.replace('"value":"40"', '"value":"41"');
    expect(touched).not.toBe(original);
    world.ports.store.tamper(first.id, touched, leafHash(touched));
    expect(await replay(world.ports, second.id)).toMatchObject({ bytesIdentical: false });
    expect(idsIn(touched)).toEqual({ id: first.id, repeats: null });
  });
});
