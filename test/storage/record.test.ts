import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedStore } from '../../src/storage/store.ts';
import { engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { aCommit } from './commits.ts';
import { readAll } from './read-all.ts';

const ALL = { limit: 500, cursor: null };

describe.each(engineKinds)('Reading the record on %s', (kind) => {
  let engine: TestEngine;
  let store: OpenedStore;
  const one = {
    kind: 'decision',
    service: 'shop',
    release: 'shop@1',
    ring: 'canary',
    verdict: 'hold',
    causes: ['baking', 'no-data'],
    caller: { kind: 'token', id: 't1' },
    actor: 'Ada',
  };
  const other = { kind: 'report', service: 'till', causes: ['open'], caller: { kind: 'anonymous', id: null } };

  beforeAll(async () => {
    engine = await openEngine(kind);
    store = await engine.open();
    for (const body of [one, other, { kind: 'start' }]) await store.append(aCommit({ body }));
  });
  afterAll(() => engine.destroy());

  it.each([
    [{ kind: 'decision' }],
    [{ service: 'shop' }],
    [{ release: 'shop@1' }],
    [{ ring: 'canary' }],
    [{ verdict: 'hold' }],
    [{ cause: 'no-data' }],
    [{ caller: 't1' }],
    [{ actor: 'Ada' }],
    [{ kind: 'decision', service: 'shop', cause: 'baking' }],
  ])('finds exactly the entries that %j describes', async (filter) => {
    const { items, next } = await store.entries(filter, ALL);
    expect(items.map((item) => JSON.parse(item.body))).toEqual([one]);
    expect(next).toBeNull();
    expect((await store.entries({ ...filter, kind: 'nothing' }, ALL)).items).toEqual([]);
  });

  it('gives every text back byte for byte, many of one transaction', async () => {
    const texts = ['', 'ä€😀', '\\"quoted\\"', '{a,b}', 'NULL', '\n\t', 'x'.repeat(100_000)];
    const commits = texts.map((reason) => aCommit({ body: { service: 'bytes', reason } }));
    await Promise.all(commits.map((commit) => store.append(commit)));
    for (const { entry } of commits) {
      const { person: _, ...recorded } = entry;
      expect(await store.entry(entry.id)).toMatchObject(recorded);
    }
  });

  it('counts `from` as part of a span and `to` not', async () => {
    const [newest] = (await store.entries({}, ALL)).items;
    const instant = newest?.recordedAt ?? '';
    const from = (await store.entries({ from: instant }, ALL)).items;
    const to = (await store.entries({ to: instant }, ALL)).items;
    expect(from.map((entry) => entry.id)).toContain(newest?.id);
    expect(to.map((entry) => entry.id)).not.toContain(newest?.id);
    expect(from.length + to.length).toBe((await store.entries({}, ALL)).items.length);
  });

  it('gives all entries page by page, newest first, none twice and none left out', async () => {
    const commits = Array.from({ length: 47 }, (_, i) => aCommit({ body: { service: 'pages', i } }));
    await Promise.all(commits.map((commit) => store.append(commit)));
    const filter = { service: 'pages' };
    const paged = await readAll(5, (page) => store.entries(filter, page));
    expect(paged).toEqual((await store.entries(filter, ALL)).items);
    expect(new Set(paged.map((entry) => entry.id))).toEqual(new Set(commits.map((commit) => commit.entry.id)));
    const keys = paged.map((entry) => entry.recordedAt + entry.id);
    expect(keys).toEqual([...keys].sort().reverse());
  });

  it.each(['nonsense', 'W10', Buffer.from('["2026-01-01","x"]').toString('base64url')])(
    'refuses the cursor %s that it cannot have given out',
    async (cursor) => {
      await expect(store.entries({}, { limit: 5, cursor })).rejects.toMatchObject({
        code: 'invalid-request',
        errors: [{ pointer: '/query/cursor' }],
      });
    },
  );
});
