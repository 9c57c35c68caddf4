import type { FreezeDocument } from './freeze.ts';

/** Stands in until the calendar engine lands. */
export function covers(
  document: FreezeDocument,
  target: { service: string; ring: string; labels: Readonly<Record<string, string>> },
): boolean {
  const named = (names: readonly string[], name: string): boolean => names.includes('*') || names.includes(name);
  return named(document.scope.services, target.service) && named(document.scope.rings, target.ring);
}
