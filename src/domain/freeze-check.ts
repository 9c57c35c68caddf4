import type { FieldError } from './errors.ts';
import type { FreezeDocument } from './freeze.ts';

/** Stands in until the calendar engine lands. */
export function checkFreeze(_document: FreezeDocument): readonly FieldError[] {
  return [];
}
