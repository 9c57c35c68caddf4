/**
 * The lives that a decision about `a.version` of `a.service` depends on. Their number is bounded by the rings of
 * the plan, not by history: a version that asked, and was never deployed, is known to itself alone.
 */
const OF = 'service = a.service';

/** What each ring shows by itself, see relevance.ts. */
const RELEVANT = `select * from life where ${OF} and relevant`;

/** Of the release itself, per ring: its newest life, its newest stay, the proof that may still count, and the latest ends. */
const OWN = `select own.* from (select distinct ring from life where ${OF} and version = a.version) r
  cross join lateral (
    ${latestOwn('true', 'n')}
    union ${latestOwn('live_at is not null', 'n')}
    union ${latestOwn("proven_at is not null and (proof_end is null or proof_end = 'faded')", 'n')}
    union ${latestOwn("ended_at is not null and ending <> 'failed'", 'ended_at desc, n')}
    union ${latestOwn('ended_at is not null and live_at is not null', 'ended_at desc, n')}
  ) own`;

function latestOwn(which: string, order: string): string {
  return `(select * from life where ${OF} and version = a.version and ring = r.ring and ${which} order by ${order} desc limit 1)`;
}

/** How the others that run now have come through the other rings: who was let in before whom. */
const OF_RUNNING = `select distinct on (version, ring) * from life where ${OF} and phase <> 'promised'
    and version in (select version from life where ${OF} and phase in ('live', 'proven') and claimed is not true)
  order by version, ring, n desc`;

/** Per ring of the plan the lease of another release that ends last, and the last of one that is not marked: only that holds. */
const LEASES = `select lease.* from config
  cross join lateral jsonb_array_elements(config.document -> 'rings') as planned (ring)
  cross join lateral (
    ${lastLease('true')}
    union ${lastLease(`not exists (select from release m where m.${OF} and m.version = life.version and m.mark is not null)`)}
  ) lease
  where config.kind = 'service' and config.owner = '' and config.name = a.service`;

function lastLease(which: string): string {
  return `(select * from life where ${OF} and ring = planned.ring ->> 'name' and version <> a.version and spans is not null
      and revoked_at is null and lease_until > clock_timestamp() and ${which}
    order by lease_until desc, version limit 1)`;
}

/** SQL for the rows, each once. */
export const KNOWN_LIVES = `((${RELEVANT}) union (${OWN}) union (${OF_RUNNING}) union (${LEASES}))`;
