import type { Life } from '../domain/life.ts';

type SqlType = 'text' | 'integer' | 'timestamptz';
type Column = readonly [column: string, field: keyof Life, type: SqlType];

/** The one table of how a life is stored. Everything else about its columns is derived from it. */
const COLUMNS: readonly Column[] = [
  ['version', 'version', 'text'],
  ['ring', 'ring', 'text'],
  ['n', 'n', 'integer'],
  ['epoch', 'epoch', 'integer'],
  ['phase', 'phase', 'text'],
  ['ending', 'end', 'text'],
  ['origin', 'origin', 'text'],
  ['promised_at', 'promisedAt', 'timestamptz'],
  ['lease_until', 'leaseUntil', 'timestamptz'],
  ['live_at', 'liveAt', 'timestamptz'],
  ['proven_at', 'provenAt', 'timestamptz'],
  ['ended_at', 'endedAt', 'timestamptz'],
  ['report', 'report', 'text'],
  ['reported_at', 'reportedAt', 'timestamptz'],
  ['entered_by', 'enteredBy', 'text'],
  ['proven_by', 'provenBy', 'text'],
  ['reason', 'reason', 'text'],
];

const names = COLUMNS.map(([column]) => column).join(', ');
const fields = COLUMNS.map(([, field]) => `"${field}"`).join(', ');
const typedFields = COLUMNS.map(([, field, type]) => `"${field}" ${type}`).join(', ');
const replaced = COLUMNS.slice(3).map(([column]) => `${column} = excluded.${column}`);

/** SQL for a row of `life` as the JSON of a Life. */
export function lifeJson(alias: string): string {
  const pairs = COLUMNS.map(([column, field, type]) => {
    const value = `${alias}.${column}`;
    return `'${field}', ${type === 'timestamptz' ? `rfc3339(${value})` : value}`;
  });
  return `json_build_object(${pairs.join(', ')})`;
}

/** SQL that takes a JSON array of lives, each with its `service`, and puts the whole rows. */
export const PUT_LIVES = `insert into life (service, ${names})
  select service, ${fields} from jsonb_to_recordset($1::jsonb) as put (service text, ${typedFields})
  on conflict (service, version, ring, n) do update set ${replaced.join(', ')}`;
