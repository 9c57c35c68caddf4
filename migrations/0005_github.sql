-- Deployments that wait at GitHub for an answer. What GitHub asked never changes; the other columns say how far the
-- answer is. A replica that works on one moves due_at ahead first: when it dies, another one takes over then.

alter table config drop constraint config_kind_check;
alter table config add constraint config_kind_check check (kind in ('provider', 'service', 'rule', 'freeze', 'github'));

create table github_request (
  id text collate "C" primary key,
  document jsonb not null,
  due_at timestamptz not null,
  failures integer not null,
  reports integer not null,
  reported text not null,
  ended_at timestamptz
);

create index github_request_due on github_request (due_at) where ended_at is null;

-- Forgets what has been over for a month, which is how long GitHub waits, together with the revisions that have guarded it.
create function forget_github() returns void language sql as $$
  with gone as (delete from github_request where ended_at < clock_timestamp() - interval '31 days' returning id)
  delete from revision using gone where revision.scope = 'github/' || gone.id
$$;
