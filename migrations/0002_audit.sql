-- The record. Entries are only ever added: triggers refuse everything else, also on each partition, because a
-- parent's TRUNCATE trigger does not cover its partitions.

create schema audit;

-- RFC 6962 leaf hash of the exact bytes. A wrapper, because convert_to() is not immutable by declaration.
create function audit.leaf_hash_of(body text) returns bytea language sql immutable strict parallel safe
  return sha256('\x00'::bytea || convert_to(body, 'UTF8'));

-- What entries are searched by. The body is parsed once for all of it, and without making the facts of a decision
-- into jsonb: that would cost more than the rest of the insert.
create type audit.envelope as (
  kind text, service text, release text, ring text, verdict text, actor text, caller jsonb, "policyVersion" text, causes jsonb
);

create function audit.search_of(body text) returns jsonb language plpgsql immutable strict parallel safe as $$
declare
  e audit.envelope := json_populate_record(null::audit.envelope, body::json);
begin
  return jsonb_build_object('kind', e.kind, 'service', e.service, 'release', e.release, 'ring', e.ring,
    'verdict', e.verdict, 'actor', e.actor, 'caller', coalesce(e.caller ->> 'id', e.caller ->> 'kind'),
    'policyVersion', e."policyVersion", 'causes', e.causes);
end $$;

create table audit.entry (
  id uuid not null,
  recorded_at timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
  body text not null,
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32),
  search jsonb generated always as (audit.search_of(body)) stored,
  primary key (recorded_at, id),
  constraint entry_leaf_hash_is_of_body check (leaf_hash = audit.leaf_hash_of(body))
) partition by range (recorded_at);

create index entry_by_id on audit.entry (id);
create index entry_by_service on audit.entry ((search ->> 'service'), recorded_at);
create index entry_by_release on audit.entry ((search ->> 'release'), recorded_at) where search ->> 'release' is not null;

-- Written with each entry and taken by the sealer in the order of n.
create table audit.pending (
  n bigint generated always as identity primary key,
  entry_id uuid not null,
  leaf_hash bytea not null
);

create function audit.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit entries are never changed or removed (% on %)', tg_op, tg_table_name
    using errcode = 'restrict_violation';
end $$;

create trigger entry_is_final before update or delete on audit.entry
  for each row execute function audit.refuse_change();
create trigger entry_is_not_emptied before truncate on audit.entry
  for each statement execute function audit.refuse_change();

create table audit.entry_default partition of audit.entry default;
create trigger entry_is_not_emptied before truncate on audit.entry_default
  for each statement execute function audit.refuse_change();

-- Makes the partition of the month that begins at this UTC date, once.
create function audit.ensure_partition(month date) returns void language plpgsql as $$
declare
  partition_name text := 'entry_' || to_char(month, 'YYYY_MM');
begin
  if to_regclass('audit.' || partition_name) is not null then return; end if;
  perform pg_advisory_xact_lock(hashtext('ringgate audit partitions'));
  if to_regclass('audit.' || partition_name) is not null then return; end if;
  execute format('create table audit.%I partition of audit.entry for values from (%L) to (%L)',
    partition_name, month::text || ' 00:00:00+00', (month + interval '1 month')::date::text || ' 00:00:00+00');
  execute format('create trigger entry_is_not_emptied before truncate on audit.%I
    for each statement execute function audit.refuse_change()', partition_name);
end $$;

create function audit.ensure_partitions() returns void language plpgsql as $$
declare
  this_month date := date_trunc('month', clock_timestamp() at time zone 'UTC')::date;
begin
  perform audit.ensure_partition(this_month);
  perform audit.ensure_partition((this_month + interval '1 month')::date);
end $$;
