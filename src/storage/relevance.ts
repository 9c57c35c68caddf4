/**
 * A service has had thousands of lives, and a decision depends on a few: beside its own release's and the leases
 * that stand (known-lives.ts), those that run, and per ring the latest five proven (where a rollback goes to), the latest live
 * ones of two versions (who superseded whom, and since when a ring had one occupant), the latest
 * reported, the latest failed of two versions, and of those that were only claimed to run the latest of two versions:
 * anybody may claim any number of them. Of two versions, because one of them may be the release that is asked about. Which ones these are changes only when a life is written, and is
 * read with every decision: so it is worked out here and kept in `life.relevant`. Rings are taken from
 * the lives themselves, because a plan may have lost a ring in use.
 */
const PER_RING = `
  (select * from life where service = t.service and ring = t.ring and phase in ('live', 'proven')
    and claimed is not true)
  union all (select * from life where service = t.service and ring = t.ring
    and proven_at is not null and (proof_end is null or proof_end = 'faded') order by proven_at desc, n desc, version limit 5)
  union all ${latestOfTwoVersions('live_at', 'live_at is not null and claimed is not true')}
  union all ${latestOfTwoVersions('live_at', 'live_at is not null and claimed')}
  union all (select * from life where service = t.service and ring = t.ring
    and reported_at is not null order by reported_at desc, n desc, version limit 1)
  union all ${latestOfTwoVersions('ended_at', "ending = 'failed'")}`;

function latestOfTwoVersions(instant: string, which: string): string {
  const latest = `from life where service = t.service and ring = t.ring and ${which}`;
  const order = `order by ${instant} desc nulls last, n desc, version limit 1`;
  return `(select * ${latest} ${order})
    union all (select * ${latest} and version <> (select version ${latest} ${order}) ${order})`;
}

const KEY = 'service, version, ring, n';

/** SQL that takes a JSON array of `{service, ring}` after lives were put there, and brings `relevant` up to date. */
export const KEEP_RELEVANT = `with touched as (
    select distinct service, ring from jsonb_to_recordset($1::jsonb) as put (service text, ring text)
  ), kept as (
    select l.service, l.version, l.ring, l.n from touched t cross join lateral (${PER_RING}) l
  ), compared as (
    select ${KEY}, bool_or(keep) as keep from (
      select ${KEY}, true as keep from kept
      union all select ${KEY}, false from life join touched using (service, ring) where relevant
    ) seen group by ${KEY}
  )
  update life set relevant = compared.keep from compared
  where (life.service, life.version, life.ring, life.n) = (compared.service, compared.version, compared.ring, compared.n)
    and life.relevant <> compared.keep`;
