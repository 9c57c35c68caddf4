/** What a gate knows, as short texts that are equal exactly when nothing has changed. */
import pg from 'pg';
import type { Store } from '../../src/app/ports.ts';

export interface Snapshot {
  /** Everything but the record: configuration, lives, releases, tokens and their revisions. */
  readonly state: string;
  /** How many records there are. */
  readonly entries: number;
}

export interface Observer {
  look(): Promise<Snapshot>;
  close(): Promise<void>;
}

/** Every table there is, so that none is forgotten when one is added; of the record only how long it is, because it only grows. */
const TABLES = `select format('%I.%I', nspname, relname) as name from pg_class c join pg_namespace n on n.oid = relnamespace
  where relkind in ('r', 'p') and not relispartition and nspname not in ('audit', 'information_schema') and nspname not like 'pg\\_%'`;
const dumpOf = (tables: readonly string[]) =>
  `select (select count(*) from audit.entry)::int as entries, (select count(*) from audit.pending)::int as pending,
  md5(concat_ws('|', ${tables.map((table) => `(select string_agg(r::text, ';' order by r::text) from ${table} r)`).join(', ')})) as state`;

/** Looks past the store, straight into the tables. */
export async function observePostgres(url: string): Promise<Observer> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  const tables = (await client.query<{ name: string }>(TABLES)).rows.map(({ name }) => name);
  if (tables.length === 0) throw new Error('there are no tables to look at');
  return {
    async look() {
      const { rows } = await client.query({ name: 'dump', text: dumpOf(tables) });
      const { state, entries, pending } = rows[0] as Snapshot & { pending: number };
      return { state: `${state} ${entries - pending}`, entries };
    },
    close: () => client.end(),
  };
}

/** The same through the store, for an engine that nobody else can open. */
export function observeStore(store: Store, services: readonly string[]): Observer {
  const page = { limit: 500, cursor: null };
  let known: string[] = [];
  return {
    async look() {
      const state = await Promise.all([
        ...(['provider', 'service', 'rule', 'freeze', 'github'] as const).map((kind) =>
          store.configs(kind, null, page),
        ),
        ...services.map((service) => store.lives(service, null)),
        store.releases(null, page),
        ...(['halt', 'approval', 'override'] as const).map((kind) => store.controls({ kind }, page)),
        store.tokens(),
      ]);
      const newest = (await store.entries({}, { limit: 20, cursor: null })).items.map(({ id }) => id).reverse();
      known = [...known, ...newest.filter((id) => !known.includes(id))];
      return { state: JSON.stringify(state), entries: known.length };
    },
    close: async () => undefined,
  };
}
