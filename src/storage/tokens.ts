import { sql } from 'kysely';
import type { FoundToken, StoredToken } from '../app/ports.ts';
import type { Engine } from './engine.ts';
import { build, select } from './tables.ts';

const BY_HASH = `select t.id, t.name, t.role, t.changes, t.hash, rfc3339(t.created_at) as "createdAt",
    rfc3339(t.expires_at) as "expiresAt", rfc3339(clock_timestamp()) as now
  from unnest($1::text[]) with ordinality as a (hash, place) left join token t on t.hash = a.hash order by a.place`;

/** The tokens with these hashes, in their order; null where there is none. */
export async function readTokensByHash(
  engine: Engine,
  hashes: readonly string[],
): Promise<readonly (FoundToken | null)[]> {
  const rows = await engine.read<FoundToken | { id: null }>({ name: 'tokens', text: BY_HASH, values: [hashes] });
  return rows.map((row) => (row.id === null ? null : (row as FoundToken)));
}

/** Oldest first. */
export function readTokens(engine: Engine): Promise<readonly StoredToken[]> {
  return select(engine, stored().orderBy('created_at').orderBy('id'));
}

/** True also when all of them have expired: that a token once existed ends the anonymous first try for good. */
export async function readAnyToken(engine: Engine): Promise<boolean> {
  const rows = await engine.read<{ found: boolean }>({
    text: 'select exists (select from token) as found',
    values: [],
  });
  return rows[0]?.found === true;
}

const stored = () =>
  build
    .selectFrom('token')
    .select([
      'id',
      'name',
      'role',
      'changes',
      'hash',
      sql<string>`rfc3339(created_at)`.as('createdAt'),
      sql<string>`rfc3339(expires_at)`.as('expiresAt'),
    ]);
