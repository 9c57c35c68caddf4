import { sql } from 'kysely';
import type { Page, PageRequest } from '../app/ports.ts';
import type { Life, ReleaseState } from '../domain/life.ts';
import { INSTANT, pageOf, readCursor, TEXT } from './cursor.ts';
import type { Engine } from './engine.ts';
import { lifeJson } from './life-columns.ts';
import { build, select } from './tables.ts';

/** SQL for a row of `release` as the JSON of a ReleaseState. */
export function releaseJson(alias: string): string {
  const fields = ['version', 'epoch', 'artifact', 'mark'].map((name) => `'${name}', ${alias}.${name}`);
  return `json_build_object(${fields.join(', ')})`;
}

/** By the instant they began. */
export async function readLives(engine: Engine, service: string, version: string | null): Promise<readonly Life[]> {
  const rows = await engine.read<{ life: string }>({
    text: `select ${lifeJson('l')}::text as life from life l where service = $1 and ($2::text is null or version = $2)
      order by coalesce(promised_at, live_at, reported_at, ended_at), ring, version, n`,
    values: [service, version],
  });
  return rows.map((row) => JSON.parse(row.life) as Life);
}

export async function readRelease(engine: Engine, service: string, version: string): Promise<ReleaseState | null> {
  const rows = await select(engine, states().where('service', '=', service).where('version', '=', version));
  return rows[0] === undefined ? null : stateOf(rows[0]);
}

/** Those first seen last come first. */
export async function readReleases(
  engine: Engine,
  service: string | null,
  page: PageRequest,
): Promise<Page<{ readonly service: string; readonly release: ReleaseState }>> {
  const after = readCursor(page.cursor, [INSTANT, TEXT, TEXT]);
  let query = states().orderBy('first_seen', 'desc').orderBy('service', 'desc').orderBy('version', 'desc');
  if (service !== null) query = query.where('service', '=', service);
  if (after !== null) {
    const [seen, of, version] = after;
    query = query.where(sql<boolean>`(first_seen, service, version) < (${seen}::timestamptz, ${of}, ${version})`);
  }
  const rows = await select(engine, query.limit(page.limit + 1));
  return pageOf(
    rows,
    page,
    (row) => ({ service: row.service, release: stateOf(row) }),
    (row) => [row.firstSeen, row.service, row.version],
  );
}

const states = () =>
  build
    .selectFrom('release')
    .select(['service', sql<string>`rfc3339(first_seen)`.as('firstSeen')])
    .select(['version', 'epoch', 'artifact', 'mark']);

function stateOf(row: { version: string; epoch: number; artifact: string | null; mark: unknown }): ReleaseState {
  const { version, epoch, artifact, mark } = row;
  return { version, epoch, artifact, mark: mark as ReleaseState['mark'] };
}
