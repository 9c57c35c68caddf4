import { sql } from 'kysely';
import type { FoundToken, StoredToken } from '../app/ports.ts';
import type { Engine } from './engine.ts';
import { build, select } from './tables.ts';

export async function readToken(engine: Engine, hash: string): Promise<FoundToken | null> {
  const now = sql<string>`rfc3339(clock_timestamp())`.as('now');
  const rows = await select(engine, stored().select(now).where('hash', '=', hash));
  return rows[0] ?? null;
}

/** Oldest first. */
export function readTokens(engine: Engine): Promise<readonly StoredToken[]> {
  return select(engine, stored().orderBy('created_at').orderBy('id'));
}

/** True also when all of them have expired: that a token once existed ends the anonymous first try for good. */
export async function readAnyToken(engine: Engine): Promise<boolean> {
  const rows = await engine.read<{ any: boolean }>({ text: 'select exists (select from token) as any', values: [] });
  return rows[0]?.any === true;
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
