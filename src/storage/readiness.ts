import type { Engine } from './engine.ts';
import type { History } from './history.ts';
import { migrationNames } from './migrator.ts';

export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string };

interface Settings {
  fsync: string;
  full_page_writes: string;
  standby: boolean;
  migrations: readonly string[];
}

const SETTINGS = `select current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
  pg_is_in_recovery() as standby, (select coalesce(jsonb_agg(name), '[]') from kysely_migration) as migrations`;

/** Whether a write now would be carried out, and would survive. */
export async function readReadiness(engine: Engine, history: Pick<History, 'isOne'>): Promise<Readiness> {
  try {
    const rows = await engine.check<Settings>({ name: 'readiness', text: SETTINGS, values: [] });
    const reason = rows[0] === undefined ? 'the database gave no answer' : await obstacle(rows[0]);
    if (reason !== null) return { ready: false, reason };
    return (await history.isOne()) ? { ready: true } : { ready: false, reason: APART };
  } catch {
    return { ready: false, reason: 'the database does not answer' };
  }
}

const APART = 'reading and writing have reached two servers of different histories';

async function obstacle(settings: Settings): Promise<string | null> {
  const missing = (await migrationNames()).filter((name) => !settings.migrations.includes(name));
  if (missing.length > 0) return `the database is not migrated: ${missing.join(', ')}`;
  if (settings.standby) return 'the database is a read-only standby';
  const off = (['fsync', 'full_page_writes'] as const).find((setting) => settings[setting] !== 'on');
  return off === undefined ? null : `the database runs with ${off} off`;
}
