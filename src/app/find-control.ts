import type { Approval, Halt, Override } from '../domain/controls.ts';
import { GateError } from '../domain/errors.ts';
import type { ControlFilter, ControlRow, Page, PageRequest, Ports, Revisions } from './ports.ts';

/** What is stored under each kind. */
interface Documents {
  readonly halt: Halt;
  readonly approval: Approval;
  readonly override: Override;
}

/**
 * One halt, approval or override, and what must still hold when it is changed.
 * @throws GateError `not-found`.
 */
export async function findControl<K extends keyof Documents>(
  ports: Pick<Ports, 'store'>,
  kind: K,
  id: string,
): Promise<{ readonly row: ControlRow<Documents[K]>; readonly revisions: Revisions }> {
  const found = await ports.store.control(kind, id);
  if (found === null) throw new GateError('not-found', `there is no ${kind} ${id}`);
  return { row: found.row as ControlRow<Documents[K]>, revisions: found.revisions };
}

/** One page of documents, newest first. */
export async function listControls<K extends keyof Documents>(
  ports: Pick<Ports, 'store'>,
  filter: ControlFilter & { readonly kind: K },
  page: PageRequest,
): Promise<Page<Documents[K]>> {
  const { items, next } = await ports.store.controls(filter, page);
  return { items: items.map(({ document }) => document as Documents[K]), next };
}
