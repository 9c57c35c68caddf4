import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Asker } from '../../src/domain/asker.ts';
import type { Life } from '../../src/domain/life.ts';
import type { OpenedStore } from '../../src/storage/store.ts';
import { engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { aCommit, aLife, aProvider, aRule, aService, putConfig, putLife } from './commits.ts';

const DECISION = '0199f0c2-7a10-7b1c-9d3e-2f4a6b8c0d1e';
const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const ended = { phase: 'ended', end: 'superseded', report: null, reportedAt: null } as const;
const names = (lives: readonly Life[]): string[] => lives.map((life) => `${life.ring} ${life.version} ${life.n}`);

describe.each(engineKinds)('The state of a gate on %s', (kind) => {
  let engine: TestEngine;
  let store: OpenedStore;

  beforeAll(async () => {
    engine = await openEngine(kind);
    store = await engine.open();
  });
  afterAll(() => engine.destroy());

  const write = (service: string, lives: readonly Life[]) =>
    store.append(aCommit({ writes: lives.map((life) => putLife(life, service)) }));

  it('is empty, at revision 0 and at the present instant, for a service nobody has configured', async () => {
    const state = await store.gateState('nobody', '1.0.0');
    expect(state).toEqual({
      now: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: null,
      freezes: [],
      controls: [],
      askers: [],
      rules: [],
      providers: expect.any(Array),
      rollout: { lives: [], releases: [] },
      revisions: { history: expect.any(Number), global: 0, 'service/nobody': 0 },
    });
    expect(Math.abs(Date.parse(state.now) - Date.now())).toBeLessThan(60_000);
  });

  it('holds the plan, the rules in the order of their names, the providers and the revisions', async () => {
    const writes = [
      putConfig(aService('shop'), { rings: [{ name: 'canary', bake: '10m' }] }),
      putConfig(aRule('shop', 'b-rule'), { z: 1, a: 'ä€😀' }),
      putConfig(aRule('shop', 'a'), { second: true }),
      putConfig(aRule('shop', 'a-rule'), {}),
      putConfig(aRule('other', 'not-mine'), {}),
      putConfig(aProvider('prom'), { kind: 'prometheus', url: 'http://p' }),
    ];
    await store.append(aCommit({ raises: ['global', 'service/shop'], writes }));
    const state = await store.gateState('shop', '1.0.0');
    expect(state.service).toEqual({ rings: [{ name: 'canary', bake: '10m' }] });
    expect(state.rules).toEqual([
      { name: 'a', rule: { second: true } },
      { name: 'a-rule', rule: {} },
      { name: 'b-rule', rule: { z: 1, a: 'ä€😀' } },
    ]);
    expect(state.providers).toEqual([{ name: 'prom', provider: { kind: 'prometheus', url: 'http://p' } }]);
    expect(state.revisions).toEqual({ history: expect.any(Number), global: 1, 'service/shop': 1 });
  });

  it('gives a life back exactly as it was put', async () => {
    const full = aLife({ provenAt: at(5), endedAt: at(9), provenBy: 'd2', reason: 'why "not"', end: 'failed' });
    const bare = aLife({
      ring: 'wide',
      phase: 'promised',
      leaseUntil: '2999-01-01T00:00:00.001Z',
      liveAt: null,
      report: null,
      reportedAt: null,
      enteredBy: null,
    });
    await write('exact', [bare, full]);
    expect((await store.gateState('exact', '1.0.0')).rollout.lives).toEqual([full, bare]);
    expect(await store.lives('exact', '1.0.0')).toEqual([full, bare]);
  });

  it('holds who has asked for the version in its present epoch, each person once, until that is taken back', async () => {
    const asked = { service: 'asked', version: '1.0.0' };
    const asker = (name: string, minute: number): Asker => ({
      name,
      source: 'stated',
      decision: DECISION,
      at: at(minute),
    });
    const put = (name: string, minute: number, in_: Partial<typeof asked> = {}) =>
      ({ kind: 'put-asker', ...asked, ...in_, asker: asker(name, minute) }) as const;
    const raises = ['service/asked'];
    const askers = async () => (await store.gateState('asked', '1.0.0')).askers;
    const writes = [put('José', 2), put('ada', 1), put('eve', 1, { version: '2' }), put('eve', 1, { service: 'x' })];
    await store.append(aCommit({ raises, writes }));
    expect(await askers()).toEqual([asker('ada', 1), asker('José', 2)]);
    await store.append(aCommit({ raises, writes: [put('Jose\u0301', 3)] }));
    expect(await askers()).toEqual([asker('ada', 1), asker('Jose\u0301', 3)]);
    await store.append(aCommit({ raises, writes: [{ ...put('ADA', 1), kind: 'delete-asker' }] }));
    expect(await askers()).toEqual([asker('Jose\u0301', 3)]);
    const release = { version: '1.0.0', epoch: 2, artifact: null, mark: null };
    await store.append(aCommit({ raises, writes: [{ kind: 'put-release', service: 'asked', release }] }));
    expect(await askers()).toEqual([asker('Jose\u0301', 3)]);
    await store.append(aCommit({ raises, writes: [put('eve', 1), { kind: 'clear-askers', ...asked }] }));
    expect(await askers()).toEqual([asker('eve', 1)]);
    await store.append(aCommit({ raises, writes: [{ kind: 'clear-askers', ...asked }] }));
    expect(await askers()).toEqual([]);
    expect((await store.gateState('asked', '2')).askers).toEqual([asker('eve', 1)]);
  });

  it('holds every life of the version asked for, however old, in the order of ring and number', async () => {
    await write('own', [
      aLife({ ...ended, ring: 'b', n: 2, liveAt: at(0) }),
      aLife({ ...ended, ring: 'b', n: 1, liveAt: at(1) }),
      aLife({ ...ended, ring: 'a', n: 1, liveAt: null }),
    ]);
    expect(names((await store.gateState('own', '1.0.0')).rollout.lives)).toEqual([
      'a 1.0.0 1',
      'b 1.0.0 1',
      'b 1.0.0 2',
    ]);
  });

  it('holds what runs, and of the promises of others only a lease that stands', async () => {
    const minutes = (n: number): string => new Date(Date.now() + n * 60_000).toISOString();
    const promised = (version: string, until: number) =>
      aLife({
        ...{ version, phase: 'promised', liveAt: null, report: null, reportedAt: null },
        ...{ leaseUntil: minutes(until), spans: [{ start: minutes(until - 15), end: minutes(until) }] },
      });
    await store.append(aCommit({ writes: [putConfig(aService('open'), { rings: [{ name: 'canary', bake: '1m' }] })] }));
    await write('open', [
      promised('lapsed', -1),
      promised('standing', 10),
      aLife({ version: 'live', reportedAt: at(1) }),
      aLife({ version: 'proven', phase: 'proven', provenAt: at(2) }),
    ]);
    const versions = async (asked: string) =>
      (await store.gateState('open', asked)).rollout.lives.map((life) => life.version);
    expect(await versions('asked')).toEqual(['live', 'proven', 'standing']);
    expect(await versions('lapsed')).toEqual(['lapsed', 'live', 'proven', 'standing']);
  });

  it('holds per ring the five proven last, the two that went live last and the one reported last', async () => {
    const proven = Array.from({ length: 7 }, (_, i) =>
      aLife({ ...ended, version: `p${i}`, liveAt: at(i), provenAt: at(10 + i) }),
    );
    const live = ['l1', 'l2', 'l3'].map((version, i) => aLife({ ...ended, version, liveAt: at(30 + i) }));
    const reported = ['r1', 'r2'].map((version, i) =>
      aLife({ ...ended, version, liveAt: at(i), report: 'failed', reportedAt: at(40 + i) }),
    );
    const elsewhere = aLife({ ...ended, version: 'old', ring: 'wide', liveAt: at(0), provenAt: at(1) });
    await write('past', [...proven, ...live, ...reported, elsewhere]);
    const { lives } = (await store.gateState('past', 'l3')).rollout;
    expect(lives.map((life) => life.version)).toEqual(['l2', 'l3', 'p2', 'p3', 'p4', 'p5', 'p6', 'r2', 'old']);
    const others = (await store.gateState('past', 'asked')).rollout.lives;
    expect(others.map((life) => life.version)).toEqual(['l2', 'l3', 'p2', 'p3', 'p4', 'p5', 'p6', 'r2', 'old']);
  });

  it('holds the releases of every version that occurs and of the one asked for, and no others', async () => {
    const mark = { at: at(1), decision: 'd1', reason: 'errors' };
    const releases = ['1', '2', '3'].map((version) => ({ version, epoch: 2, artifact: `sha256:${version}`, mark }));
    const plain = { version: '4', epoch: 1, artifact: null, mark: null };
    const writes = [...releases, plain].map((release) => ({ kind: 'put-release' as const, service: 'rel', release }));
    await store.append(aCommit({ writes: [...writes, putLife(aLife({ version: '2' }), 'rel')] }));
    const { rollout } = await store.gateState('rel', '4');
    expect(rollout.releases).toEqual([releases[1], plain]);
    expect(await store.release('rel', '3')).toEqual(releases[2]);
    expect(await store.release('rel', '4')).toEqual(plain);
    expect(await store.release('rel', '5')).toBeNull();
  });

  it('is another one as soon as something was written that raises a revision, of the service or of all', async () => {
    const write = (raises: string, ...writes: Parameters<typeof putConfig>) =>
      store.append(aCommit({ raises: [raises], writes: [putConfig(...writes)] }));
    await write('service/kept', aService('kept'), { rings: [] });
    const first = await store.gateState('kept', '1');
    expect((await store.gateState('kept', '1')).service).toBe(first.service);
    await write('service/kept', aRule('kept', 'r'), { is: 'new' });
    const second = await store.gateState('kept', '1');
    expect(second.rules).toEqual([{ name: 'r', rule: { is: 'new' } }]);
    await write('global', aProvider('kept'), { kind: 'recorded' });
    const third = await store.gateState('kept', '1');
    expect(third.providers).toContainEqual({ name: 'kept', provider: { kind: 'recorded' } });
    expect(third.revisions).toMatchObject({ global: (second.revisions.global ?? 0) + 1, 'service/kept': 2 });
  });

  it('says the same twice, also after its plan was kept', async () => {
    const { now: _, ...first } = await store.gateState('past', 'l3');
    for (let i = 0; i < 8; i++) {
      const { now, ...again } = await store.gateState('past', 'l3');
      expect(again).toEqual(first);
    }
  });
});
