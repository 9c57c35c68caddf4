import type { Write } from '../app/ports.ts';
import { askerKey } from '../domain/asker.ts';

/** SQL for those who have asked for `a.version` of `a.service` since it was last cleared, the first one first, as a JSON array. */
export const ASKERS = `coalesce((
    select json_agg(json_build_object('name', w.name, 'source', w.source, 'decision', w.decision, 'at', rfc3339(w.at))
      order by w.at, w.person) from asker w
    where w.service = a.service and w.version = a.version), '[]')`;

export const PUT_ASKERS = `insert into asker (service, version, person, name, source, decision, at)
  select service, version, person, name, source, decision, at from jsonb_to_recordset($1::jsonb) as put
    (service text, version text, person text, name text, source text, decision uuid, at timestamptz)
  on conflict (service, version, person) do update
    set name = excluded.name, source = excluded.source, decision = excluded.decision, at = excluded.at`;

export const DELETE_ASKERS = `delete from asker
  using jsonb_to_recordset($1::jsonb) as gone (service text, version text, person text)
  where asker.service = gone.service and asker.version = gone.version and asker.person = gone.person`;

export const CLEAR_ASKERS = `delete from asker using jsonb_to_recordset($1::jsonb) as gone (service text, version text)
  where asker.service = gone.service and asker.version = gone.version`;

type AskerWrite = Extract<Write, { kind: 'put-asker' | 'delete-asker' }>;

/** The whole row. */
export function askerRow({ service, version, asker }: AskerWrite) {
  return { ...asker, service, version, person: askerKey(asker) };
}

/** Equal for writes to the same row. */
export function askerRowKey(write: AskerWrite): string {
  const { service, version, person } = askerRow(write);
  return JSON.stringify(['asker', service, version, person]);
}
