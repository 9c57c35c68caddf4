import type { Kind, OpenSloDocument } from './open-slo-document.ts';
import { type Notes, type Part, quoted } from './part.ts';

/** The documents that others may refer to by name, and which of them nobody did. */
export class Library {
  readonly #documents: readonly OpenSloDocument[];
  readonly #used = new Set<OpenSloDocument>();

  constructor(documents: readonly OpenSloDocument[]) {
    this.#documents = documents;
  }

  ofKind(kind: Kind): readonly OpenSloDocument[] {
    return this.#documents.filter((each) => each.kind === kind);
  }

  /** The document that a reference names; notes one that names none, or several. */
  find(kind: Kind, reference: Part): OpenSloDocument | null {
    const name = reference.text();
    if (name === undefined) return null;
    const [found, second] = this.ofKind(kind).filter((each) => each.name === name);
    if (found === undefined)
      reference.refuse(`there is no ${kind} ${quoted(name)} among these documents: send it along`);
    if (second !== undefined) reference.refuse(`there is more than one ${kind} ${quoted(name)}`);
    if (found !== undefined) this.#used.add(found);
    return found ?? null;
  }

  /** Notes what should be referred to and is not: it has been read for nothing. */
  warnOfUnused(isFor: (document: OpenSloDocument) => boolean): void {
    for (const document of this.#documents) {
      if (!isFor(document) || this.#used.has(document)) continue;
      document.metadata.field('name').warn('no document refers to it, so nothing becomes of it');
    }
  }
}

/** Notes the second of two documents that would be one and the same. `keyOf` tells them apart. */
export function refuseTwins(
  documents: readonly OpenSloDocument[],
  keyOf: (document: OpenSloDocument) => string,
  notes: Notes,
): void {
  const seen = new Set<string>();
  for (const document of documents) {
    const key = keyOf(document);
    const { pointer } = document.metadata.field('name');
    if (seen.has(key)) notes.errors.push({ pointer, message: `there is already a ${document.kind} of this name` });
    seen.add(key);
  }
}
