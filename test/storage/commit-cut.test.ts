import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedStore } from '../../src/storage/store.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { aCommit } from './commits.ts';

/** Stands between the store and PostgreSQL, and cuts the connection at the next COMMIT, before or after it arrived. */
async function cuttingProxy(to: URL) {
  let cut: 'before' | 'after' | null = null;
  const server: Server = createServer((client) => {
    const database = connect(Number(to.port), to.hostname);
    client.on('error', () => database.destroy()).on('close', () => database.destroy());
    database.on('error', () => client.destroy()).on('close', () => client.destroy());
    let deaf = false;
    database.on('data', (chunk) => (deaf ? client.destroy() : client.write(chunk)));
    client.on('data', (chunk) => {
      if (cut !== null && chunk.includes('commit\0')) {
        deaf = true;
        if (cut === 'before') client.destroy();
        cut = null;
      }
      if (!client.destroyed) database.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(to);
  url.port = String((server.address() as AddressInfo).port);
  return { url: url.href, cutAt: (when: 'before' | 'after') => (cut = when), close: () => server.close() };
}

describe('A connection that breaks during COMMIT', () => {
  let engine: TestEngine;
  let proxy: Awaited<ReturnType<typeof cuttingProxy>>;
  let store: OpenedStore;

  beforeAll(async () => {
    engine = await openEngine('postgres');
    proxy = await cuttingProxy(new URL(engine.databaseUrl ?? ''));
    store = await engine.open({ databaseUrl: proxy.url });
  });
  afterAll(async () => {
    await engine.destroy();
    proxy.close();
  });

  it('leaves a commit recorded, once, when the database had received it', async () => {
    const commit = aCommit({ body: { service: 'after' }, expects: { global: 0 }, raises: ['global'] });
    proxy.cutAt('after');
    expect(await store.append(commit)).toBe('recorded');
    expect((await store.entries({ service: 'after' }, { limit: 5, cursor: null })).items).toHaveLength(1);
    expect((await store.gateState('x', '1')).revisions.global).toBe(1);
  });

  it('leaves it unrecorded and says that the store is unavailable when it had not', async () => {
    const commit = aCommit({ body: { service: 'before' } });
    proxy.cutAt('before');
    await expect(store.append(commit)).rejects.toMatchObject({ code: 'unavailable' });
    expect((await store.entries({ service: 'before' }, { limit: 5, cursor: null })).items).toEqual([]);
    expect(await store.append(commit)).toBe('recorded');
  });
});
