import type { Approval } from '../domain/controls.ts';
import { GateError } from '../domain/errors.ts';
import { givenApprovals } from '../domain/given-approvals.ts';
import { releaseState } from '../domain/lives.ts';
import { samePerson } from '../domain/person.ts';
import { formatRelease, type Release } from '../domain/release.ts';
import { again } from './again.ts';
import { requireNotAsked } from './askers.ts';
import { type ControlPorts, commitControl } from './control-commit.ts';
import { documentsOf } from './controls.ts';
import { findControl, listControls } from './find-control.ts';
import { type NamedRelease, namedRelease } from './named-release.ts';
import { deedOf } from './person.ts';
import type { ControlRow, Page, PageRequest, Ports, RequestContext } from './ports.ts';
import { requirePlain } from './require-plain.ts';

export interface ApprovalRequest {
  /** `service@version`. */
  readonly release: string;
  readonly ring: string;
  readonly comment?: string;
}

/**
 * One person's word that a release may enter a ring. It counts until it is withdrawn, the release has
 * to start again, or its stay in the ring has ended.
 * @throws GateError `invalid-request`, `not-found` (service, ring), `forbidden` for whoever asked for
 *   the release, and `conflict` when nobody has to approve, nobody can, or the person has done so already.
 */
export async function approve(
  ports: ControlPorts,
  context: RequestContext,
  request: ApprovalRequest,
): Promise<Approval> {
  requirePlain(request);
  const { ring, comment = null } = request;
  return again(request.release, async () => {
    const named = await namedRelease(ports, request.release);
    const { release, state } = named;
    requireNeeded(named, ring);
    requireFirst(named, ring, context.principal.name);
    requireNotAsked(state.askers, formatRelease(release), context.principal.name, 'approve it');
    const document: Approval = {
      id: ports.runtime.newId(),
      ...deedOf(context, state.now),
      release: formatRelease(release),
      ring,
      epoch: releaseState(state.rollout, release.version).epoch,
      comment,
      withdrawn: null,
    };
    const after: ControlRow = { kind: 'approval', ...release, document, expiresAt: null, endedAt: null };
    const created = { kind: 'approval-create', at: state.now, before: null, after, ring, reason: comment };
    return (await commitControl(ports, context, { ...created, expects: state.revisions })) ? document : null;
  });
}

/**
 * Takes an approval back; any operator may, for that lets nobody in.
 * @throws GateError `not-found`, or `conflict` naming who has done so before.
 */
export async function withdrawApproval(ports: ControlPorts, context: RequestContext, id: string): Promise<void> {
  await again('the release of this approval', async () => {
    const { row: before, revisions: expects } = await findControl(ports, 'approval', id);
    const { ring, withdrawn } = before.document;
    if (withdrawn !== null) {
      throw new GateError('conflict', `${withdrawn.by.name} has withdrawn this approval at ${withdrawn.at}`);
    }
    const at = await ports.store.now();
    const document: Approval = { ...before.document, withdrawn: deedOf(context, at) };
    const after = { ...before, document, endedAt: at };
    const change = { kind: 'approval-withdraw', at, before, after, ring, reason: null, expects };
    return (await commitControl(ports, context, change)) ? document : null;
  });
}

/** Newest first, of one release or of all: those that were not withdrawn, or all that there ever were. */
export function listApprovals(
  ports: Pick<Ports, 'store'>,
  release: Release | null,
  standing: boolean,
  page: PageRequest,
): Promise<Page<Approval>> {
  return listControls(ports, { kind: 'approval', standing, ...release }, page);
}

function requireNeeded({ release, plan }: NamedRelease, name: string): void {
  const ring = plan.rings.find((each) => each.name === name);
  if (ring === undefined) {
    const rings = plan.rings.map((each) => each.name).join(', ');
    throw new GateError('not-found', `${release.service} has no ring "${name}"; it has ${rings}`);
  }
  if (ring.approvals > 0) return;
  throw new GateError('conflict', `nobody has to approve for ${name}: its plan asks for no approvals`);
}

function requireFirst({ release, state }: NamedRelease, ring: string, person: string): void {
  const approvals = documentsOf<Approval>(state.controls, 'approval');
  const given = givenApprovals(approvals, state.rollout, release.version, ring, []);
  const earlier = given.find(({ by }) => samePerson(by.name, person));
  if (earlier === undefined) return;
  const name = formatRelease(release);
  throw new GateError(
    'conflict',
    `${person} has approved ${name} for ${ring} already, at ${earlier.at} (${earlier.id})`,
  );
}
