import { GateError } from '../domain/errors.ts';
import type { Life } from '../domain/life.ts';
import { formatRelease, type Release } from '../domain/release.ts';
import { planOf, type ServiceDocument } from '../domain/service.ts';
import type { Story } from './documents.ts';
import type { Entry, EntryFilter, Ports } from './ports.ts';
import { type Told, tellEntry, tellLife } from './tell.ts';
import { haltsIn, tellHalts } from './tell-halts.ts';

const PAGE = 500;
/** Only what happened in between the lives is read from entries, so the oldest of very many may be left out. */
const MAX_ENTRIES = 5000;
const REPEATED = new Set(['held', 'overridden']);

/**
 * Per ring and in order: who let the release in on which decision, its deployment and proof, and how
 * it ended, from its lives; the holds, rollbacks, failures and clearings in between, and what people
 * said about it, from the record.
 * Throws not-found when nothing is recorded about it.
 */
export async function story(ports: Pick<Ports, 'store'>, release: Release): Promise<Story> {
  const name = formatRelease(release);
  const entries = await newestEntries(ports, { release: name });
  const lives = await ports.store.lives(release.service, release.version);
  if (entries.length === 0 && lives.length === 0) throw new GateError('not-found', `nothing is recorded about ${name}`);
  const plan = await plannedFor(ports, release.service);
  const known = { now: await ports.store.now(), deploymentTimeoutMs: planOf(plan).deploymentTimeoutMs };
  const rings = ringsOf(plan, lives);
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const told = [
    ...lives.flatMap((life) => tellLife(name, life, byId, known)),
    ...(await halts(ports, entries)),
    ...entries.flatMap((entry) => tellEntry(entry, rings)),
  ];
  return {
    release: name,
    rings: rings.map((ring) => ({ ring, events: inOrder(told.filter((each) => each.ring === ring)) })),
  };
}

/** A halt of a service or of everything is recorded without the release, so that the lifts are looked up by their kind. */
async function halts(ports: Pick<Ports, 'store'>, entries: readonly Entry[]): Promise<readonly Told[]> {
  const met = haltsIn(entries);
  if (met.length === 0) return [];
  return tellHalts(met, await newestEntries(ports, { kind: 'halt-lift' }));
}

/** The plan as it is now; one without rings where the service is gone. */
async function plannedFor(ports: Pick<Ports, 'store'>, service: string): Promise<ServiceDocument> {
  const { row } = await ports.store.config({ kind: 'service', owner: '', name: service });
  return (row?.document ?? { rings: [] }) as ServiceDocument;
}

/** The rings of the plan, then those that are only remembered. */
function ringsOf(plan: ServiceDocument, lives: readonly Life[]): readonly string[] {
  return [...new Set([...plan.rings.map((ring) => ring.name), ...lives.map((life) => life.ring)])];
}

/** Newest first in the store, oldest first here. */
async function newestEntries(ports: Pick<Ports, 'store'>, filter: EntryFilter): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Ports['store']['entries']>> = await ports.store.entries(filter, {
      limit: PAGE,
      cursor,
    });
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && found.length < MAX_ENTRIES);
  return found.reverse();
}

/** By time; at the same instant in the order of a life. A pipeline that waits is told the same again and again: once is enough. */
function inOrder(told: readonly Told[]): Story['rings'][number]['events'] {
  const sorted = told.map(({ event }) => event).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return sorted.filter((event, i) => {
    const before = sorted[i - 1];
    const same = REPEATED.has(event.what) && event.what === before?.what;
    return !(same && plain(event.because) === plain(before.because));
  });
}

function plain(text: string): string {
  return text.replace(/\d+/g, '#');
}
