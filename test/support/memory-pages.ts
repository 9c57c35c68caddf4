import type { Entry, EntryFilter, Page, PageRequest } from '../../src/app/ports.ts';
import { GateError } from '../../src/domain/errors.ts';
import { samePerson } from '../../src/domain/person.ts';

/** One page of rows that are already in order; the cursor is the id of the page's last row. */
export function pageOf<T>(rows: readonly T[], page: PageRequest, idOf: (row: T) => string): Page<T> {
  const start = page.cursor === null ? 0 : rows.findIndex((row) => idOf(row) === page.cursor) + 1;
  if (page.cursor !== null && start === 0) {
    throw new GateError('invalid-request', 'the cursor is not one of ours', [
      { pointer: '/query/cursor', message: 'is not a cursor of this list' },
    ]);
  }
  const items = rows.slice(start, start + page.limit);
  const last = items.at(-1);
  return { items, next: last !== undefined && start + page.limit < rows.length ? idOf(last) : null };
}

/** True when the record has what the filter names; `from` is included, `to` is not. */
export function matchesEntry(entry: Entry, filter: EntryFilter): boolean {
  const body = JSON.parse(entry.body) as Record<string, unknown>;
  const caller = body.caller as { id?: unknown; kind?: unknown; name?: unknown } | null | undefined;
  const causes = (body.causes ?? []) as readonly unknown[];
  const same = (wanted: string | undefined, found: unknown): boolean => wanted === undefined || wanted === found;
  return (
    same(filter.kind, body.kind) &&
    same(filter.service, body.service) &&
    same(filter.release, body.release) &&
    same(filter.ring, body.ring) &&
    same(filter.verdict, body.verdict) &&
    (filter.actor === undefined || (typeof body.actor === 'string' && samePerson(filter.actor, body.actor))) &&
    (same(filter.caller, caller?.id ?? caller?.kind) ||
      (caller?.kind === 'token' && samePerson(String(filter.caller), String(caller.name)))) &&
    (filter.cause === undefined || causes.includes(filter.cause)) &&
    (filter.from === undefined || Date.parse(entry.recordedAt) >= Date.parse(filter.from)) &&
    (filter.to === undefined || Date.parse(entry.recordedAt) < Date.parse(filter.to))
  );
}
