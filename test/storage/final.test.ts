import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine, runSql, type TestEngine } from '../support/engines.ts';
import { aCommit } from './commits.ts';

type Sql = (text: string) => Promise<Record<string, unknown>[]>;

/** Past the store, as the owner of the tables: what the database itself refuses. */
describe.each(['embedded', 'postgres'] as const)('A record on %s', (kind) => {
  let engine: TestEngine;
  let lite: PGlite | null = null;
  let sql: Sql;
  const commit = aCommit({ body: { verdict: 'hold' } });

  beforeAll(async () => {
    engine = await openEngine(kind);
    const store = await engine.open();
    await store.append(commit);
    const { databaseUrl } = engine;
    if (databaseUrl !== null) {
      sql = (text) => runSql(databaseUrl, text);
      return;
    }
    await store.close();
    lite = await PGlite.create(`${engine.dataDir}/postgres`);
    sql = async (text) => (await lite?.query<Record<string, unknown>>(text))?.rows ?? [];
  });
  afterAll(async () => {
    await lite?.close();
    await engine.destroy();
  });

  const partitions = async (): Promise<string[]> => {
    const rows = await sql(`select inhrelid::regclass::text as name from pg_inherits
      where inhparent = 'audit.entry'::regclass order by 1`);
    return rows.map((row) => String(row.name));
  };

  it.each(['update audit.entry set id = id', 'delete from audit.entry', 'truncate audit.entry'])(
    'is kept against %s',
    async (text) => {
      await expect(sql(text)).rejects.toThrow(/never changed or removed/);
      expect(await sql(`select 1 from audit.entry where id = '${commit.entry.id}'`)).toHaveLength(1);
    },
  );

  it('is kept against emptying a single partition, of this month, of the next and of all others', async () => {
    const names = await partitions();
    expect(names.length).toBe(3);
    for (const name of names) await expect(sql(`truncate ${name}`)).rejects.toThrow(/never changed or removed/);
  });

  it('cannot be found under anything that differs from its body', async () => {
    await expect(sql(`update audit.entry set search = '{}'`)).rejects.toThrow(/can only be updated to DEFAULT/);
    await expect(
      sql(`insert into audit.entry (id, body, leaf_hash, search)
        select gen_random_uuid(), body, leaf_hash, '{"verdict": "promote"}' from audit.entry`),
    ).rejects.toThrow(/cannot insert a non-DEFAULT value/);
  });

  it('lies in the partition of its month', async () => {
    const [row] = await sql(`select tableoid::regclass::text as name, to_char(recorded_at at time zone 'UTC', 'YYYY_MM')
      as month from audit.entry`);
    expect(row?.name).toBe(`audit.entry_${row?.month}`);
  });

  it('is noted for sealing with the same hash', async () => {
    const rows = await sql(`select p.entry_id from audit.pending p join audit.entry e
      on e.id = p.entry_id and e.leaf_hash = p.leaf_hash`);
    expect(rows).toEqual([{ entry_id: commit.entry.id }]);
  });
});
