import pg from 'pg';
import { CommitInDoubt, type Engine, isConnectionLost, type Session, type Statement, unavailable } from './engine.ts';

const MOST_WAITING = 100;

/** node-postgres waits for ever by default; here every wait has an end. `query_timeout` is for a server that is frozen. */
function poolOf(databaseUrl: string, max: number, statementMs: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max,
    application_name: 'ringgate',
    connectionTimeoutMillis: 1000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    statement_timeout: statementMs,
    query_timeout: statementMs + 200,
    lock_timeout: 500,
    idle_in_transaction_session_timeout: 5000,
    options: '-c synchronous_commit=on',
  });
  // A client whose server dies emits `error` itself while it is checked out, the pool while it is
  // idle; unheard, either ends the process. The failed query tells its caller.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** A PostgreSQL server. Writing and health checks have their own connections, so that readers cannot starve them. */
export function openPostgres(databaseUrl: string): Engine {
  const readers = poolOf(databaseUrl, 10, 2000);
  const writers = poolOf(databaseUrl, 2, 1000);
  return {
    keepsPlans: true,
    read: (statement) => readOn(readers, statement),
    check: (statement) => readOn(writers, statement),
    transact: (work) => transactOn(writers, work),
    stats: () => ({
      total: readers.totalCount + writers.totalCount,
      idle: readers.idleCount + writers.idleCount,
      waiting: readers.waitingCount + writers.waitingCount,
    }),
    async close() {
      await Promise.all([readers.end(), writers.end()]);
    },
  };
}

/** `pool.query` gives a client that failed in any way back as broken, so one that timed out is never used again. */
async function readOn<T>(pool: pg.Pool, statement: Statement): Promise<readonly T[]> {
  if (pool.waitingCount >= MOST_WAITING) throw unavailable();
  try {
    return (await pool.query({ ...statement, values: [...statement.values] })).rows as T[];
  } catch (error) {
    throw unavailable(error);
  }
}

async function transactOn<T>(pool: pg.Pool, work: (session: Session) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('begin isolation level read committed');
    const result = await work({
      run: async <R>(statement: Statement) =>
        (await client.query({ ...statement, values: [...statement.values] })).rows as R[],
    });
    await commit(client);
    broken = false;
    return result;
  } catch (error) {
    if (!(error instanceof CommitInDoubt) && !isConnectionLost(error)) broken = await rollback(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

async function commit(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('commit');
  } catch (error) {
    throw isConnectionLost(error) ? new CommitInDoubt(error) : error;
  }
}

/** True when the connection is of no more use. */
async function rollback(client: pg.PoolClient): Promise<boolean> {
  return client.query('rollback').then(
    () => false,
    () => true,
  );
}
