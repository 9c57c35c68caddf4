import { type RawBuilder, sql } from 'kysely';
import type { Entry, EntryFilter, Page, PageRequest } from '../app/ports.ts';
import { personKey, samePerson } from '../domain/person.ts';
import { INSTANT, pageOf, readCursor, UUID } from './cursor.ts';
import type { Engine } from './engine.ts';
import { build, select } from './tables.ts';
import { readTokens } from './tokens.ts';

const EQUAL = ['kind', 'service', 'release', 'ring', 'verdict'] as const;

export async function readEntry(engine: Engine, id: string): Promise<Entry | null> {
  if (!UUID.test(id)) return null;
  const rows = await select(engine, entries().where('id', '=', id).limit(1));
  return rows[0] ?? null;
}

/** Newest first. `from` belongs to the span, `to` does not. */
export async function readEntries(engine: Engine, filter: EntryFilter, page: PageRequest): Promise<Page<Entry>> {
  const after = readCursor(page.cursor, [INSTANT, UUID]);
  let query = entries().orderBy('recorded_at', 'desc').orderBy('id', 'desc');
  for (const column of EQUAL) {
    const value = filter[column];
    if (value !== undefined) query = query.where(sql<boolean>`search ->> ${sql.lit(column)} = ${value}`);
  }
  if (filter.caller !== undefined) query = query.where(isOneOf(await callersCalled(engine, filter.caller)));
  if (filter.actor !== undefined) query = query.where(isPerson(filter.actor));
  if (filter.cause !== undefined) query = query.where(sql<boolean>`search -> 'causes' ? ${filter.cause}`);
  if (filter.from !== undefined) query = query.where('recorded_at', '>=', sql<Date>`${filter.from}::timestamptz`);
  if (filter.to !== undefined) query = query.where('recorded_at', '<', sql<Date>`${filter.to}::timestamptz`);
  if (after !== null) {
    query = query.where(sql<boolean>`(recorded_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`);
  }
  const rows = await select(engine, query.limit(page.limit + 1));
  return pageOf(
    rows,
    page,
    (row) => row,
    (row) => [row.recordedAt, row.id],
  );
}

/**
 * When somebody last asked about a release. What the gate asks itself is no question, and neither is a dry run: its
 * mark in the text is the question's own, and where a caller's `context` has the same one, that question does not count.
 */
export async function readLastAsked(engine: Engine, release: string): Promise<string | null> {
  const text = `select (body::json) ->> 'at' as at from audit.entry
    where search ->> 'release' = $1 and search ->> 'kind' = 'decision' and search ->> 'caller' <> 'system'
      and strpos(body, '"dryRun":true') = 0
    order by recorded_at desc, id desc limit 1`;
  const rows = await engine.read<{ at: string }>({ name: 'last-asked', text, values: [release] });
  return rows[0]?.at ?? null;
}

/** By id, `anonymous` or `system`, or by the name of tokens: two tokens of one name are one person. */
async function callersCalled(engine: Engine, caller: string): Promise<readonly string[]> {
  const tokens = await readTokens(engine);
  return [caller, ...tokens.filter(({ name }) => samePerson(name, caller)).map(({ id }) => id)];
}

function isOneOf(callers: readonly string[]) {
  return sql<boolean>`search ->> 'caller' = any(${callers}::text[])`;
}

/** What JavaScript trims (ECMA-262, WhiteSpace and LineTerminator): PostgreSQL by itself knows the space only. */
const SPACE =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/**
 * By the key that was stored with the entry. Entries from before there were keys are found by case and outer space, in
 * the collation of ICU: that of a database made for the locale C leaves every letter beyond ASCII as it is.
 */
function isPerson(name: string) {
  const folded = (text: RawBuilder<unknown>) => sql`lower(btrim(${text}, ${sql.lit(SPACE)}) collate "und-x-icu")`;
  const before = sql`person is null and ${folded(sql`search ->> 'actor'`)} = ${folded(sql`${name}::text`)}`;
  return sql<boolean>`(person = ${personKey(name)} or ${before})`;
}

const entries = () =>
  build
    .selectFrom('audit.entry')
    .select([
      'id',
      'body',
      sql<string>`encode(leaf_hash, 'hex')`.as('leafHash'),
      sql<string>`rfc3339(recorded_at)`.as('recordedAt'),
    ]);
