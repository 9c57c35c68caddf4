import { leafHash } from '../domain/audit/canonical.ts';
import { GateError } from '../domain/errors.ts';
import { type DecisionBody, decisionBodyAgain } from './decision-record.ts';
import type { Replay } from './documents.ts';
import type { Entry, Ports } from './ports.ts';
import { entryFrom } from './record.ts';
import { isLike, isRepeated, type RecordedBody } from './repeated-hold.ts';

/**
 * A replay believes nothing but the recorded facts and envelope: from them the whole record is made
 * anew and compared with the text that is stored (law 8). A hold that repeats another one has no
 * facts: the other one is replayed, and this one has to be like it. Whatever was done to a text, the
 * answer is "not identical", never a failure, because a tampered record is exactly what it is there
 * to find. The same is said of a record whose original is not there.
 */
type Same = (body: string) => Pick<Replay, 'verdictIdentical' | 'bytesIdentical'>;

/**
 * Decides a recorded decision once more, with the ringgate that runs now. Bytes are identical only if
 * the stored text is also the one that was recorded under this id and hash: much of a record, the
 * asker for one, no evaluation can contradict.
 * @throws GateError `not-found`.
 */
export async function replay(ports: Pick<Ports, 'store' | 'gateVersion'>, id: string): Promise<Replay> {
  const missing = new GateError('not-found', `there is no decision ${id}`);
  const entry = await ports.store.entry(id);
  if (entry === null) throw missing;
  const genuine = isGenuine(entry);
  if (genuine && readText(entry.body)?.kind !== 'decision') throw missing;
  const { repeats } = idsIn(entry.body);
  const first = repeats === null ? null : await ports.store.entry(repeats);
  const original = first !== null && isGenuine(first) ? first.body : null;
  const replayed = replayEntry(entry.body, ports.gateVersion, original);
  return { ...replayed, bytesIdentical: replayed.bytesIdentical && genuine };
}

/**
 * The same for recorded texts alone: of the decision, and of the one that it repeats, if it does. Pure;
 * never throws.
 */
export function replayEntry(body: string, gateVersion: string, original: string | null = null): Replay {
  const recorded = readText(body);
  const recordedBy = typeof recorded?.gateVersion === 'string' ? recorded.gateVersion : 'unknown';
  const different = { verdictIdentical: false, bytesIdentical: false, recordedBy, replayedBy: gateVersion };
  try {
    const found = recorded as RecordedBody;
    const same = isRepeated(found) ? sameAsOriginal(found, original, gateVersion) : sameAgain(found);
    return { ...different, ...same(body) };
  } catch {
    return different;
  }
}

/** The ids in a recorded text: its own, and that of the decision that it repeats, if it does. Never throws. */
export function idsIn(body: string): { readonly id: string | null; readonly repeats: string | null } {
  const recorded = readText(body) as { readonly id?: unknown; readonly repeats?: unknown } | null;
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return { id: text(recorded?.id), repeats: text(recorded?.repeats) };
}

function sameAgain(recorded: DecisionBody): Same {
  const anew = decisionBodyAgain(recorded);
  return (body) => ({
    verdictIdentical: judgementOf(recorded) === judgementOf(anew),
    bytesIdentical: entryFrom(anew.id, anew).body === body,
  });
}

function sameAsOriginal(recorded: RecordedBody, original: string | null, gateVersion: string): Same {
  const first = JSON.parse(original ?? 'null') as DecisionBody;
  const refers = 'repeats' in recorded && first.id === recorded.repeats && isLike(recorded, first);
  const alike = refers && judgementOf(recorded) === judgementOf(first);
  const replayed = replayEntry(original ?? '', gateVersion);
  return (body) => ({
    verdictIdentical: alike && replayed.verdictIdentical,
    bytesIdentical: alike && replayed.bytesIdentical && entryFrom(recorded.id, recorded).body === body,
  });
}

function isGenuine({ id, body, leafHash: hash }: Entry): boolean {
  return readText(body)?.id === id && leafHash(body) === hash;
}

function judgementOf({ verdict, advised, causes }: RecordedBody): string {
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
