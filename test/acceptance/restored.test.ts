import { randomUUID } from 'node:crypto';
import { afterEach, expect, inject, it } from 'vitest';
import { createDatabase, runSql } from '../support/databases.ts';
import { engineAt } from '../support/failover.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { shopUsers } from '../support/shop-users.ts';

const server = inject('postgresUrl');
const TABLES = ['config', 'control', 'history', 'life', 'release', 'revision', 'token'];

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A backup of all that a decision rests on, and how it is put back while the gate runs. */
interface Backup {
  take(): Promise<void>;
  restore(): Promise<void>;
}

function ofTheDatabase(url: string): Backup {
  const name = new URL(url).pathname.slice(1);
  const copy = `backup_${randomUUID().replaceAll('-', '')}`;
  const disconnect = () =>
    runSql(server, 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  return {
    async take() {
      await disconnect();
      await runSql(server, `create database ${copy} template ${name}`);
    },
    async restore() {
      await runSql(server, `drop database ${name} with (force)`);
      await runSql(server, `alter database ${copy} rename to ${name}`);
    },
  };
}

function ofTheRows(url: string): Backup {
  const each = (text: (table: string) => string) => runSql(url, TABLES.map(text).join(';'));
  return {
    async take() {
      await runSql(url, 'create schema backup');
      await each((table) => `create table backup.${table} as table ${table}`);
    },
    async restore() {
      await each((table) => `delete from ${table}; insert into ${table} select * from backup.${table}`);
    },
  };
}

it.each([
  ['another database takes the place of this one', ofTheDatabase],
  ['its rows are put back into the tables', ofTheRows],
])('A backup that is restored under a running gate is all that it believes, where %s', async (_, backupOf) => {
  const database = await createDatabase(server, 'migrated');
  cleanups.push(() => database.drop());
  const engine = engineAt(database.url);
  cleanups.push(() => engine.destroy());
  const gate: Gate = await startGate(engine);
  cleanups.push(() => gate.stop());
  const users = shopUsers(gate);
  const backup = backupOf(database.url);
  await users.plans();
  await backup.take();
  await users.answers();
  await users.proves('1', 'canary');
  expect(await users.verdict('1', 'early')).toBe('promote');
  await backup.restore();
  await users.answers();
  await users.proves('7', 'canary');
  const answer = await users.ask('1', 'early');
  expect([answer.headers.get('gate-verdict'), answer.body.live]).toEqual(['hold', []]);
});
