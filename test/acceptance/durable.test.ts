import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runSql } from '../support/databases.ts';
import { engineAt } from '../support/failover.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { until } from '../support/poll.ts';
import { type PostgresServer, startPostgresServer } from '../support/postgres-server.ts';
import { type ShopUsers, shopUsers } from '../support/shop-users.ts';

/** What is not waited for stays in memory for as long as this server can be told to keep it there. */
const LAZY = ['-c', 'wal_writer_delay=10s', '-c', 'autovacuum=off'];

describe('What the gate has acknowledged', () => {
  let server: PostgresServer;
  let gate: Gate;
  let users: ShopUsers;

  beforeAll(async () => {
    server = await startPostgresServer(LAZY);
    await runSql(server.url, `create role gate login superuser password 'gate'`);
    await runSql(server.url, 'alter role gate set synchronous_commit = off');
    await runSql(server.url, 'create database gate owner gate');
    const url = new URL(server.url);
    Object.assign(url, { username: 'gate', password: 'gate', pathname: '/gate' });
    await runSql(url.href, 'create schema rg');
    gate = await startGate(engineAt(`${url.href}?options=-c%20search_path%3Drg`));
    users = shopUsers(gate);
    await users.plans();
  });
  afterAll(async () => {
    await gate.stop();
    await server.stop();
  });
  beforeEach(() => users.answers());

  const set = async (setting: string) => {
    await runSql(server.url, `alter system set ${setting}`);
    await runSql(server.url, 'select pg_reload_conf()');
  };

  it('outlives a crash of the database, whatever its URL and its role say', async () => {
    const promoted: string[] = [];
    for (let times = 1; times <= 5; times += 1) {
      const { body } = await users.ask('1', 'canary');
      expect(body.verdict).toBe('promote');
      promoted.push(body.id);
    }
    await server.halt('at-once');
    await server.resume();
    await users.answers();
    const { body } = await gate.call('GET', '/decisions?service=shop&verdict=promote', { as: 'auditor' });
    const recorded = new Set(body.items.map(({ id }: { id: string }) => id));
    expect(promoted.filter((id) => !recorded.has(id))).toEqual([]);
    expect(
      await runSql(server.url.replace(/postgres$/, 'gate'), `select to_regclass('rg.life')::text as life`),
    ).toEqual([{ life: 'rg.life' }]);
  });

  it.each(['fsync', 'full_page_writes'])(
    'is nothing while the database runs with %s off, and the answer says so',
    async (setting) => {
      await set(`${setting} = off`);
      const answer = await until('a hold', async () => {
        const asked = await users.ask('1', 'canary');
        return asked.status === 503 ? asked : null;
      });
      const because = `the database runs with ${setting} off, so a crash would lose what is acknowledged`;
      expect(answer.headers.get('gate-verdict')).toBe('hold');
      expect(answer.body).toMatchObject({
        summary: `The gate cannot decide now because ${because}`,
        findings: [{ cause: 'gate-unavailable' }],
      });
      const halt = await users.halt({ service: 'shop' });
      expect([halt.status, halt.body.detail]).toEqual([503, `The service records nothing now: ${because}.`]);
      expect((await gate.call('GET', '/readyz')).status).toBe(503);
      await set(`${setting} = on`);
      await until('a promote', async () => ((await users.verdict('1', 'canary')) === 'promote' ? true : null));
      expect((await gate.call('GET', '/readyz')).status).toBe(200);
    },
  );
});
