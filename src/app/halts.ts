import type { Halt, HaltScope } from '../domain/controls.ts';
import { GateError, invalid } from '../domain/errors.ts';
import { parseRelease } from '../domain/release.ts';
import { again } from './again.ts';
import { getConfig } from './catalogue.ts';
import { type ControlPorts, commitControl } from './control-commit.ts';
import { findControl, listControls } from './find-control.ts';
import { deedOf } from './person.ts';
import type { ControlRow, Page, PageRequest, Ports, RequestContext } from './ports.ts';
import { requirePlain } from './require-plain.ts';

export interface HaltRequest {
  readonly scope: HaltScope;
  readonly reason: string;
}

/**
 * Stops the line, and ends the leases in its scope, also for when it is lifted again. It counts for every decision that is recorded from now on, on every replica, and
 * depends on nothing that could have changed, so it is never refused for a race.
 * @throws GateError `invalid-request`, or `not-found` for an unknown service: a typing error would stop nothing.
 */
export async function halt(ports: ControlPorts, context: RequestContext, request: HaltRequest): Promise<Halt> {
  requirePlain(request);
  const { scope, reason } = request;
  const about = aboutOf(scope);
  if (about.service !== null) await getConfig(ports, { kind: 'service', owner: '', name: about.service });
  const at = await ports.store.now();
  const document: Halt = { id: ports.runtime.newId(), ...deedOf(context, at), scope, reason, lifted: null };
  const after: ControlRow = { kind: 'halt', ...about, document, expiresAt: null, endedAt: null };
  await commitControl(ports, context, {
    kind: 'halt-create',
    at,
    before: null,
    after,
    ring: null,
    reason,
    expects: {},
    writes: [{ kind: 'recall-leases', recall: { at, halt: document.id, reason }, ...about }],
  });
  return document;
}

/** @throws GateError `not-found`, or `conflict` naming who has lifted it before. */
export async function liftHalt(
  ports: ControlPorts,
  context: RequestContext,
  id: string,
  reason: string | null,
): Promise<Halt> {
  requirePlain({ reason });
  return again('what this halt is about', async () => {
    const { row: before, revisions: expects } = await findControl(ports, 'halt', id);
    const { lifted } = before.document;
    if (lifted !== null) throw new GateError('conflict', `${lifted.by.name} has lifted this halt at ${lifted.at}`);
    const at = await ports.store.now();
    const document: Halt = { ...before.document, lifted: { ...deedOf(context, at), reason } };
    const after = { ...before, document, endedAt: at };
    const change = { kind: 'halt-lift', at, before, after, ring: null, reason, expects };
    return (await commitControl(ports, context, change)) ? document : null;
  });
}

/** @throws GateError `not-found`. */
export async function getHalt(ports: Pick<Ports, 'store'>, id: string): Promise<Halt> {
  return (await findControl(ports, 'halt', id)).row.document;
}

/** Newest first: those that stand, or all that there ever were. */
export function listHalts(ports: Pick<Ports, 'store'>, standing: boolean, page: PageRequest): Promise<Page<Halt>> {
  return listControls(ports, { kind: 'halt', standing }, page);
}

function aboutOf(scope: HaltScope): Pick<ControlRow, 'service' | 'version'> {
  if ('everything' in scope) return { service: null, version: null };
  if ('service' in scope) return { service: scope.service, version: null };
  const release = parseRelease(scope.release);
  if (release === null) throw invalid([{ pointer: '/scope/release', message: 'must be service@version' }]);
  return release;
}
