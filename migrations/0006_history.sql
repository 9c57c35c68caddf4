-- Revisions count within one history of the database. A standby that is promoted, a backup that is restored and a copy
-- bring numbers along that mean something else from then on, so the history has a random number of its own. It stands
-- beside the place it was given at and counts only there: elsewhere it has to be made anew, by whoever notices first.

create table history (
  one boolean primary key default true check (one),
  n bigint not null,
  place text not null
);

-- Where this database runs now: the timeline, the server's start, the file of the table (which names the database) and
-- the transaction that wrote the row, which a restored row does not have. The system identifier would add nothing: two
-- clusters with the same file and transaction are copies of each other and share it. Null on a read-only standby.
create function history_place(written_by xid) returns text language plpgsql as $$
declare
  timeline text;
begin
  if pg_is_in_recovery() then return null; end if;
  begin
    timeline := left(pg_walfile_name(pg_current_wal_lsn()), 8);
  exception when others then
    timeline := '';  -- a service that hides its log; the rest tells histories apart as well
  end;
  return concat_ws(' ', timeline, extract(epoch from pg_postmaster_start_time()), pg_relation_filepath('history'), written_by);
end $$;

-- The number of the history that this is; null where there is none yet, as after a failover.
create function history_now() returns bigint language plpgsql stable as $$
begin
  return (select h.n from history h where h.place = history_place(h.xmin));
end $$;

-- Gives a number where there is none. Of several at once the first one does, and the others find what it did.
create function renew_history() returns void language sql as $$
  insert into history as h (n, place)
    values (1 + floor(random() * 4503599627370496)::bigint, history_place(pg_current_xact_id()::xid))
    on conflict (one) do update set n = excluded.n, place = excluded.place
      where h.place is distinct from history_place(h.xmin)
$$;

-- What is recorded waits for the disk whatever the role, the database, a pooler or the connection string say, and is
-- refused where the server would not wait.
create function require_durability() returns void language plpgsql as $$
declare
  setting text;
begin
  foreach setting in array array['fsync', 'full_page_writes'] loop
    if current_setting(setting) <> 'on' then
      raise exception 'the database runs with % off', setting using errcode = 'RG001';
    end if;
  end loop;
  if current_setting('synchronous_commit') <> 'remote_apply' then
    perform set_config('synchronous_commit', 'on', true);
  end if;
end $$;

-- As before, and then the history as the scope `history`. It comes last: what is compared has to be read behind the locks.
create or replace function lock_revisions(scopes text[], raised boolean[]) returns table (scope text, n bigint)
language plpgsql as $$
begin
  perform require_durability();
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
  scope := 'history';
  n := history_now();
  return next;
end $$;
