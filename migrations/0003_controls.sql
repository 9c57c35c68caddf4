-- What people say beside configuration: freezes are configuration like rules, halts, approvals and overrides are
-- acts with a person and an instant. The document is what the API shows, the columns are what it is found by.

alter table config drop constraint config_kind_check;
alter table config add constraint config_kind_check check (kind in ('provider', 'service', 'rule', 'freeze'));

create table control (
  id uuid primary key,
  kind text collate "C" not null check (kind in ('halt', 'approval', 'override')),
  service text collate "C",
  version text collate "C",
  document jsonb not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  ended_at timestamptz
);

create index control_standing on control (service, version) where ended_at is null;
create index control_by_created on control (kind, created_at, id);
