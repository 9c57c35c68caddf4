import { withoutLapsedClaims } from '../domain/claim.ts';
import { GateError } from '../domain/errors.ts';
import type { Life, Rollout } from '../domain/life.ts';
import { isLive, lastProven, occupantOf } from '../domain/lives.ts';
import { formatRelease, type Release } from '../domain/release.ts';
import { planOf } from '../domain/service.ts';
import { readDecision } from './audit.ts';
import { type ReleaseDocument, type ReleaseSummary, type RolloutDocument, withoutVersion } from './documents.ts';
import { noService } from './no-service.ts';
import type { Entry, GateState, Page, PageRequest, Ports } from './ports.ts';
import { questionIn } from './repeated-hold.ts';

/** A release with its lives, its mark and its last decision. Throws not-found for one that nothing is recorded of. */
export async function getRelease(ports: Pick<Ports, 'store'>, release: Release): Promise<ReleaseDocument> {
  const name = formatRelease(release);
  const state = await ports.store.release(release.service, release.version);
  const known = await ports.store.gateState(release.service, release.version);
  const lives = await standingLives(ports, release, known);
  const last = await ports.store.entries({ kind: 'decision', release: name }, { limit: 1, cursor: null });
  const entry = last.items[0];
  if (state === null && entry === undefined) throw new GateError('not-found', `nothing is recorded of ${name}`);
  return {
    release: name,
    ...release,
    artifact: state?.artifact ?? null,
    mark: state?.mark ?? null,
    live: lives.filter(isLive).map((life) => life.ring),
    lives: lives.map(withoutVersion),
    askers: known.askers,
    lastDecision: entry === undefined ? null : lastDecision(entry),
  };
}

/** All but the claims that nobody has made for too long: those are as if they had never been made. */
async function standingLives(
  ports: Pick<Ports, 'store'>,
  { service: name, version }: Release,
  { now, service }: Pick<GateState, 'now' | 'service'>,
): Promise<readonly Life[]> {
  const lives = await ports.store.lives(name, version);
  if (service === null) return lives;
  return withoutLapsedClaims({ lives, releases: [] }, now, planOf(service).deploymentTimeoutMs).lives;
}

function lastDecision(entry: Entry): ReleaseDocument['lastDecision'] {
  const body = readDecision(entry);
  const { id, ring, stage, verdict, at } = body;
  return { id, ring, stage, verdict, dryRun: questionIn(body).dryRun, decidedAt: at };
}

/** Releases, of one service or of all. */
export async function listReleases(
  ports: Pick<Ports, 'store'>,
  service: string | null,
  page: PageRequest,
): Promise<Page<ReleaseSummary>> {
  const rows = await ports.store.releases(service, page);
  const items = rows.items.map(({ service: owner, release }) => ({
    release: `${owner}@${release.version}`,
    service: owner,
    version: release.version,
    artifact: release.artifact,
    marked: release.mark !== null,
  }));
  return { items, next: rows.next };
}

/** Who runs in each ring, since when, and who was proven there last. Throws not-found for an unknown service. */
export async function rollout(ports: Pick<Ports, 'store'>, service: string): Promise<RolloutDocument> {
  const state = await ports.store.gateState(service, '0');
  if (state.service === null) throw noService(service);
  const all: Rollout = state.rollout;
  return {
    service,
    rings: planOf(state.service).rings.map((ring) => {
      const occupant = occupantOf(all, ring.name);
      const proven = lastProven(all, ring.name, '');
      return {
        ring: ring.name,
        occupant: occupant === undefined ? null : `${service}@${occupant.version}`,
        phase: occupant === undefined ? null : (occupant.phase as 'live' | 'proven'),
        since: occupant?.liveAt ?? null,
        lastProven: proven === null ? null : `${service}@${proven}`,
      };
    }),
  };
}
