import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PGlite, type Transaction } from '@electric-sql/pglite';
import { lockDirectory } from './directory-lock.ts';
import { CommitInDoubt, cannotOpen, type Engine, type Session, type Statement, unavailable } from './engine.ts';
import { SYNCED_START_PARAMS, SyncedFiles } from './pglite-files.ts';

const INT8 = 20;
const DATE = 1082;
const MOST_WAITING = 1000;

export interface EmbeddedEngine extends Engine {
  readonly lite: PGlite;
}

/** PostgreSQL inside this process, its files in `dataDir`, which no other process may use meanwhile. */
export async function openEmbedded(dataDir: string): Promise<EmbeddedEngine> {
  const directory = resolve(dataDir);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = lockDirectory(directory);
  try {
    const lite = await PGlite.create({
      fs: new SyncedFiles(join(directory, 'postgres')),
      startParams: SYNCED_START_PARAMS,
      // As pg reads them: a 64-bit count and a date without a zone are text.
      parsers: { [INT8]: (text: string) => text, [DATE]: (text: string) => text },
    });
    return engineOf(lite, lock.release);
  } catch (error) {
    lock.release();
    throw cannotOpen(`DATA_DIR ${directory}`, error);
  }
}

function engineOf(lite: PGlite, release: () => void): EmbeddedEngine {
  let waiting = 0;
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    if (lite.closed || waiting >= MOST_WAITING) throw unavailable();
    waiting += 1;
    try {
      return await work();
    } finally {
      waiting -= 1;
    }
  };
  const read = async <T>(statement: Statement): Promise<readonly T[]> => {
    try {
      return await counted(() => run<T>(lite, statement));
    } catch (error) {
      throw unavailable(error);
    }
  };
  return {
    lite,
    keepsPlans: false,
    read,
    check: read,
    transact: (work) => counted(() => transact(lite, work)),
    // Nothing of it outlives this process, and nobody else has its files.
    onLost: () => undefined,
    reconnect: () => undefined,
    stats: () => ({ total: 1, idle: waiting === 0 ? 1 : 0, waiting: Math.max(0, waiting - 1) }),
    async close() {
      if (!lite.closed) await lite.close();
      release();
    },
  };
}

async function run<T>(on: PGlite | Transaction, { text, values }: Statement): Promise<readonly T[]> {
  return (await on.query<T>(text, [...values])).rows;
}

async function transact(lite: PGlite, work: (session: Session) => Promise<readonly Statement[]>): Promise<void> {
  let committing = false;
  try {
    await lite.transaction(async (transaction) => {
      const last = await work({ run: (statement) => run(transaction, statement), texts: (values) => values });
      for (const statement of last) await run(transaction, statement);
      committing = true;
    });
  } catch (error) {
    throw committing ? new CommitInDoubt(error) : error;
  }
}
