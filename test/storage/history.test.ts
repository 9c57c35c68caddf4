import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { OpenedStore } from '../../src/storage/store.ts';
import { engineKinds, openEngine, runSql, type TestEngine } from '../support/engines.ts';
import { until } from '../support/poll.ts';
import { aCommit, aService, putConfig } from './commits.ts';

const server = inject('postgresUrl');
const historyOf = async (store: OpenedStore) => (await store.gateState('shop', '1')).revisions.history;

describe.each(engineKinds)('The history of a database on %s', (kind) => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await openEngine(kind);
  });
  afterEach(() => engine.destroy());

  it('has one number for all who read from it, and nothing is recorded of what was read in another one', async () => {
    const store = await engine.open();
    const history = await historyOf(store);
    expect(history).toBeGreaterThan(0);
    expect(Number.isSafeInteger(history)).toBe(true);
    expect((await store.revisions(['global', 'history'])).history).toBe(history);
    expect((await store.config(aService('shop'))).revisions.history).toBe(history);
    const commits = [history, history + 1, 0].map((n) => aCommit({ expects: { history: n } }));
    const outcomes = await Promise.all(commits.map((commit) => store.append(commit)));
    expect(outcomes).toEqual(['recorded', 'state-changed', 'state-changed']);
  });

  it('ends with the process where the database is inside it, and is the same for every gate on a server', async () => {
    const store = await engine.open();
    const history = await historyOf(store);
    if (kind === 'embedded') await store.close();
    expect((await historyOf(await engine.open())) === history).toBe(kind === 'postgres');
  });
});

describe('The history of a database on a server', () => {
  let engine: TestEngine;
  let store: OpenedStore;
  let url: string;
  let forgotten = 0;
  beforeEach(async () => {
    engine = await openEngine('postgres');
    url = engine.databaseUrl ?? '';
    forgotten = 0;
    store = await engine.open({ onForget: () => (forgotten += 1) });
    await store.append(aCommit({ raises: ['service/shop'], writes: [putConfig(aService('shop'), { rings: [] })] }));
  });
  afterEach(() => engine.destroy());

  const now = async (at = url) => (await runSql(at, 'select history_now() as n'))[0]?.n;
  const putBack = 'create temp table put as table history; delete from history; insert into history table put';

  it('ends when its row is put back from a backup, and the next who asks begins another one', async () => {
    const before = await historyOf(store);
    await runSql(url, putBack);
    expect(await now()).toBeNull();
    expect((await store.config(aService('shop'))).revisions.history).toBe(0);
    const after = await historyOf(store);
    expect([after > 0, after === before, String(after) === (await now())]).toEqual([true, false, true]);
  });

  it('is not that of a copy', async () => {
    const copy = `${new URL(url).pathname.slice(1)}_copy`;
    await store.close();
    await runSql(server, `create database ${copy} template ${new URL(url).pathname.slice(1)}`);
    const { href } = Object.assign(new URL(url), { pathname: `/${copy}` });
    expect([typeof (await now()), await now(href)]).toEqual(['string', null]);
    await runSql(server, `drop database ${copy} with (force)`);
  });

  it('is given its number by one of many who miss it at once', async () => {
    await runSql(url, putBack);
    const gates = await Promise.all([1, 2, 3, 4].map(() => engine.open()));
    const numbers = await Promise.all([store, ...gates].map(historyOf));
    expect(new Set(numbers).size).toBe(1);
  });

  it('can be told from others where a service hides its log from the role', async () => {
    await runSql(url, 'create role hidden');
    await runSql(url, 'grant select on history to hidden');
    await runSql(url, 'revoke execute on function pg_walfile_name(pg_lsn) from public');
    const place = 'set role hidden; select history_place(xmin) as place from history';
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const [, { rows }] = (await client.query(place)) as unknown as [unknown, pg.QueryResult];
    await client.end();
    await runSql(url, 'grant execute on function pg_walfile_name(pg_lsn) to public');
    await runSql(url, 'drop owned by hidden; drop role hidden');
    expect(rows[0]?.place).toMatch(/^ \d+\.\d+ base\/\d+\/\d+ \d+$/);
  });

  it('is compared behind the locks: whoever waited while it ended is not recorded', async () => {
    const { revisions } = await store.gateState('shop', '1');
    const restorer = new pg.Client({ connectionString: url });
    await restorer.connect();
    await restorer.query(`begin; select * from revision where scope = 'service/shop' for update; ${putBack}`);
    const waiting = store.append(aCommit({ expects: revisions }));
    const locked = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    await until('a wait for the lock', async () => ((await runSql(url, locked)).length === 0 ? null : true));
    await restorer.query('commit');
    await restorer.end();
    expect(await waiting).toBe('state-changed');
  });

  it('is in doubt when a connection breaks: what was cached is forgotten', async () => {
    const first = await store.gateState('shop', '1');
    expect((await store.gateState('shop', '1')).service).toBe(first.service);
    const before = forgotten;
    await runSql(server, 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
      new URL(url).pathname.slice(1),
    ]);
    await until('the end of a connection', async () => (forgotten > before ? true : null));
    const again = await until('the state', () => store.gateState('shop', '1'));
    expect(again.service).toEqual(first.service);
    expect(again.service).not.toBe(first.service);
  });
});
