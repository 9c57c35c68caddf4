import type { FreezeDocument } from '../domain/freeze.ts';
import type { NamedFreeze } from '../domain/ical-import.ts';
import { etagOf } from './catalogue.ts';
import { changeTo, type Version } from './import-change.ts';
import type { ConfigRow } from './ports.ts';

/** What an import does to one freeze. */
export interface ImportItem {
  readonly name: string;
  readonly change: 'created' | 'updated' | 'unchanged' | 'deleted';
  /** As it is afterwards, or as it was before it is deleted. */
  readonly freeze: FreezeDocument;
  readonly before: Version<FreezeDocument> | null;
  readonly after: Version<FreezeDocument> | null;
}

/** Compares what is there with what a file asks for; by name. Deletes only what earlier imports of the prefix have named. */
export function planImport(
  existing: readonly ConfigRow<FreezeDocument>[],
  wanted: readonly NamedFreeze[],
  { prefix, replace }: { readonly prefix: string; readonly replace: boolean },
): readonly ImportItem[] {
  const rows = new Map(existing.map((row) => [row.name, row]));
  const kept = new Set(wanted.map(({ name }) => name));
  const gone = replace ? existing.filter(({ name }) => isOfPrefix(name, prefix) && !kept.has(name)) : [];
  const items = [...wanted.map(({ name, document }) => put(name, document, rows.get(name))), ...gone.map(deleted)];
  return items.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function put(name: string, document: FreezeDocument, row: ConfigRow<FreezeDocument> | undefined): ImportItem {
  const after = { document, etag: etagOf(document) };
  const before = row === undefined ? null : { document: row.document, etag: row.etag };
  return { name, change: changeTo(before, after.etag), freeze: document, before, after };
}

function deleted({ name, document, etag }: ConfigRow<FreezeDocument>): ImportItem {
  return { name, change: 'deleted', freeze: document, before: { document, etag }, after: null };
}

/** Imported names are the prefix, a word without a hyphen, then words of the event's UID, then a hash of it. */
function isOfPrefix(name: string, prefix: string): boolean {
  return name.startsWith(`${prefix}-`) && /-[0-9a-f]{8}$/.test(name);
}
