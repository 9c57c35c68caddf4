import type { Deed } from '../domain/controls.ts';
import type { RequestContext } from './ports.ts';

/** What the caller did at that instant. The right to do it, which the anonymous caller has not, was asked for at the edge. */
export function deedOf({ principal }: RequestContext, at: string): Deed {
  return { at, by: { id: principal.id, name: principal.name } };
}
