import pg from 'pg';
import { binaryTextArray } from './binary-array.ts';
import { withOptions } from './connection-options.ts';
import { CommitInDoubt, type Engine, isConnectionLost, type Session, type Statement, unavailable } from './engine.ts';

const MOST_WAITING = 100;

/** Hears of every connection that breaks. */
type Lost = () => void;

/** node-postgres waits for ever by default; here every wait has an end. `query_timeout` is for a server that is frozen. */
function poolOf(databaseUrl: string, max: number, statementMs: number, lost: Lost, settings = ''): pg.Pool {
  const pool = new pg.Pool({
    ...withOptions(databaseUrl, settings),
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
    pipeline: true,
  });
  // A client whose server dies emits `error` itself while it is checked out, the pool while it is
  // idle; unheard, either ends the process. The failed query tells its caller.
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  return pool;
}

/**
 * Left to itself PostgreSQL may plan a named statement anew each time, which takes longer than running
 * it: it compares costs that say little about statements this small.
 */
const KEEP_PLANS = '-c plan_cache_mode=force_generic_plan';

/**
 * A PostgreSQL server. Writing and health checks have their own connections, and so has what every
 * decision reads, which are the statements with a name: whoever searches the record cannot starve them.
 */
function poolsOf(databaseUrl: string, lost: Lost) {
  return {
    searchers: poolOf(databaseUrl, 6, 2000, lost),
    readers: poolOf(databaseUrl, 4, 2000, lost, KEEP_PLANS),
    writers: poolOf(databaseUrl, 2, 1000, lost, KEEP_PLANS),
  };
}

export function openPostgres(databaseUrl: string): Engine {
  const listeners: Lost[] = [];
  const lost = () => {
    for (const listener of listeners) listener();
  };
  let pools = poolsOf(databaseUrl, lost);
  const total = (of: (pool: pg.Pool) => number): number =>
    Object.values(pools).reduce((sum, pool) => sum + of(pool), 0);
  return {
    keepsPlans: true,
    read: (statement) => readOn(statement.name === undefined ? pools.searchers : pools.readers, statement),
    check: (statement) => readOn(pools.writers, statement),
    transact: (work) => transactOn(pools.writers, work),
    onLost: (listener) => listeners.push(listener),
    reconnect() {
      const left = Object.values(pools);
      pools = poolsOf(databaseUrl, lost);
      // Not waited for: the server that is left may never answer again.
      for (const pool of left) void pool.end();
    },
    stats: () => ({
      total: total((pool) => pool.totalCount),
      idle: total((pool) => pool.idleCount),
      waiting: total((pool) => pool.waitingCount),
    }),
    async close() {
      await Promise.all(Object.values(pools).map((pool) => pool.end()));
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

/**
 * Two round trips: BEGIN together with the first thing the work asks, and what it gives together with
 * COMMIT. After a statement that failed the server carries out nothing more, and COMMIT rolls back.
 */
async function transactOn(pool: pg.Pool, work: (session: Session) => Promise<readonly Statement[]>): Promise<void> {
  const client = await pool.connect();
  const run = async <R>(statement: Statement) =>
    (await client.query({ ...statement, values: [...statement.values] })).rows as R[];
  let broken = true;
  try {
    const begun = client.query('begin isolation level read committed');
    const [, last] = await Promise.all([begun, work({ run, texts: binaryTextArray })]);
    await commit([...last.map(run), client.query('commit')]);
    broken = false;
  } catch (error) {
    if (!(error instanceof CommitInDoubt) && !isConnectionLost(error)) broken = await rollback(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

async function commit(sent: readonly Promise<unknown>[]): Promise<void> {
  try {
    await Promise.all(sent);
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
