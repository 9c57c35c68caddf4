import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Commit } from '../../src/app/ports.ts';
import { type OpenedStore, openStore } from '../../src/storage/store.ts';
import { openEngine, runSql, type TestEngine } from '../support/engines.ts';
import { aCommit } from './commits.ts';

const UNAVAILABLE = { name: 'GateError', code: 'unavailable', message: 'The store did not answer' };

describe('A store on a PostgreSQL in trouble', () => {
  let engine: TestEngine;
  let store: OpenedStore;
  let url: string;
  const server = inject('postgresUrl');

  beforeAll(async () => {
    engine = await openEngine('postgres');
    url = engine.databaseUrl ?? '';
    store = await engine.open();
  });
  afterAll(() => engine.destroy());

  const terminate = () =>
    runSql(server, 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
      new URL(url).pathname.slice(1),
    ]);
  it('goes on when its connections are ended between statements', async () => {
    await store.append(aCommit());
    await store.now();
    await terminate();
    expect(await store.append(aCommit())).toBe('recorded');
    await store.now().catch(() => undefined);
    expect(await store.now()).toMatch(/Z$/);
    expect(await store.ready()).toEqual({ ready: true });
  });

  it('has every commit it acknowledged exactly once, and no other twice, when they are ended while it writes', async () => {
    const commits = Array.from({ length: 600 }, () => aCommit({ raises: ['global'] }));
    let next = 0;
    const outcomes: [Commit, string][] = [];
    const callers = Array.from({ length: 20 }, async () => {
      for (let commit = commits[next++]; commit !== undefined; commit = commits[next++]) {
        const outcome = await store.append(commit).catch((error) => {
          expect(error).toMatchObject(UNAVAILABLE);
          return 'unknown';
        });
        outcomes.push([commit, outcome]);
        if (outcomes.length % 100 === 0) await terminate();
      }
    });
    await Promise.all(callers);
    const rows = await runSql(url, 'select id, count(*)::int as times from audit.entry group by id');
    const times = new Map(rows.map((row) => [row.id, row.times]));
    const recorded = outcomes.filter(([, outcome]) => outcome === 'recorded');
    expect(recorded.length).toBeGreaterThan(300);
    expect(recorded.every(([commit]) => times.get(commit.entry.id) === 1)).toBe(true);
    expect([...times.values()].every((n) => n === 1)).toBe(true);
  });

  it('answers unavailable while the database takes no connections, and goes on afterwards', async () => {
    const name = new URL(url).pathname.slice(1);
    await runSql(server, `alter database ${name} with allow_connections false`);
    await terminate();
    await expect(store.append(aCommit())).rejects.toMatchObject(UNAVAILABLE);
    await expect(store.gateState('a', '1')).rejects.toMatchObject(UNAVAILABLE);
    expect(await store.ready()).toEqual({ ready: false, reason: 'the database does not answer' });
    await runSql(server, `alter database ${name} with allow_connections true`);
    expect(await store.append(aCommit())).toBe('recorded');
    expect(await store.ready()).toEqual({ ready: true });
  });

  it('does not wait without end for a lock that somebody else holds, and fails nobody who does not need it', async () => {
    await store.append(aCommit({ raises: ['service/locked'] }));
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query(`begin; select * from revision where scope = 'service/locked' for update`);
    const blocked = store.append(aCommit({ expects: { 'service/locked': 1 } }));
    const free = store.append(aCommit({ raises: ['service/free'] }));
    await expect(blocked).rejects.toMatchObject(UNAVAILABLE);
    expect(await free).toBe('recorded');
    await holder.query('rollback');
    expect(await store.append(aCommit({ expects: { 'service/locked': 1 } }))).toBe('recorded');
    await holder.end();
  });

  it('records one of two replicas that expect the same, also where nobody had written before', async () => {
    const replica = await engine.open();
    for (let round = 0; round < 20; round++) {
      const scope = `service/race-${round}`;
      const commits = [store, replica].map((on) => on.append(aCommit({ expects: { [scope]: 0 }, raises: [scope] })));
      expect((await Promise.all(commits)).sort()).toEqual(['recorded', 'state-changed']);
    }
  });

  it('waits for the disk even where the database says otherwise', async () => {
    const name = new URL(url).pathname.slice(1);
    await runSql(server, `alter database ${name} set synchronous_commit = off`);
    const other = await engine.open();
    expect(await other.ready()).toEqual({ ready: true });
  });

  it('is not opened where nobody listens, and the message names no address', async () => {
    const options = { dataDir: '', newId: () => '', monotonicMs: () => 0 };
    const opening = openStore({ ...options, databaseUrl: 'postgresql://me:secret@127.0.0.1:1/x' });
    const message = 'The database at DATABASE_URL cannot be opened (ECONNREFUSED)';
    await expect(opening).rejects.toMatchObject({ code: 'unavailable', message });
  });
});
