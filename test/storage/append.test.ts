import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GateError } from '../../src/domain/errors.ts';
import type { OpenedStore } from '../../src/storage/store.ts';
import { engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { aCommit, aLife, anEntry, aService, putConfig, putLife } from './commits.ts';

describe.each(engineKinds)('Appending on %s', (kind) => {
  let engine: TestEngine;
  let store: OpenedStore;
  const batches: number[] = [];

  beforeAll(async () => {
    engine = await openEngine(kind);
    store = await engine.open({ onBatch: (size) => batches.push(size) });
  });
  afterAll(() => engine.destroy());

  it('records an entry exactly as it was given, with the instant of recording', async () => {
    const { entry, ...commit } = aCommit({ body: { service: 'ä€😀', text: 'line\nbreak "quoted" \\ back' } });
    expect(await store.append({ entry, ...commit })).toBe('recorded');
    const found = await store.entry(entry.id);
    const { person: _, ...recorded } = entry;
    expect(found).toEqual({
      ...recorded,
      recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  it('records all of two hundred concurrent commits, several to a transaction', async () => {
    batches.length = 0;
    const commits = Array.from({ length: 200 }, (_, i) => aCommit({ body: { service: 'many', i } }));
    expect(new Set(await Promise.all(commits.map((commit) => store.append(commit))))).toEqual(new Set(['recorded']));
    const { items } = await store.entries({ service: 'many' }, { limit: 500, cursor: null });
    expect(new Set(items.map((item) => item.id))).toEqual(new Set(commits.map((commit) => commit.entry.id)));
    expect(Math.max(...batches)).toBeGreaterThan(1);
    expect(batches.reduce((sum, size) => sum + size, 0)).toBe(200);
  });

  it('records exactly one of several commits that expect the same revision', async () => {
    const commits = Array.from({ length: 5 }, () =>
      aCommit({ expects: { 'service/one': 0 }, raises: ['service/one'] }),
    );
    const outcomes = await Promise.all(commits.map((commit) => store.append(commit)));
    expect(outcomes).toEqual(['recorded', ...Array(4).fill('state-changed')]);
    const found = await Promise.all(commits.map((commit) => store.entry(commit.entry.id)));
    expect(found.map((entry) => entry !== null)).toEqual([true, false, false, false, false]);
    expect((await store.gateState('one', '1')).revisions).toMatchObject({ global: 0, 'service/one': 1 });
  });

  it('writes nothing of a commit whose expectation does not hold', async () => {
    const key = aService('stale');
    const stale = { expects: { global: 7 }, raises: ['service/stale'] };
    const writes = [putConfig(key, { rings: [] }), putLife(aLife(), 'stale')];
    expect(await store.append(aCommit({ ...stale, writes }))).toBe('state-changed');
    expect(await store.config(key)).toEqual({
      row: null,
      revisions: { history: expect.any(Number), global: 0, 'service/stale': 0 },
    });
    expect(await store.lives('stale', null)).toEqual([]);
  });

  it('records what was found on the way before the entry that it led to, or neither of them', async () => {
    const [found, foundInVain] = [anEntry({ service: 'way' }), anEntry({ service: 'way' })];
    const commit = aCommit({ body: { service: 'way' }, also: [found] });
    expect(await store.append(commit)).toBe('recorded');
    const stale = { also: [foundInVain], expects: { global: 7 } };
    expect(await store.append(aCommit({ body: { service: 'way' }, ...stale }))).toBe('state-changed');
    const { items } = await store.entries({ service: 'way' }, { limit: 5, cursor: null });
    expect(new Set(items.map(({ id }) => id))).toEqual(new Set([found.id, commit.entry.id]));
  });

  it('fails both entries of a commit together when the database refuses one of them', async () => {
    const commit = aCommit({ also: [{ ...anEntry(), leafHash: anEntry({ x: 1 }).leafHash }] });
    await expect(store.append(commit)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await store.entry(commit.entry.id)).toBeNull();
  });

  it('raises a scope by one for each commit that names it, however many share the transaction', async () => {
    await Promise.all(Array.from({ length: 9 }, () => store.append(aCommit({ raises: ['service/up', 'service/up'] }))));
    expect((await store.gateState('up', '1')).revisions['service/up']).toBe(9);
  });

  it('leaves the last of several writes to the same row', async () => {
    const key = aService('last');
    await Promise.all([
      store.append(aCommit()),
      store.append(aCommit({ writes: [putLife(aLife({ phase: 'promised' }), 'last'), putConfig(key, { at: 1 })] })),
      store.append(aCommit({ writes: [putLife(aLife({ phase: 'live' }), 'last'), { kind: 'delete-config', key }] })),
      store.append(aCommit({ writes: [putLife(aLife({ phase: 'proven' }), 'last'), putConfig(key, { at: 3 })] })),
    ]);
    expect((await store.lives('last', null)).map((life) => life.phase)).toEqual(['proven']);
    expect((await store.config(key)).row?.document).toEqual({ at: 3 });
  });

  it.each([
    ['an escaped NUL in the body', (): object => ({ entry: escapedNul() })],
    ['a NUL character in the body', (): object => ({ entry: { ...anEntry(), body: '{"kind":"\u0000"}' } })],
    ['a leaf hash of other bytes', (): object => ({ entry: { ...anEntry(), leafHash: anEntry({ x: 1 }).leafHash } })],
    ['a leaf hash that is too short', (): object => ({ entry: { ...anEntry(), leafHash: 'abcd' } })],
    ['a body that is not JSON', (): object => ({ entry: { ...anEntry(), body: '{' } })],
    ['an id that is not a UUID', (): object => ({ entry: { ...anEntry(), id: 'no' } })],
    ['a document that cannot be written', () => ({ writes: [putConfig(aService('bad'), {}), circular()] })],
  ])('fails a commit with %s alone, without its neighbours and without internals', async (_, poison) => {
    const commits = [aCommit(), aCommit(), aCommit(poison()), aCommit()];
    const results = await Promise.allSettled(commits.map((commit) => store.append(commit)));
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    const { reason } = results[2] as { reason: GateError };
    expect(reason).toMatchObject({ name: 'GateError', code: 'unavailable', message: 'The store did not answer' });
    for (const i of [0, 1, 3]) expect(await store.entry(commits[i]?.entry.id ?? '')).not.toBeNull();
    expect((await store.config(aService('bad'))).row).toBeNull();
  });

  it('refuses to append once it is closed, after answering all that came before', async () => {
    const other = await openEngine(kind);
    const closing = await other.open();
    const commit = aCommit();
    const appended = closing.append(commit);
    await closing.close();
    expect(await appended).toBe('recorded');
    await expect(closing.append(aCommit())).rejects.toMatchObject({ code: 'unavailable' });
    const reopened = await other.open();
    expect(await reopened.entry(commit.entry.id)).not.toBeNull();
    await other.destroy();
  });

  it('answers that an entry is not there for an id of any form', async () => {
    expect(await store.entry(randomUUID())).toBeNull();
    expect(await store.entry("'; drop table life")).toBeNull();
  });
});

function escapedNul() {
  return anEntry({ text: 'a\u0000b' });
}

function circular() {
  const document: Record<string, unknown> = {};
  document.self = document;
  return { kind: 'put-config' as const, key: aService('bad'), document, etag: 'x' };
}
