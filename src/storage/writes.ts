import type { Commit, ConfigKey, Write } from '../app/ports.ts';
import { PUT_ASKED } from './asked.ts';
import { askerRow, askerRowKey, CLEAR_ASKERS, DELETE_ASKERS, PUT_ASKERS } from './askers.ts';
import type { Session, Statement } from './engine.ts';
import { githubRow, PUT_GITHUB } from './github-requests.ts';
import { PUT_LIVES, RECALL_LEASES } from './life-columns.ts';
import { KEEP_RELEVANT } from './relevance.ts';

type Kind = Write['kind'];
type OfKind<K extends Kind> = Extract<Write, { kind: K }>;

const PUT_RELEASES = `insert into release (service, version, epoch, artifact, mark)
  select service, version, epoch, artifact, nullif(mark, 'null')
  from jsonb_to_recordset($1::jsonb) as put (service text, version text, epoch integer, artifact text, mark jsonb)
  on conflict (service, version) do update
    set epoch = excluded.epoch, artifact = excluded.artifact, mark = excluded.mark`;

const DELETE_CONFIGS = `delete from config using jsonb_to_recordset($1::jsonb) as gone (kind text, owner text, name text)
  where config.kind = gone.kind and config.owner = gone.owner and config.name = gone.name`;

const PUT_CONFIGS = `insert into config (kind, owner, name, document, etag)
  select kind, owner, name, document, etag
  from jsonb_to_recordset($1::jsonb) as put (kind text, owner text, name text, document jsonb, etag text)
  on conflict (kind, owner, name) do update
    set document = excluded.document, etag = excluded.etag, updated_at = excluded.updated_at`;

const PUT_CONTROLS = `insert into control (id, kind, service, version, document, created_at, expires_at, ended_at)
  select (document ->> 'id')::uuid, kind, service, version, document, (document ->> 'at')::timestamptz, "expiresAt", "endedAt"
  from jsonb_to_recordset($1::jsonb) as put
    (kind text, service text, version text, document jsonb, "expiresAt" timestamptz, "endedAt" timestamptz)
  on conflict (id) do update set document = excluded.document, ended_at = excluded.ended_at`;

const PUT_TOKENS = `insert into token (id, name, role, changes, hash, created_at, expires_at)
  select id, name, role, changes, hash, "createdAt", "expiresAt"
  from jsonb_to_recordset($1::jsonb) as put
    (id text, name text, role text, changes jsonb, hash text, "createdAt" timestamptz, "expiresAt" timestamptz)
  on conflict (id) do update set name = excluded.name, role = excluded.role, changes = excluded.changes,
    hash = excluded.hash, created_at = excluded.created_at, expires_at = excluded.expires_at`;

/** The record and the sealer's note of it in one statement; `pending` numbers them in the order they were committed. */
const ADD_ENTRIES = `with added as (
    select id::uuid, body, decode(hash, 'hex') as leaf_hash, nullif(person, '') as person, place
    from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as a (id, body, hash, person, place)
  ), recorded as (
    insert into audit.entry (id, body, leaf_hash, person) select id, body, leaf_hash, person from added order by place
  )
  insert into audit.pending (entry_id, leaf_hash) select id, leaf_hash from added order by place`;

/** The statements for everything that the commits of one batch write, one for each kind, in the order in which they are to run. */
export function writing(commits: readonly Commit[], textsOf: Session['texts']): readonly Statement[] {
  if (commits.length === 0) return [];
  const writes = lastWrites(commits.flatMap((commit) => commit.writes));
  const put = <K extends Kind>(
    kind: K,
    text: string,
    rowOf: (write: OfKind<K>) => unknown,
    name: string = kind,
  ): readonly Statement[] => {
    const rows = writes.filter((write): write is OfKind<K> => write.kind === kind).map(rowOf);
    return rows.length === 0 ? [] : [{ name, text, values: [JSON.stringify(rows)] }];
  };
  return [
    ...put('put-release', PUT_RELEASES, ({ service, release }) => ({ ...release, service })),
    ...put('put-life', PUT_LIVES, ({ service, life }) => ({ ...life, service })),
    ...put('put-life', KEEP_RELEVANT, ({ service, life }) => ({ service, ring: life.ring }), 'keep-relevant'),
    ...put('recall-leases', RECALL_LEASES, ({ recall, service, version }) => ({ ...recall, service, version })),
    ...put('delete-config', DELETE_CONFIGS, ({ key }) => key),
    ...put('put-config', PUT_CONFIGS, ({ key, document, etag }) => ({ ...key, document, etag })),
    ...put('put-control', PUT_CONTROLS, ({ control }) => control),
    ...put('clear-askers', CLEAR_ASKERS, ({ service, version }) => ({ service, version })),
    ...put('delete-asker', DELETE_ASKERS, askerRow),
    ...put('put-asker', PUT_ASKERS, askerRow),
    ...put('put-token', PUT_TOKENS, ({ token }) => token),
    ...put('put-asked', PUT_ASKED, ({ asked }) => asked),
    ...put('put-github', PUT_GITHUB, ({ request }) => githubRow(request)),
    addingEntries(commits, textsOf),
  ];
}

function addingEntries(commits: readonly Commit[], textsOf: Session['texts']): Statement {
  const entries = commits.flatMap(({ also = [], entry }) => [...also, entry]);
  const columns = [
    entries.map(({ id }) => id),
    entries.map(({ body }) => body),
    entries.map(({ leafHash }) => leafHash),
    entries.map(({ person }) => person ?? ''),
  ];
  return { name: 'add-entries', text: ADD_ENTRIES, values: columns.map(textsOf) };
}

/**
 * One statement cannot touch a row twice, so only the last write to each row is left. In the order
 * of their keys, so that two replicas lock rows in the same order.
 */
function lastWrites(writes: readonly Write[]): readonly Write[] {
  const last = new Map(writes.map((write) => [rowOf(write), write]));
  return [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, write]) => write);
}

function rowOf(write: Write): string {
  switch (write.kind) {
    case 'put-config':
    case 'delete-config':
      return configRow(write.key);
    case 'put-life':
      return JSON.stringify(['life', write.service, write.life.version, write.life.ring, write.life.n]);
    case 'recall-leases':
      return JSON.stringify(['recall', write.recall.halt]);
    case 'put-release':
      return JSON.stringify(['release', write.service, write.release.version]);
    case 'put-control':
      return JSON.stringify(['control', write.control.document.id]);
    case 'put-asker':
    case 'delete-asker':
      return askerRowKey(write);
    case 'clear-askers':
      return JSON.stringify(['askers', write.service, write.version]);
    case 'put-token':
      return JSON.stringify(['token', write.token.id]);
    case 'put-asked':
      return JSON.stringify(['asked', write.asked.id]);
    case 'put-github':
      return JSON.stringify(['github', write.request.id]);
  }
}

function configRow({ kind, owner, name }: ConfigKey): string {
  return JSON.stringify(['config', kind, owner, name]);
}
