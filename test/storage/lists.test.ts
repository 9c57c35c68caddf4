import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredToken } from '../../src/app/ports.ts';
import type { OpenedStore } from '../../src/storage/store.ts';
import { engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { aCommit, aLife, aProvider, aRule, aService, putConfig, putLife } from './commits.ts';
import { readAll } from './read-all.ts';

const token = (id: string): StoredToken => ({
  id,
  name: `name of ${id}`,
  role: 'pipeline',
  changes: ['standard', 'emergency'],
  hash: `hash of ${id}`,
  createdAt: `2026-01-0${id}T00:00:00.123Z`,
  expiresAt: '2027-01-01T00:00:00.000Z',
});

describe.each(engineKinds)('Documents, releases and tokens on %s', (kind) => {
  let engine: TestEngine;
  let store: OpenedStore;

  beforeAll(async () => {
    engine = await openEngine(kind);
    store = await engine.open();
  });
  afterAll(() => engine.destroy());

  it('gives a document back with its ETag, its instant and the revisions it depends on', async () => {
    const put = putConfig(aRule('shop', 'errors'), { mode: 'enforce', limits: { hold: { above: 0.01 } } });
    await store.append(aCommit({ raises: ['service/shop'], writes: [put] }));
    expect(await store.config(aRule('shop', 'errors'))).toEqual({
      row: {
        ...aRule('shop', 'errors'),
        document: { mode: 'enforce', limits: { hold: { above: 0.01 } } },
        etag: put.kind === 'put-config' && put.etag,
        updatedAt: expect.stringMatching(/\.\d{3}Z$/),
      },
      revisions: { history: expect.any(Number), global: 0, 'service/shop': 1 },
    });
    expect((await store.config(aService('shop'))).revisions).toEqual({
      history: expect.any(Number),
      global: 0,
      'service/shop': 1,
    });
    expect((await store.config(aProvider('prom'))).revisions).toEqual({ history: expect.any(Number), global: 0 });
  });

  it('replaces and deletes a document', async () => {
    const key = aProvider('gone');
    await store.append(aCommit({ writes: [putConfig(key, { at: 1 })] }));
    await store.append(aCommit({ writes: [putConfig(key, { at: 2 })] }));
    expect((await store.config(key)).row?.document).toEqual({ at: 2 });
    await store.append(aCommit({ writes: [{ kind: 'delete-config', key }] }));
    expect((await store.config(key)).row).toBeNull();
  });

  it('lists documents of a kind and an owner by name, page by page', async () => {
    const keys = ['b', 'a-1', 'a', 'c'].map((name) => aRule('list', name));
    const others = [aRule('list2', 'a'), aService('list')];
    await store.append(aCommit({ writes: [...keys, ...others].map((key) => putConfig(key, {})) }));
    const rules = await readAll(2, (page) => store.configs('rule', 'list', page));
    expect(rules.map((row) => row.name)).toEqual(['a', 'a-1', 'b', 'c']);
    const all = await readAll(1, (page) => store.configs('rule', null, page));
    expect(all.filter((row) => row.owner !== 'shop').map((row) => `${row.owner}/${row.name}`)).toEqual([
      'list/a',
      'list/a-1',
      'list/b',
      'list/c',
      'list2/a',
    ]);
  });

  it('lists releases of one service or of all, those first seen last first, page by page', async () => {
    for (const version of ['1', '2', '3']) {
      const release = { version, epoch: 1, artifact: null, mark: null };
      await store.append(aCommit({ writes: [{ kind: 'put-release', service: `s${version}`, release }] }));
      await store.append(aCommit({ writes: [{ kind: 'put-release', service: 'same', release }] }));
    }
    const same = await readAll(2, (page) => store.releases('same', page));
    expect(new Set(same.map((item) => item.release.version))).toEqual(new Set(['1', '2', '3']));
    expect(await readAll(1, (page) => store.releases('same', page))).toEqual(same);
    expect(await readAll(4, (page) => store.releases(null, page))).toHaveLength(6);
    expect((await store.releases(null, { limit: 6, cursor: null })).next).toBeNull();
  });

  it('lists the lives of a service, or of one release of it, by the instant they began', async () => {
    const lives = [
      aLife({ version: '2', promisedAt: '2026-01-02T00:00:00.000Z' }),
      aLife({ version: '1', promisedAt: null, liveAt: '2026-01-01T00:00:00.000Z' }),
      aLife({ version: '2', ring: 'wide', promisedAt: '2026-01-03T00:00:00.000Z' }),
    ];
    await store.append(aCommit({ writes: lives.map((life) => putLife(life, 'began')) }));
    expect(await store.lives('began', null)).toEqual([lives[1], lives[0], lives[2]]);
    expect(await store.lives('began', '2')).toEqual([lives[0], lives[2]]);
  });

  it('finds a token by its hash with the instant of the look-up, and knows when there is any', async () => {
    expect(await store.anyToken()).toBe(false);
    expect(await store.tokens()).toEqual([]);
    await store.append(aCommit({ writes: [token('2'), token('1')].map((t) => ({ kind: 'put-token', token: t })) }));
    expect(await store.anyToken()).toBe(true);
    expect(await store.token('hash of 1')).toEqual({ ...token('1'), now: expect.stringMatching(/\.\d{3}Z$/) });
    expect(await store.token('another hash')).toBeNull();
    expect(await store.tokens()).toEqual([token('1'), token('2')]);
  });

  it('tells the time of the database', async () => {
    expect(await store.now()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('is ready, and says how its connections stand', async () => {
    expect(await store.ready()).toEqual({ ready: true });
    const { total, idle, waiting } = store.poolStats();
    expect([total >= 1, idle <= total, waiting]).toEqual([true, true, 0]);
  });
});
