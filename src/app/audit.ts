import { leafHash } from '../domain/audit/canonical.ts';
import { GateError } from '../domain/errors.ts';
import { type DecisionBody, decisionBodyAgain, documentFromBody } from './decision-record.ts';
import type { DecisionPage, DecisionWithFacts, EntryDocument, Replay } from './documents.ts';
import type { Entry, EntryFilter, Page, PageRequest, Ports } from './ports.ts';
import { entryFrom } from './record.ts';

/**
 * Reading the record. A replay believes nothing but the recorded facts and envelope: from them the
 * whole record is made anew and compared with the text that is stored (law 8). Whatever was done to
 * that text, the answer is "not identical", never a failure, because a tampered record is exactly
 * what it is there to find.
 */
type Readable = Pick<Ports, 'store'>;

/** @throws GateError `not-found` also for an entry of another kind. */
export async function getDecision(ports: Readable, id: string): Promise<DecisionWithFacts> {
  const entry = await decisionEntry(ports, id);
  const body = readDecision(entry);
  return { ...documentFromBody(body, entry), facts: body.facts };
}

/** Newest first, without their facts. */
export async function listDecisions(ports: Readable, filter: EntryFilter, page: PageRequest): Promise<DecisionPage> {
  const { items, next } = await ports.store.entries({ ...filter, kind: 'decision' }, page);
  return { items: items.map((entry) => documentFromBody(readDecision(entry), entry)), next };
}

/**
 * Decides a recorded decision once more, with the ringgate that runs now. Bytes are identical only if
 * the stored text is also the one that was recorded under this id and hash: much of a record, the
 * asker for one, no evaluation can contradict.
 * @throws GateError `not-found`.
 */
export async function replay(ports: Pick<Ports, 'store' | 'gateVersion'>, id: string): Promise<Replay> {
  const entry = await entryOf(ports, id, 'decision');
  const body = readText(entry.body);
  const genuine = body?.id === entry.id && leafHash(entry.body) === entry.leafHash;
  if (genuine && body.kind !== 'decision') throw new GateError('not-found', `there is no decision ${id}`);
  const replayed = replayEntry(entry.body, ports.gateVersion);
  return { ...replayed, bytesIdentical: replayed.bytesIdentical && genuine };
}

/** The same for a recorded text alone. Pure; never throws. */
export function replayEntry(body: string, gateVersion: string): Replay {
  const recorded = readText(body);
  const recordedBy = typeof recorded?.gateVersion === 'string' ? recorded.gateVersion : 'unknown';
  const different = { verdictIdentical: false, bytesIdentical: false, recordedBy, replayedBy: gateVersion };
  try {
    const anew = decisionBodyAgain(recorded as DecisionBody);
    const verdictIdentical = judgementOf(recorded as DecisionBody) === judgementOf(anew);
    return { ...different, verdictIdentical, bytesIdentical: entryFrom(anew.id, anew).body === body };
  } catch {
    return different;
  }
}

/** @throws GateError `not-found`. */
export async function getEntry(ports: Readable, id: string): Promise<EntryDocument> {
  return documentOf(await entryOf(ports, id, 'entry'));
}

/** Records of every kind, newest first. */
export async function listEntries(
  ports: Readable,
  filter: EntryFilter,
  page: PageRequest,
): Promise<Page<EntryDocument>> {
  const { items, next } = await ports.store.entries(filter, page);
  return { items: items.map(documentOf), next };
}

async function entryOf(ports: Readable, id: string, what: string): Promise<Entry> {
  const entry = await ports.store.entry(id);
  if (entry === null) throw new GateError('not-found', `there is no ${what} ${id}`);
  return entry;
}

/** @throws GateError `not-found` also for an entry of another kind. */
export async function decisionEntry(ports: Readable, id: string): Promise<Entry> {
  const entry = await entryOf(ports, id, 'decision');
  if (readDecision(entry).kind !== 'decision') throw new GateError('not-found', `there is no decision ${id}`);
  return entry;
}

/** The body of a decision's entry. */
export function readDecision(entry: Entry): DecisionBody {
  return JSON.parse(entry.body) as DecisionBody;
}

function documentOf(entry: Entry): EntryDocument {
  const { id, recordedAt, leafHash: hash } = entry;
  const body = JSON.parse(entry.body) as { readonly kind: string };
  return { id, kind: body.kind, recordedAt, leafHash: hash, body };
}

function judgementOf({ verdict, advised, causes }: DecisionBody): string {
  return JSON.stringify([verdict, advised, causes]);
}

/** Null for a text that is no JSON object. */
function readText(text: string): Partial<DecisionBody> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
