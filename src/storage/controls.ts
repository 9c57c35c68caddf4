import { sql } from 'kysely';
import type { ControlFilter, ControlKind, ControlRow, Page, PageRequest, Revisions } from '../app/ports.ts';
import { INSTANT, pageOf, readCursor, UUID } from './cursor.ts';
import type { Engine } from './engine.ts';
import { revisionsJson } from './revisions.ts';
import { build, select } from './tables.ts';

const ROW = `json_build_object('kind', c.kind, 'service', c.service, 'version', c.version, 'document', c.document,
  'expiresAt', rfc3339(c.expires_at), 'endedAt', rfc3339(c.ended_at))`;

/** SQL for everything that stands and can matter to `a.version` of `a.service`, as a JSON array of rows. */
export const STANDING_CONTROLS = `coalesce((
    select json_agg(${ROW} order by c.created_at, c.id) from control c
    where c.ended_at is null and (c.service is null or c.service = a.service) and (c.version is null or c.version = a.version)
      and (c.expires_at is null or c.expires_at > clock_timestamp())), '[]')`;

const ONE = `select ${ROW}::text as row, ${revisionsJson(
  `(array['global'] || case when c.service is null then '{}' else array['service/' || c.service] end)`,
)}::text as revisions from control c where c.kind = $1 and c.id = $2`;

/** The row together with the revisions that must still hold when it is changed, of one snapshot. */
export async function readControl(
  engine: Engine,
  kind: ControlKind,
  id: string,
): Promise<{ readonly row: ControlRow; readonly revisions: Revisions } | null> {
  if (!UUID.test(id)) return null;
  const [found] = await engine.read<{ row: string; revisions: string }>({ text: ONE, values: [kind, id] });
  if (found === undefined) return null;
  return { row: JSON.parse(found.row) as ControlRow, revisions: JSON.parse(found.revisions) as Revisions };
}

/** Newest first. */
export async function readControls(
  engine: Engine,
  filter: ControlFilter,
  page: PageRequest,
): Promise<Page<ControlRow>> {
  const after = readCursor(page.cursor, [INSTANT, UUID]);
  let query = rows().where('kind', '=', filter.kind).orderBy('created_at', 'desc').orderBy('id', 'desc');
  if (filter.service !== undefined) query = query.where('service', '=', filter.service);
  if (filter.version !== undefined) query = query.where('version', '=', filter.version);
  if (filter.standing === true) {
    query = query
      .where('ended_at', 'is', null)
      .where(sql<boolean>`(expires_at is null or expires_at > clock_timestamp())`);
  }
  if (after !== null) {
    query = query.where(sql<boolean>`(created_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`);
  }
  const found = await select(engine, query.limit(page.limit + 1));
  return pageOf(
    found,
    page,
    ({ id: _id, createdAt: _at, ...row }) => row as ControlRow,
    (row) => [row.createdAt, row.id],
  );
}

const rows = () =>
  build
    .selectFrom('control')
    .select([
      'id',
      'kind',
      'service',
      'version',
      'document',
      sql<string>`rfc3339(created_at)`.as('createdAt'),
      sql<string | null>`rfc3339(expires_at)`.as('expiresAt'),
      sql<string | null>`rfc3339(ended_at)`.as('endedAt'),
    ]);
