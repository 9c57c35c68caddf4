-- The key of the person behind an entry, by which it is searched. It is made where the entry is made, so that no database
-- has to know when two names are one person. Entries from before have none: there only case and space are looked through.

alter table audit.entry add column person text collate "C";

-- Who has asked for a release since an operator last cleared it: they may not approve it. One row for each person, written
-- with the decision that names them first, and one for all whom callers have named beyond a limit.

create table asker (
  service text collate "C" not null,
  version text collate "C" not null,
  person text collate "C" not null,
  name text not null,
  source text not null check (source in ('token', 'github', 'stated', 'many')),
  decision uuid not null,
  at timestamptz not null,
  primary key (service, version, person)
);

-- Releases on their way are known by their record. What names are made of is looked through less well here, and who vouched
-- for a name is not known any more, so it counts as stated.
insert into asker (service, version, person, name, source, decision, at)
select service, version, lower(btrim(name)), name, 'stated', id, recorded_at from (
  select distinct on (service, version, lower(btrim(name))) *
  from (
    select e.id, e.recorded_at, e.search ->> 'service' as service, body.facts #>> '{question,version}' as version,
      json_array_elements_text(body.facts #> '{controls,askers}') as name
    from audit.entry e cross join lateral (select e.body::json -> 'facts' as facts) body
    where e.search ->> 'kind' = 'decision' and e.recorded_at > clock_timestamp() - interval '30 days'
      and body.facts #>> '{question,dryRun}' = 'false'
      and not exists (select from audit.entry cleared where cleared.search ->> 'kind' = 'rollback-clear'
        and cleared.search ->> 'release' = e.search ->> 'release' and cleared.recorded_at > e.recorded_at)
  ) named
  order by service, version, lower(btrim(name)), recorded_at
) first;
