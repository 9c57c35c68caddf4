import { readdir, readFile } from 'node:fs/promises';
import { Kysely, PGliteDialect, PostgresDialect, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import pg from 'pg';
import { GateError } from '../domain/errors.ts';
import { type EmbeddedEngine, openEmbedded } from './embedded-engine.ts';
import { cannotOpen } from './engine.ts';
import { manyStatements, SCRIPT } from './pglite-scripts.ts';

const DIRECTORY = new URL('../../migrations/', import.meta.url);
/** Any number, as long as it is always the same one. */
export const MIGRATION_LOCK = '7244981530216658';
const LONGEST_LOCK_WAIT = '60s';

const provider: MigrationProvider = {
  async getMigrations() {
    const scripts = await migrationNames();
    return Object.fromEntries(await Promise.all(scripts.map(async (name) => [name, await migrationOf(name)] as const)));
  },
};

/** In the order in which they are run. */
export async function migrationNames(): Promise<readonly string[]> {
  const files = (await readdir(DIRECTORY)).filter((file) => file.endsWith('.sql')).sort();
  return files.map((file) => file.slice(0, -'.sql'.length));
}

/** Brings the database up to date and returns the names of the migrations that this took; none when it already was. */
export async function migrate(options: {
  readonly databaseUrl: string | null;
  readonly dataDir: string;
}): Promise<readonly string[]> {
  if (options.databaseUrl !== null) return await migratePostgres(options.databaseUrl);
  const engine = await openEmbedded(options.dataDir);
  try {
    return await migrateEmbedded(engine);
  } finally {
    await engine.close();
  }
}

export function migrateEmbedded(engine: EmbeddedEngine): Promise<readonly string[]> {
  return run(new Kysely<unknown>({ dialect: new PGliteDialect({ pglite: manyStatements(engine.lite) }) }));
}

/**
 * Replicas that start together run one after another. The lock lives in a transaction of a
 * connection of its own, so that it also holds behind a pooler that shares connections out by
 * transaction, and ends with its holder.
 */
export async function migratePostgres(databaseUrl: string): Promise<readonly string[]> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2, connectionTimeoutMillis: 5000 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    return await db.transaction().execute(async (locked) => {
      await sql.raw(`set local lock_timeout = '${LONGEST_LOCK_WAIT}'`).execute(locked);
      await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK}::bigint)`.execute(locked);
      return await run(db);
    });
  } catch (error) {
    throw cannotOpen('The database at DATABASE_URL', error);
  } finally {
    await db.destroy();
  }
}

/** The Migrator returns its error instead of throwing it. */
async function run(db: Kysely<unknown>): Promise<readonly string[]> {
  const { error, results } = await new Migrator({ db, provider }).migrateToLatest();
  if (error !== undefined) {
    const [, unknown] = /previously executed migration (\S+) is missing/.exec(String(error)) ?? [];
    if (unknown !== undefined) throw new GateError('conflict', newer(unknown), [], error);
    const failed = results?.find((result) => result.status === 'Error')?.migrationName;
    throw failed === undefined ? error : new GateError('unavailable', `Migration ${failed} failed`, [], error);
  }
  return (results ?? []).filter((result) => result.status === 'Success').map((result) => result.migrationName);
}

function newer(migration: string): string {
  return (
    `A newer ringgate has changed this database (it has the migration ${migration}), and an older one cannot use it. ` +
    'Start that newer one, or put back a backup from before it.'
  );
}

async function migrationOf(name: string): Promise<Migration> {
  const script = await readFile(new URL(`${name}.sql`, DIRECTORY), 'utf8');
  return {
    async up(db) {
      await sql.raw(`${SCRIPT}\n${script}`).execute(db);
    },
  };
}
