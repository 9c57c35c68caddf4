import type { Span } from '../controls.ts';
import type { FreezeDocument } from '../freeze.ts';

/** Stands in until the calendar engine lands: nothing is known, so everything counts as frozen. */
export function windowsAround(
  _document: FreezeDocument,
  _at: string,
): { readonly active: Span | null; readonly next: Span | null; readonly known: boolean } {
  return { active: null, next: null, known: false };
}
