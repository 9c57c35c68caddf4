import type { Engine } from './engine.ts';
import { migrationNames } from './migrator.ts';

export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string };

interface Settings {
  fsync: string;
  full_page_writes: string;
  synchronous_commit: string;
  standby: boolean;
  migrations: readonly string[];
}

const SETTINGS = `select current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
  current_setting('synchronous_commit') as synchronous_commit, pg_is_in_recovery() as standby,
  (select coalesce(jsonb_agg(name), '[]') from kysely_migration) as migrations`;

/** Whether a write now would be carried out, and would survive. */
export async function readReadiness(engine: Engine): Promise<Readiness> {
  try {
    const rows = await engine.check<Settings>({ name: 'readiness', text: SETTINGS, values: [] });
    const reason = rows[0] === undefined ? 'the database gave no answer' : await obstacle(rows[0]);
    return reason === null ? { ready: true } : { ready: false, reason };
  } catch {
    return { ready: false, reason: 'the database does not answer' };
  }
}

async function obstacle(settings: Settings): Promise<string | null> {
  const missing = (await migrationNames()).filter((name) => !settings.migrations.includes(name));
  if (missing.length > 0) return `the database is not migrated: ${missing.join(', ')}`;
  if (settings.standby) return 'the database is a read-only standby';
  for (const setting of ['fsync', 'full_page_writes'] as const) {
    if (settings[setting] !== 'on') return `the database runs with ${setting} off`;
  }
  const synced = ['on', 'remote_apply'].includes(settings.synchronous_commit);
  return synced ? null : `the database runs with synchronous_commit ${settings.synchronous_commit}`;
}
