import { readdirSync, rmSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MIGRATION_LOCK } from '../../src/storage/migrator.ts';
import { migrate } from '../../src/storage/store.ts';
import { openEngine, runSql, type TestEngine } from '../support/engines.ts';
import { DATA, ownFolder } from '../support/left-behind.ts';
import { aCommit } from './commits.ts';

const ALL = readdirSync(new URL('../../migrations/', import.meta.url))
  .map((file) => file.replace(/\.sql$/, ''))
  .sort();

describe('Migrating', () => {
  let engine: TestEngine;
  const dataDir = ownFolder(DATA);

  beforeAll(async () => {
    engine = await openEngine('postgres', 'nothing');
  });
  afterAll(async () => {
    await engine.destroy();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('makes an embedded database from nothing, and finds nothing more to do', async () => {
    expect(await migrate({ databaseUrl: null, dataDir })).toEqual(ALL);
    expect(await migrate({ databaseUrl: null, dataDir })).toEqual([]);
  }, 120_000);

  it('is done once by replicas that start together, and all of them can use the database', async () => {
    const done = await Promise.all([1, 2, 3, 4].map(() => migrate(engine)));
    expect(done.flat()).toEqual(ALL);
    const stores = await Promise.all([engine.open(), engine.open()]);
    for (const store of stores) expect(await store.ready()).toEqual({ ready: true });
  });

  it('learns from the record who has asked for releases that are on their way', async () => {
    const other = await openEngine('postgres');
    const store = await other.open();
    const url = other.databaseUrl ?? '';
    const asked = (version: string, askers: readonly string[], dryRun = false) => {
      const facts = { question: { version, dryRun }, controls: { askers } };
      return aCommit({ body: { kind: 'decision', service: 'shop', release: `shop@${version}`, facts } });
    };
    const cleared = aCommit({ body: { kind: 'rollback-clear', service: 'shop', release: 'shop@1' } });
    const first = asked('1', ['Ada', 'grace']);
    const rest = [asked('1', ['ADA ']), asked('1', ['mallory'], true), asked('2', ['linus'])];
    const others = [{ kind: 'decision', service: 'shop', repeats: 'x', question: {} }, { kind: 'rule-put' }];
    for (const commit of [asked('1', ['eve']), cleared, first, ...rest, ...others.map((body) => aCommit({ body }))])
      await store.append(commit);
    await runSql(url, 'drop table asker; alter table audit.entry drop column person');
    await runSql(url, `delete from kysely_migration where name = '0008_people'`);
    expect(await migrate(other)).toEqual(['0008_people']);
    const again = await other.open();
    expect((await again.gateState('shop', '1')).askers).toEqual([
      { name: 'Ada', source: 'stated', decision: first.entry.id, at: expect.any(String) },
      { name: 'grace', source: 'stated', decision: first.entry.id, at: expect.any(String) },
    ]);
    expect((await again.gateState('shop', '2')).askers).toMatchObject([{ name: 'linus' }]);
    await other.destroy();
  });

  it('waits while another replica migrates', async () => {
    const other = await openEngine('postgres', 'nothing');
    const url = other.databaseUrl ?? '';
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const done = migrate(other);
    const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`;
    while ((await holder.query(waiting)).rowCount === 0) await new Promise(setImmediate);
    expect((await holder.query(`select to_regclass('config') as config`)).rows).toEqual([{ config: null }]);
    await holder.end();
    expect(await done).toEqual(ALL);
    await other.destroy();
  });

  it('rejects when a script fails, and leaves nothing of it behind', async () => {
    const other = await openEngine('postgres', 'nothing');
    await runSql(other.databaseUrl ?? '', 'create table token (id text)');
    await expect(migrate(other)).rejects.toMatchObject({ code: 'unavailable', message: 'Migration 0001_state failed' });
    const tables = await runSql(other.databaseUrl ?? '', `select to_regclass('config') as config`);
    expect(tables).toEqual([{ config: null }]);
    await other.destroy();
  });

  it('refuses what a newer ringgate has changed, and says what to do', async () => {
    const other = await openEngine('postgres', 'nothing');
    await migrate(other);
    const later = `insert into kysely_migration values ('9999_later', now()::text)`;
    await runSql(other.databaseUrl ?? '', later);
    await expect(migrate(other)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/^A newer ringgate has changed this database .*9999_later.*Start that newer one/),
    });
    await other.destroy();
  });

  it('is missed by readiness when it was not done', async () => {
    const store = await engine.open();
    await runSql(engine.databaseUrl ?? '', `delete from kysely_migration where name = '0002_audit'`);
    expect(await store.ready()).toEqual({ ready: false, reason: 'the database is not migrated: 0002_audit' });
  });
});
