-- What a life has beyond its phase: when deployments may begin under its promise, what ended the promise, who was
-- let in before whom, and whether its proof still counts. See src/domain/life.ts.

alter table life
  add column spans jsonb,
  add column renewed_at timestamptz,
  add column recalled jsonb,
  add column revoked_at timestamptz,
  add column placed_at timestamptz,
  add column started_at timestamptz,
  add column proof_end text check (proof_end in ('faded', 'taken', 'renewed')),
  add column claimed boolean,
  add column claimed_at timestamptz;

alter table life drop constraint life_origin_check;
alter table life add constraint life_origin_check
  check (origin in ('gated', 'late', 'ungated', 'adopted', 'restored'));

-- A promise that nothing has used yet is one span. When it was renewed last is not known: a lease is at most 15 minutes.
update life set
  spans = json_build_array(json_build_object('start', rfc3339(promised_at), 'end', rfc3339(lease_until))),
  renewed_at = greatest(promised_at, lease_until - interval '15 minutes')
where promised_at is not null and lease_until is not null and live_at is null
  and (phase = 'promised' or ending = 'failed');

update life set placed_at = coalesce(promised_at, live_at);

-- Of several proofs of a release in a ring the newest stands, unless a report has ended a later stay.
update life set proof_end = 'renewed' where proven_at is not null and exists (
  select from life later where (later.service, later.version, later.ring) = (life.service, life.version, life.ring)
    and later.n > life.n and later.proven_at is not null);
update life set proof_end = 'taken' where proven_at is not null and exists (
  select from life later where (later.service, later.version, later.ring) = (life.service, life.version, life.ring)
    and later.n > life.n and later.live_at is not null and later.ending in ('rolled-back', 'failed', 'abandoned'));

-- A life is relevant once relevance.ts finds it so; promises are read by life_promised, and only while they stand.
update life set relevant = false where phase = 'promised';
alter table life alter column relevant set default false;
drop index life_open;
create index life_running on life (service, ring) where phase in ('live', 'proven');
create index life_promised on life (service, ring, lease_until) where spans is not null;
