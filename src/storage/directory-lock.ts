import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { GateError } from '../domain/errors.ts';

const SQLITE_BUSY = 5;

/**
 * Two processes on one PGlite directory are not refused by PGlite, and acknowledged rows vanish.
 * SQLite's own file lock keeps the second one out; the kernel frees it however the first one dies.
 */
export function lockDirectory(directory: string): { release(): void } {
  const file = new DatabaseSync(join(directory, 'ringgate.lock'));
  try {
    file.exec('pragma busy_timeout = 0; begin exclusive');
  } catch (error) {
    file.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new GateError(
      'conflict',
      `DATA_DIR ${directory} is in use by another ringgate process: ` +
        'stop it, or set DATABASE_URL so that several can share a database',
    );
  }
  return { release: () => file.close() };
}
