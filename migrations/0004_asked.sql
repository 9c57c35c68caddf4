-- What was answered under an Idempotency-Key: enough to find the decision again and to see that the question is the
-- same. Caller and key only as a hash, because a key is the caller's own text. Kept for a day.

create table asked (
  id text collate "C" primary key,
  fingerprint text not null,
  decision uuid not null,
  at timestamptz not null default clock_timestamp()
);

create index asked_by_at on asked (at);

-- Forgets what is older than a day, together with the revisions that have guarded it.
create function forget_asked() returns void language sql as $$
  with gone as (delete from asked where at < clock_timestamp() - interval '1 day' returning id)
  delete from revision using gone where revision.scope = 'asked/' || gone.id
$$;
