import { open } from 'node:fs/promises';
import { replayEntry } from './app/audit.ts';
import type { Store } from './app/ports.ts';
import { gateVersion } from './config.ts';
import { leafHash } from './domain/audit/canonical.ts';
import { GateError } from './domain/errors.ts';

export interface ReplaySummary {
  readonly count: number;
  /** One line for each decision that this version would take or write differently. */
  readonly differences: readonly string[];
}

/** Where recorded decisions are: in a store, or in a file with one body per line. */
export type ReplaySource = { readonly store: Pick<Store, 'entries'> } | { readonly file: string };

const PAGE = 500;

/** Decides every recorded decision again from its own facts. What cannot be replayed differs, and so does a changed hash. */
export async function replayAll(source: ReplaySource): Promise<ReplaySummary> {
  const differences: string[] = [];
  let count = 0;
  for await (const { id, body, hash } of 'store' in source ? fromStore(source.store) : fromFile(source.file)) {
    count += 1;
    const difference = compare(body, hash);
    if (difference !== null) differences.push(`${id}: ${difference}`);
  }
  return { count, differences };
}

function compare(body: string, hash: string | null): string | null {
  if (hash !== null && hash !== leafHash(body)) return 'not the text that was recorded: its hash differs';
  const { verdictIdentical, bytesIdentical, recordedBy } = replayEntry(body, gateVersion);
  if (!verdictIdentical) return `another decision than ringgate ${recordedBy} recorded`;
  return bytesIdentical ? null : `the same decision as ringgate ${recordedBy} recorded, in other words`;
}

async function* fromStore(store: Pick<Store, 'entries'>) {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Store['entries']>> = await store.entries(
      { kind: 'decision' },
      { limit: PAGE, cursor },
    );
    for (const { id, body, leafHash: hash } of page.items) yield { id, body, hash };
    cursor = page.next;
  } while (cursor !== null);
}

async function* fromFile(path: string) {
  const file = await open(path).catch((cause) => {
    throw new GateError('not-found', `${path} cannot be read.`, [], cause);
  });
  let line = 0;
  for await (const body of file.readLines()) {
    line += 1;
    if (body !== '') yield { id: `line ${line}`, body, hash: null };
  }
}
