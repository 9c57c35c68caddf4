import type { GateState } from '../app/ports.ts';
import { ASKERS } from './askers.ts';
import { STANDING_CONTROLS } from './controls.ts';
import type { Engine } from './engine.ts';
import { HISTORY, HISTORY_NOW, type History } from './history.ts';
import { type KeptStates, type StandingState, stateAt } from './kept-states.ts';
import { KNOWN_LIVES } from './known-lives.ts';
import { lifeJson } from './life-columns.ts';
import { releaseJson } from './releases.ts';

/** One question to the state: all that a decision about this version depends on. */
export interface StateKey {
  readonly service: string;
  readonly version: string;
}

const NAMED = (field: string, where: string): string => `coalesce((
    select json_agg(json_build_object('name', name, '${field}', document) order by name)
    from config where ${where}), '[]')`;

/** The state of `a.version` of `a.service`, without what changes by itself: the instant and the revisions. */
const STATE = `(select json_build_object(
    'service', (select document from config where kind = 'service' and owner = '' and name = a.service),
    'rules', ${NAMED('rule', "kind = 'rule' and owner = a.service")},
    'providers', ${NAMED('provider', "kind = 'provider' and owner = ''")},
    'freezes', ${NAMED('document', "kind = 'freeze' and owner = ''")},
    'controls', ${STANDING_CONTROLS},
    'askers', ${ASKERS},
    'rollout', json_build_object(
      'lives', coalesce(known.lives, '[]'),
      'releases', coalesce((select json_agg(${releaseJson('r')} order by r.version) from release r
        where r.service = a.service and r.version = any(known.versions || a.version)), '[]')
    )
  )::text from (
    select json_agg(${lifeJson('l')} order by l.ring, l.version, l.n) as lives, array_agg(l.version) as versions
    from ${KNOWN_LIVES} l
  ) known)`;

const REVISION = (scope: string): string => `coalesce((select n from revision where scope = ${scope}), 0)`;

/**
 * One row for each element of $1 to $4 (services, versions, and the two revisions at which the caller
 * knows the state), in their order. Where they still stand in the history $5 the state is not put together again.
 */
const STATES = `select rfc3339(clock_timestamp()) as now, h.n::text as history, r.global::text, r.own::text,
    case when h.n <> $5::bigint or r.global <> a.global or r.own <> a.own then ${STATE} end as state
  from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) with ordinality
    as a (service, version, global, own, place)
  cross join (select ${HISTORY_NOW} as n offset 0) h
  cross join lateral (select ${REVISION(`'global'`)} as global, ${REVISION(`'service/' || a.service`)} as own offset 0) r
  order by a.place`;

interface StateRow {
  readonly now: string;
  readonly history: string;
  readonly global: string;
  readonly own: string;
  /** Null where the known revisions still stand. */
  readonly state: string | null;
}

/** Reads, in one statement and so in one snapshot, everything that each of the decisions depends on. */
export type GateStateReader = (keys: readonly StateKey[]) => Promise<readonly GateState[]>;

/**
 * Planning costs more than running. PostgreSQL keeps the plan of a named statement; PGlite keeps none
 * between calls, but a function does for as long as its one session lives.
 */
export async function gateStateReader(engine: Engine, history: History, kept: KeptStates): Promise<GateStateReader> {
  const text = engine.keepsPlans ? STATES : CALL;
  if (!engine.keepsPlans) await engine.read({ text: AS_FUNCTION, values: [] });
  const readStates: GateStateReader = async (keys) => {
    const known = keys.map((key) => kept.get(nameOfState(key)));
    const revisions = (scope: (key: StateKey) => string) =>
      keys.map((key, i) => known[i]?.revisions[scope(key)] ?? UNKNOWN);
    const values = [
      keys.map(({ service }) => service),
      keys.map(({ version }) => version),
      revisions(() => 'global'),
      revisions(({ service }) => `service/${service}`),
      history.seen,
    ];
    const rows = await engine.read<StateRow>({ name: 'gate-states', text, values });
    history.enter(Number(rows[0]?.history));
    return keys.map((key, i) => {
      const row = rows[i] as StateRow;
      const state = row.state === null ? known[i] : kept.keep(nameOfState(key), readState(key, row, row.state));
      return stateAt(state as StandingState, key.version, row.now);
    });
  };
  return (keys) => history.within(() => readStates(keys));
}

/** No revision is negative. */
const UNKNOWN = -1;

function readState({ service }: StateKey, { history, global, own }: StateRow, state: string): StandingState {
  const revisions = { [HISTORY]: Number(history), global: Number(global), [`service/${service}`]: Number(own) };
  return { ...(JSON.parse(state) as Omit<StandingState, 'revisions'>), revisions };
}

/** Equal for keys that ask for the same. */
export function nameOfState({ service, version }: StateKey): string {
  return `${service}@${version}`;
}

const CALL = 'select now, history, global, own, state from pg_temp.gate_states($1, $2, $3, $4, $5)';

const AS_FUNCTION = `create or replace function pg_temp.gate_states(text[], text[], bigint[], bigint[], bigint)
  returns table (now text, history text, global text, own text, state text)
  language plpgsql stable as $function$
  #variable_conflict use_column
  begin return query ${STATES}; end $function$`;
