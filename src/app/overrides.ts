import type { Override } from '../domain/controls.ts';
import { GateError, invalid } from '../domain/errors.ts';
import { instant, msOf } from '../domain/instant.ts';
import { checkOverride, type OverrideWish } from '../domain/override-check.ts';
import { samePerson } from '../domain/person.ts';
import { formatRelease, type Release } from '../domain/release.ts';
import { lacksSecond } from '../domain/waive.ts';
import { again } from './again.ts';
import { requireNotAsked } from './askers.ts';
import { type ControlPorts, commitControl } from './control-commit.ts';
import { findControl, listControls } from './find-control.ts';
import { namedRelease } from './named-release.ts';
import { deedOf } from './person.ts';
import type { ControlRow, Page, PageRequest, Ports, RequestContext } from './ports.ts';
import { requirePlain } from './require-plain.ts';

export interface OverrideRequest extends OverrideWish {
  /** `service@version`. */
  readonly release: string;
  readonly incident?: string;
}

/** An override as callers see it. */
export interface OverrideDocument extends Override {
  /** True while `rollback` or `measured` are named and not waived yet, because nobody else stands behind it. */
  readonly lacksSecond: boolean;
}

/**
 * Breaks the glass: named checks of one release and rings count as promote until it expires.
 * @throws GateError `invalid-request` naming every wrong field, or `not-found` for an unknown service.
 */
export async function override(
  ports: ControlPorts,
  context: RequestContext,
  request: OverrideRequest,
): Promise<OverrideDocument> {
  requirePlain(request);
  return again(request.release, async () => {
    const { release, plan, state } = await namedRelease(ports, request.release);
    const { now: at, revisions: expects } = state;
    const names = { rings: plan.rings.map(({ name }) => name), rules: state.rules.map(({ name }) => name) };
    const errors = checkOverride(request, { at, ...names });
    if (errors.length > 0) throw invalid(errors);
    const { rings, checks, reason, incident = null } = request;
    const document: Override = {
      id: ports.runtime.newId(),
      ...deedOf(context, at),
      release: formatRelease(release),
      rings,
      checks,
      reason,
      incident,
      expiresAt: instant(msOf(request.expiresAt)),
      approvals: [],
      withdrawn: null,
    };
    const after: ControlRow = { kind: 'override', ...release, document, expiresAt: document.expiresAt, endedAt: null };
    const created = { kind: 'override-create', at, before: null, after, ring: null, reason, expects };
    return (await commitControl(ports, context, created)) ? shown(document) : null;
  });
}

/**
 * A second person stands behind an override.
 * @throws GateError `not-found`, `forbidden` for its maker and for whoever has asked for the release, and
 *   `conflict` when it no longer counts, nobody can, or the person has done so already.
 */
export async function approveOverride(
  ports: ControlPorts,
  context: RequestContext,
  id: string,
  comment: string | null,
): Promise<OverrideDocument> {
  requirePlain({ comment });
  return again('the release of this override', async () => {
    const { row: before, revisions: expects } = await findControl(ports, 'override', id);
    const { release } = before.document;
    const { now: at, askers } = (await namedRelease(ports, release)).state;
    requireStanding(before.document, at);
    requireAnother(before.document, context.principal.name);
    requireNotAsked(askers, release, context.principal.name, 'stand behind this override');
    const approvals = [...before.document.approvals, { ...deedOf(context, at), comment }];
    const after = { ...before, document: { ...before.document, approvals } };
    const change = { kind: 'override-approve', at, before, after, ring: null, reason: comment, expects };
    return (await commitControl(ports, context, change)) ? shown(after.document) : null;
  });
}

/**
 * From now on it waives nothing; any operator may do that.
 * @throws GateError `not-found`, or `conflict` naming who has done so before.
 */
export async function withdrawOverride(ports: ControlPorts, context: RequestContext, id: string): Promise<void> {
  await again('the release of this override', async () => {
    const { row: before, revisions: expects } = await findControl(ports, 'override', id);
    requireNotWithdrawn(before.document);
    const at = await ports.store.now();
    const document: Override = { ...before.document, withdrawn: deedOf(context, at) };
    const after = { ...before, document, endedAt: at };
    const change = { kind: 'override-withdraw', at, before, after, ring: null, reason: null, expects };
    return (await commitControl(ports, context, change)) ? document : null;
  });
}

/** @throws GateError `not-found`. */
export async function getOverride(ports: Pick<Ports, 'store'>, id: string): Promise<OverrideDocument> {
  return shown((await findControl(ports, 'override', id)).row.document);
}

/** Newest first, of one release or of all: those that still count, or all that there ever were. */
export async function listOverrides(
  ports: Pick<Ports, 'store'>,
  release: Release | null,
  standing: boolean,
  page: PageRequest,
): Promise<Page<OverrideDocument>> {
  const { items, next } = await listControls(ports, { kind: 'override', standing, ...release }, page);
  return { items: items.map(shown), next };
}

function shown(document: Override): OverrideDocument {
  return { ...document, lacksSecond: lacksSecond(document) };
}

function requireNotWithdrawn({ withdrawn }: Override): void {
  if (withdrawn === null) return;
  throw new GateError('conflict', `${withdrawn.by.name} has withdrawn this override at ${withdrawn.at}`);
}

function requireStanding(document: Override, at: string): void {
  requireNotWithdrawn(document);
  if (document.expiresAt > at) return;
  throw new GateError('conflict', `this override has expired at ${document.expiresAt}; make a new one`);
}

function requireAnother({ by, approvals }: Override, person: string): void {
  if (samePerson(by.name, person)) {
    throw new GateError('forbidden', `${person} has made this override, so somebody else has to stand behind it`);
  }
  const earlier = approvals.find((deed) => samePerson(deed.by.name, person));
  if (earlier === undefined) return;
  throw new GateError('conflict', `${person} has approved this override already, at ${earlier.at}`);
}
