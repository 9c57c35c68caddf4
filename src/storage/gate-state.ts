import type { GateState } from '../app/ports.ts';
import { STANDING_CONTROLS } from './controls.ts';
import type { Engine } from './engine.ts';
import { lifeJson } from './life-columns.ts';
import { releaseJson } from './releases.ts';
import { revisionsJson, scopesOf } from './revisions.ts';

/**
 * The lives that can matter to a decision about version $2 of service $1: its own; all that have not
 * ended, except promises whose lease ran out a day ago; and per ring the latest five proven (where a
 * rollback goes to), the latest live ones of any and of another version (who superseded whom, and
 * since when a ring had one occupant), the latest reported and another version's latest that failed. Rings are taken from the lives
 * themselves, by skipping through an index, because a plan may have lost a ring in use.
 */
const RELEVANT_LIVES = `relevant as (
    select * from life where service = $1 and version = $2
    union select * from life where service = $1 and phase <> 'ended'
      and (phase <> 'promised' or lease_until > clock_timestamp() - interval '1 day')
    union select l.* from rings cross join lateral (select * from life where service = $1 and ring = rings.ring
      and proven_at is not null order by proven_at desc, n desc, version limit 5) l
    union select l.* from rings cross join lateral (select * from life where service = $1 and ring = rings.ring
      and live_at is not null order by live_at desc nulls last, n desc, version limit 1) l
    union select l.* from rings cross join lateral (select * from life where service = $1 and ring = rings.ring
      and live_at is not null and version <> $2 order by live_at desc nulls last, n desc, version limit 1) l
    union select l.* from rings cross join lateral (select * from life where service = $1 and ring = rings.ring
      and reported_at is not null order by reported_at desc, n desc, version limit 1) l
    union select l.* from rings cross join lateral (select * from life where service = $1 and ring = rings.ring
      and ending = 'failed' and version <> $2 order by ended_at desc, n desc, version limit 1) l
  )`;

const RINGS = `rings (ring) as (
    (select ring from life where service = $1 order by ring limit 1)
    union all
    select (select l.ring from life l where l.service = $1 and l.ring > rings.ring order by l.ring limit 1)
    from rings where rings.ring is not null
  )`;

const NAMED = (field: string, where: string): string => `coalesce((
    select json_agg(json_build_object('name', name, '${field}', document) order by name)
    from config where ${where}), '[]')`;

const STATE = `with recursive ${RINGS}, ${RELEVANT_LIVES}, versions as (
    select version from relevant union select $2
  )
  select json_build_object(
    'now', rfc3339(clock_timestamp()),
    'service', (select document from config where kind = 'service' and owner = '' and name = $1),
    'rules', ${NAMED('rule', "kind = 'rule' and owner = $1")},
    'providers', ${NAMED('provider', "kind = 'provider' and owner = ''")},
    'freezes', ${NAMED('document', "kind = 'freeze' and owner = ''")},
    'controls', ${STANDING_CONTROLS},
    'revisions', ${revisionsJson('$3')},
    'rollout', json_build_object(
      'lives', coalesce((select json_agg(${lifeJson('l')} order by l.ring, l.version, l.n) from relevant l), '[]'),
      'releases', coalesce((
        select json_agg(${releaseJson('r')} order by r.version)
        from release r join versions v on v.version = r.version where r.service = $1), '[]')
    )
  )::text as state`;

/** Reads, in one statement and so in one snapshot, everything that a decision depends on. */
export type GateStateReader = (service: string, version: string) => Promise<GateState>;

/**
 * Planning costs more than running. PostgreSQL keeps the plan of a named statement; PGlite keeps none
 * between calls, but a function does for as long as its one session lives.
 */
export async function gateStateReader(engine: Engine): Promise<GateStateReader> {
  const text = engine.keepsPlans ? STATE : 'select pg_temp.gate_state($1, $2, $3) as state';
  if (!engine.keepsPlans) await engine.read({ text: AS_FUNCTION, values: [] });
  return async (service, version) => {
    const values = [service, version, scopesOf(service)];
    const rows = await engine.read<{ state: string }>({ name: 'gate-state', text, values });
    return JSON.parse((rows as [{ state: string }])[0].state) as GateState;
  };
}

const AS_FUNCTION = `create or replace function pg_temp.gate_state(text, text, text[]) returns text
  language plpgsql stable as $function$ begin return (${STATE}); end $function$`;
