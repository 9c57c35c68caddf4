import type { GateState } from '../app/ports.ts';
import { STANDING_CONTROLS } from './controls.ts';
import type { Engine } from './engine.ts';
import { lifeJson } from './life-columns.ts';
import { releaseJson } from './releases.ts';

/** One question to the state: all that a decision about this version depends on. */
export interface StateKey {
  readonly service: string;
  readonly version: string;
}

/** The lives that can matter to a decision, without promises of others whose lease ran out a day ago. */
const LIVES = `(
    select * from life where service = a.service and version = a.version
    union all select * from life where service = a.service and relevant and version <> a.version
      and (phase <> 'promised' or lease_until > clock_timestamp() - interval '1 day')
  )`;

const NAMED = (field: string, where: string): string => `coalesce((
    select json_agg(json_build_object('name', name, '${field}', document) order by name)
    from config where ${where}), '[]')`;

const REVISION = (scope: string): string => `${scope}, coalesce((select n from revision where scope = ${scope}), 0)`;

/** One row for each pair of the text[] $1 and $2 (services and versions), in their order. */
const STATES = `select json_build_object(
    'now', rfc3339(clock_timestamp()),
    'service', (select document from config where kind = 'service' and owner = '' and name = a.service),
    'rules', ${NAMED('rule', "kind = 'rule' and owner = a.service")},
    'providers', ${NAMED('provider', "kind = 'provider' and owner = ''")},
    'freezes', ${NAMED('document', "kind = 'freeze' and owner = ''")},
    'controls', ${STANDING_CONTROLS},
    'revisions', json_build_object(${REVISION(`'global'`)}, ${REVISION(`'service/' || a.service`)}),
    'rollout', json_build_object(
      'lives', coalesce(known.lives, '[]'),
      'releases', coalesce((select json_agg(${releaseJson('r')} order by r.version) from release r
        where r.service = a.service and r.version = any(known.versions || a.version)), '[]')
    )
  )::text as state
  from unnest($1::text[], $2::text[]) with ordinality as a (service, version, place)
  cross join lateral (
    select json_agg(${lifeJson('l')} order by l.ring, l.version, l.n) as lives, array_agg(l.version) as versions
    from ${LIVES} l
  ) known order by a.place`;

/** Reads, in one statement and so in one snapshot, everything that each of the decisions depends on. */
export type GateStateReader = (keys: readonly StateKey[]) => Promise<readonly GateState[]>;

/**
 * Planning costs more than running. PostgreSQL keeps the plan of a named statement; PGlite keeps none
 * between calls, but a function does for as long as its one session lives.
 */
export async function gateStateReader(engine: Engine): Promise<GateStateReader> {
  const text = engine.keepsPlans ? STATES : 'select state from pg_temp.gate_states($1, $2) as state';
  if (!engine.keepsPlans) await engine.read({ text: AS_FUNCTION, values: [] });
  return async (keys) => {
    const values = [keys.map(({ service }) => service), keys.map(({ version }) => version)];
    const rows = await engine.read<{ state: string }>({ name: 'gate-states', text, values });
    return rows.map(({ state }) => JSON.parse(state) as GateState);
  };
}

const AS_FUNCTION = `create or replace function pg_temp.gate_states(text[], text[]) returns setof text
  language plpgsql stable as $function$ begin return query ${STATES}; end $function$`;
