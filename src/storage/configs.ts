import { sql } from 'kysely';
import type { ConfigKey, ConfigKind, ConfigRow, Page, PageRequest, Revisions } from '../app/ports.ts';
import { pageOf, readCursor, TEXT } from './cursor.ts';
import type { Engine } from './engine.ts';
import { revisionsJson, scopesOf } from './revisions.ts';
import { build, select } from './tables.ts';

const ONE = `select (
    select json_build_object('kind', kind, 'owner', owner, 'name', name, 'document', document,
      'etag', etag, 'updatedAt', rfc3339(updated_at))
    from config where kind = $1 and owner = $2 and name = $3
  )::text as row, ${revisionsJson('$4')}::text as revisions`;

/** The document together with the revisions that must still hold when it is changed, of one snapshot. */
export async function readConfig(
  engine: Engine,
  key: ConfigKey,
): Promise<{ readonly row: ConfigRow | null; readonly revisions: Revisions }> {
  const rows = await engine.read<{ row: string | null; revisions: string }>({
    text: ONE,
    values: [key.kind, key.owner, key.name, scopesOf(serviceOf(key))],
  });
  const [{ row, revisions }] = rows as [{ row: string | null; revisions: string }];
  return { row: row === null ? null : (JSON.parse(row) as ConfigRow), revisions: JSON.parse(revisions) as Revisions };
}

/** By owner and name. */
export async function readConfigs(
  engine: Engine,
  kind: ConfigKind,
  owner: string | null,
  page: PageRequest,
): Promise<Page<ConfigRow>> {
  const after = readCursor(page.cursor, [TEXT, TEXT]);
  let query = build
    .selectFrom('config')
    .select(['kind', 'owner', 'name', 'document', 'etag', sql<string>`rfc3339(updated_at)`.as('updatedAt')])
    .where('kind', '=', kind)
    .orderBy('owner')
    .orderBy('name');
  if (owner !== null) query = query.where('owner', '=', owner);
  if (after !== null) query = query.where(sql<boolean>`(owner, name) > (${after[0]}, ${after[1]})`);
  const rows = await select(engine, query.limit(page.limit + 1));
  return pageOf(
    rows,
    page,
    (row) => row,
    (row) => [row.owner, row.name],
  );
}

function serviceOf(key: ConfigKey): string | null {
  if (key.kind === 'service') return key.name;
  return key.kind === 'rule' ? key.owner : null;
}
