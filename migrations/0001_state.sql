-- The state a decision is taken from. Names sort by bytes ("C"), the same on every engine and locale.

create table config (
  kind text collate "C" not null check (kind in ('provider', 'service', 'rule')),
  owner text collate "C" not null,
  name text collate "C" not null,
  document jsonb not null,
  etag text not null,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (kind, owner, name)
);

create table revision (
  scope text collate "C" primary key,
  n bigint not null default 0
);

create table life (
  service text collate "C" not null,
  version text collate "C" not null,
  ring text collate "C" not null,
  n integer not null,
  epoch integer not null,
  phase text not null check (phase in ('promised', 'live', 'proven', 'ended')),
  ending text check (ending in ('superseded', 'rolled-back', 'failed', 'abandoned', 'cleared')),
  origin text not null check (origin in ('gated', 'ungated', 'adopted', 'restored')),
  promised_at timestamptz,
  lease_until timestamptz,
  live_at timestamptz,
  proven_at timestamptz,
  ended_at timestamptz,
  report text check (report in ('deployed', 'failed', 'rolled-back', 'abandoned')),
  reported_at timestamptz,
  entered_by text,
  proven_by text,
  reason text,
  -- Whether a decision about another release can depend on it; see relevance.ts.
  relevant boolean not null default true,
  primary key (service, version, ring, n)
);

create index life_relevant on life (service) where relevant;
create index life_open on life (service, ring) where phase <> 'ended';
create index life_by_live on life (service, ring, live_at desc nulls last);
create index life_by_proven on life (service, ring, proven_at desc) where proven_at is not null;
create index life_by_failed on life (service, ring, ended_at desc) where ending = 'failed';
create index life_by_reported on life (service, ring, reported_at desc) where reported_at is not null;

create table release (
  service text collate "C" not null,
  version text collate "C" not null,
  epoch integer not null,
  artifact text,
  mark jsonb,
  first_seen timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
  primary key (service, version)
);

create index release_by_first_seen on release (first_seen, service, version);

create table token (
  id text collate "C" primary key,
  name text not null,
  role text not null,
  changes jsonb not null,
  hash text not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

-- Instants leave the database in one format: RFC 3339, UTC, exactly milliseconds.
create function rfc3339(instant timestamptz) returns text language sql stable parallel safe
  return to_char(instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- Locks the named scopes one by one, in the order given (callers sort it, so that no two wait for each other in
-- a circle), and returns their numbers. A scope nobody wrote yet gets its row first: a row that is not there
-- cannot be locked, and two writers would both see 0.
create function lock_revisions(scopes text[], raised boolean[]) returns table (scope text, n bigint)
language plpgsql as $$
begin
  for i in 1 .. cardinality(scopes) loop
    loop
      if raised[i] then
        select r.scope, r.n into lock_revisions.scope, lock_revisions.n
          from revision r where r.scope = scopes[i] for update;
      else
        select r.scope, r.n into lock_revisions.scope, lock_revisions.n
          from revision r where r.scope = scopes[i] for share;
      end if;
      exit when found;
      insert into revision (scope) values (scopes[i]) on conflict do nothing;
    end loop;
    return next;
  end loop;
end $$;
