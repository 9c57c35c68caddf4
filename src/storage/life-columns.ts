import type { Life } from '../domain/life.ts';

type SqlType = 'text' | 'integer' | 'timestamptz' | 'boolean' | 'jsonb';
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
  ['spans', 'spans', 'jsonb'],
  ['renewed_at', 'renewedAt', 'timestamptz'],
  ['recalled', 'recalled', 'jsonb'],
  ['revoked_at', 'revokedAt', 'timestamptz'],
  ['placed_at', 'placedAt', 'timestamptz'],
  ['started_at', 'startedAt', 'timestamptz'],
  ['proof_end', 'proofEnd', 'text'],
  ['claimed', 'claimed', 'boolean'],
  ['claimed_at', 'claimedAt', 'timestamptz'],
];

const names = COLUMNS.map(([column]) => column).join(', ');
/** JSON's null is none, not a value of its own. */
const values = COLUMNS.map(([, field, type]) => (type === 'jsonb' ? `nullif("${field}", 'null')` : `"${field}"`)).join(
  ', ',
);
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
  select service, ${values} from jsonb_to_recordset($1::jsonb) as put (service text, ${typedFields})
  on conflict (service, version, ring, n) do update set ${replaced.join(', ')}`;

/** SQL that takes a JSON array of recalls, each with its scope, and ends the leases in it. Lives that have used theirs have no spans. */
export const RECALL_LEASES = `update life set
    recalled = jsonb_build_object('at', rfc3339(halted.at), 'halt', halted.halt, 'reason', halted.reason),
    lease_until = halted.at,
    spans = jsonb_set(spans, '{-1,end}', to_jsonb(rfc3339(halted.at)))
  from jsonb_to_recordset($1::jsonb) as halted (at timestamptz, halt text, reason text, service text, version text)
  where spans is not null and revoked_at is null and lease_until > halted.at
    and (halted.service is null or halted.service = life.service)
    and (halted.version is null or halted.version = life.version)`;
