import { GateError } from '../domain/errors.ts';
import { documentFromBody } from './decision-record.ts';
import type { DecisionPage, DecisionWithFacts, EntryDocument } from './documents.ts';
import type { Entry, EntryFilter, Page, PageRequest, Ports } from './ports.ts';
import { isRepeated, type RecordedBody } from './repeated-hold.ts';

/** Reading the record. */
type Readable = Pick<Ports, 'store'>;

/** @throws GateError `not-found` also for an entry of another kind. */
export async function getDecision(ports: Readable, id: string): Promise<DecisionWithFacts> {
  const entry = await decisionEntry(ports, id);
  const body = readDecision(entry);
  const basis = isRepeated(body) ? { facts: null, repeats: body.repeats } : { facts: body.facts, repeats: null };
  return { ...documentFromBody(body, entry), ...basis };
}

/** Newest first, without their facts. */
export async function listDecisions(ports: Readable, filter: EntryFilter, page: PageRequest): Promise<DecisionPage> {
  const { items, next } = await ports.store.entries({ ...filter, kind: 'decision' }, page);
  return { items: items.map((entry) => documentFromBody(readDecision(entry), entry)), next };
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
export function readDecision(entry: Entry): RecordedBody {
  return JSON.parse(entry.body) as RecordedBody;
}

function documentOf(entry: Entry): EntryDocument {
  const { id, recordedAt, leafHash: hash } = entry;
  const body = JSON.parse(entry.body) as { readonly kind: string };
  return { id, kind: body.kind, recordedAt, leafHash: hash, body };
}
