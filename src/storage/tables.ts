import {
  type ColumnType,
  DummyDriver,
  type Generated,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import type { ConfigKind, ControlKind, Role } from '../app/ports.ts';
import type { Engine } from './engine.ts';

/** Instants are compared with text, and selected as text through rfc3339(). */
type Instant = ColumnType<Date, string, string>;

/** Row types; they stay in this folder. Tables whose rows are only read as JSON are not here. */
export interface Tables {
  config: { kind: ConfigKind; owner: string; name: string; document: unknown; etag: string; updated_at: Instant };
  release: {
    service: string;
    version: string;
    epoch: number;
    artifact: string | null;
    mark: unknown;
    first_seen: Instant;
  };
  control: {
    id: string;
    kind: ControlKind;
    service: string | null;
    version: string | null;
    document: unknown;
    created_at: Instant;
    expires_at: Instant | null;
    ended_at: Instant | null;
  };
  token: {
    id: string;
    name: string;
    role: Role;
    changes: readonly string[];
    hash: string;
    created_at: Instant;
    expires_at: Instant;
  };
  'audit.entry': {
    id: string;
    recorded_at: Instant;
    body: string;
    leaf_hash: unknown;
    search: Generated<unknown>;
  };
}

/**
 * Builds statements and runs none: both engines run the same text through Engine, where deadlines,
 * waiting and errors are settled in one place.
 */
export const build = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

interface Built<Row> {
  compile(): { readonly sql: string; readonly parameters: readonly unknown[] };
  execute(): Promise<Row[]>;
}

export function select<Row>(engine: Engine, query: Built<Row>): Promise<readonly Row[]> {
  const { sql, parameters } = query.compile();
  return engine.read<Row>({ text: sql, values: parameters });
}
