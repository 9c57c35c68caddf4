import type { PageRequest } from '../../app/ports.ts';

const USUAL_LIMIT = 100;

/** The page that a list was asked for. */
export function pageIn(query: { readonly limit?: number; readonly cursor?: string }): PageRequest {
  return { limit: query.limit ?? USUAL_LIMIT, cursor: query.cursor ?? null };
}
