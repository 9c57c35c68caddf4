import type { ConfigRow } from './ports.ts';

/** A configuration document as it stands, or as it will. */
export type Version<T = unknown> = Pick<ConfigRow<T>, 'document' | 'etag'>;

/** What saving a document would do to what is there. */
export function changeTo(before: Pick<Version, 'etag'> | null, etag: string): 'created' | 'updated' | 'unchanged' {
  if (before === null) return 'created';
  return before.etag === etag ? 'unchanged' : 'updated';
}

/** The part of an import's entry that says what became of one document: as it was and as it is, each with its hash. */
export function changeRecorded(change: string, before: Version | null, after: Version | null): object {
  return {
    change,
    before: before?.document ?? null,
    beforeHash: before?.etag ?? null,
    after: after?.document ?? null,
    afterHash: after?.etag ?? null,
  };
}
