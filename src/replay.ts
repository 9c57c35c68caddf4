import { open } from 'node:fs/promises';
import type { Store } from './app/ports.ts';
import { idsIn, replayEntry } from './app/replay-decision.ts';
import { gateVersion } from './config.ts';
import { leafHash } from './domain/audit/canonical.ts';
import { GateError } from './domain/errors.ts';

export interface ReplaySummary {
  readonly count: number;
  /** One line for each decision that this version would take or write differently. */
  readonly differences: readonly string[];
}

/** Where recorded decisions are: in a store, or in a file with one body per line. */
export type ReplaySource = { readonly store: Pick<Store, 'entries' | 'entry'> } | { readonly file: string };

interface Recorded {
  /** For the reader: the decision, or its line in the file. */
  readonly id: string;
  readonly body: string;
  /** Of the decision that it repeats, if it does and that one is there. */
  readonly original: string | null;
  readonly hash: string | null;
}

const PAGE = 500;

/**
 * Decides every recorded decision again from its own facts, or from those of the hold that it repeats.
 * What cannot be replayed differs, and so does a changed hash.
 */
export async function replayAll(source: ReplaySource): Promise<ReplaySummary> {
  const differences: string[] = [];
  let count = 0;
  for await (const recorded of 'store' in source ? fromStore(source.store) : fromFile(source.file)) {
    count += 1;
    const difference = compare(recorded);
    if (difference !== null) differences.push(`${recorded.id}: ${difference}`);
  }
  return { count, differences };
}

function compare({ body, original, hash }: Recorded): string | null {
  if (hash !== null && hash !== leafHash(body)) return 'not the text that was recorded: its hash differs';
  const { repeats } = idsIn(body);
  if (repeats !== null && original === null) return `it repeats the decision ${repeats}, which is not there`;
  const { verdictIdentical, bytesIdentical, recordedBy } = replayEntry(body, gateVersion, original);
  if (!verdictIdentical) return `another decision than ringgate ${recordedBy} recorded`;
  return bytesIdentical ? null : `the same decision as ringgate ${recordedBy} recorded, in other words`;
}

async function* fromStore(store: Pick<Store, 'entries' | 'entry'>): AsyncGenerator<Recorded> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Store['entries']>> = await store.entries(
      { kind: 'decision' },
      { limit: PAGE, cursor },
    );
    for (const { id, body, leafHash: hash } of page.items) {
      const { repeats } = idsIn(body);
      const first = repeats === null ? null : await store.entry(repeats);
      yield { id, body, hash, original: first?.body ?? null };
    }
    cursor = page.next;
  } while (cursor !== null);
}

/** A file is read three times, because what is repeated may stand anywhere in it: who repeats, whom, and all. */
async function* fromFile(path: string): AsyncGenerator<Recorded> {
  const wanted = new Set<string | null>();
  for await (const { body } of linesOf(path)) wanted.add(idsIn(body).repeats);
  const originals = new Map<string, string>();
  for await (const { body } of linesOf(path)) {
    const { id } = idsIn(body);
    if (id !== null && wanted.has(id)) originals.set(id, body);
  }
  for await (const { line, body } of linesOf(path)) {
    const original = originals.get(idsIn(body).repeats ?? '') ?? null;
    yield { id: `line ${line}`, body, hash: null, original };
  }
}

async function* linesOf(path: string): AsyncGenerator<{ readonly line: number; readonly body: string }> {
  const file = await open(path).catch((cause) => {
    throw new GateError('not-found', `${path} cannot be read.`, [], cause);
  });
  let line = 0;
  for await (const body of file.readLines()) {
    line += 1;
    if (body !== '') yield { line, body };
  }
}
