import { contradicted, fixArtifact } from '../domain/artifact.ts';
import { withoutLapsedClaims } from '../domain/claim.ts';
import { GateError, invalid } from '../domain/errors.ts';
import type { Life, LifeOrigin, Rollout } from '../domain/life.ts';
import { needsClearing, newestLife } from '../domain/lives.ts';
import { formatRelease, type Release } from '../domain/release.ts';
import { applyReport } from '../domain/report.ts';
import { type Plan, planOf, ringOf } from '../domain/service.ts';
import { changesBetween, clear } from '../domain/transitions.ts';
import { again } from './again.ts';
import { type ReleaseDocument, type ReportRequest, type ReportResult, withoutVersion } from './documents.ts';
import type { KnownState } from './gather.ts';
import { judgeLeaving, LEAVING_MS, type Leaving, leavingEntry, markedBy } from './judge-leaving.ts';
import { noService } from './no-service.ts';
import type { GateState, Ports, RequestContext, Write } from './ports.ts';
import { type EntryFields, newEntry } from './record.ts';
import { getRelease } from './releases.ts';
import { reportedInstants } from './report-instant.ts';
import { hasRight } from './rights.ts';
import { writesOf } from './writes.ts';

/**
 * Records what happened to a release in a ring. Throws not-found (service, ring), forbidden (`ungated` without the
 * right to operate), invalid-request (`at`, a missing reason) and conflict (another artifact).
 */
export async function report(
  ports: Ports,
  context: RequestContext,
  release: Release,
  ring: string,
  request: ReportRequest,
): Promise<ReportResult> {
  if (request.ungated === true) checkAdoption(context, request);
  const until = ports.runtime.monotonicMs() + LEAVING_MS;
  const done = await change(ports, context, release, async (state) => {
    const step = reported(state, context, release, ring, request);
    const leftMs = until - ports.runtime.monotonicMs();
    const leaving = await judgeLeaving(ports, state, { release, ring, request }, leftMs);
    if (leaving === null) return step;
    const marked = { ...state, rollout: markedBy(leaving, state.rollout) };
    const { next, fields } = reported(marked, context, release, ring, request);
    return { next, fields: { ...fields, judged: leaving.id }, leaving };
  });
  const life = newestLife(done.next, release.version, ring);
  return {
    release: formatRelease(release),
    ring,
    state: request.state,
    artifact: request.artifact ?? null,
    ungated: cameIn(request, life, 'ungated'),
    late: cameIn(request, life, 'late'),
    life: life === undefined ? null : withoutVersion(life),
    entry: done.entry,
  };
}

function reported(
  state: GateState,
  context: RequestContext,
  release: Release,
  ring: string,
  request: ReportRequest,
): Step {
  const plan = plannedFor(state, release, ring);
  checkArtifact(state, release, request);
  const { version } = release;
  const vouched = hasRight(context.principal, 'operate');
  const { happenedAt, startedAt } = reportedInstants(state, { version, ring, request, vouched }, plan);
  const { state: what, artifact = null, reason = null, actor = null, build = null } = request;
  const adopted = request.ungated === true;
  const report = { version, ring, state: what, at: happenedAt, now: state.now, vouched, startedAt, reason, adopted };
  const next = fixArtifact(applyReport(state.rollout, report, plan), version, artifact);
  const life = newestLife(next, version, ring);
  const [ungated, late] = [cameIn(request, life, 'ungated'), cameIn(request, life, 'late')];
  const began = startedAt === null ? {} : { startedAt };
  const own = { state: what, happenedAt, artifact, ungated, late, build, ...began };
  return { next, fields: { kind: 'report', at: state.now, ring, actor, reason, ...own } };
}

function cameIn(request: ReportRequest, life: Life | undefined, origin: LifeOrigin): boolean {
  return request.state === 'deployed' && life?.origin === origin;
}

/** Takes the rollback mark away, forgets who has asked, and lets the release start again at the first ring. Throws conflict when there is nothing to clear. */
export async function clearRollback(
  ports: Ports,
  context: RequestContext,
  release: Release,
  reason: string,
): Promise<ReleaseDocument> {
  await change(ports, context, release, (state) => {
    const name = formatRelease(release);
    const known = state.rollout.releases.some((row) => row.version === release.version);
    if (!known) throw new GateError('not-found', `${name} has never been here`);
    if (!needsClearing(state.rollout, release.version)) {
      throw new GateError(
        'conflict',
        `${name} is neither marked for rollback nor superseded: there is nothing to clear`,
      );
    }
    const next = clear(state.rollout, release.version, state.now, reason);
    const writes = [{ kind: 'clear-askers', ...release }] as const;
    return { next, fields: { kind: 'rollback-clear', at: state.now, reason }, writes };
  });
  return getRelease(ports, release);
}

interface Step {
  readonly next: Rollout;
  readonly fields: EntryFields;
  /** What it changes beside the rollout. */
  readonly writes?: readonly Write[];
  /** What was found of the release on the way to it. */
  readonly leaving?: Leaving;
}

/** Reads, applies and writes under the revision that was read; again when somebody else was faster. */
async function change(
  ports: Ports,
  context: RequestContext,
  release: Release,
  step: (state: KnownState) => Promise<Step> | Step,
): Promise<{ next: Rollout; entry: string }> {
  return again(release.service, async () => {
    const read = await ports.store.gateState(release.service, release.version);
    if (read.service === null) throw noService(release.service);
    const rollout = withoutLapsedClaims(read.rollout, read.now, planOf(read.service).deploymentTimeoutMs);
    const state = { ...read, service: read.service, rollout };
    const { next, fields, leaving, writes: more = [] } = await step(state);
    const changes = changesBetween(state.rollout, next);
    const before = changesBetween(next, state.rollout);
    const entry = newEntry(ports, context, {
      ...fields,
      service: release.service,
      release: formatRelease(release),
      before,
      after: changes,
    });
    const writes = [...writesOf(release.service, changes), ...more];
    const raises = writes.length > 0 ? [`service/${release.service}`] : [];
    const also = leaving === undefined ? [] : [leavingEntry(ports, leaving, entry.id)];
    const outcome = await ports.store.append({ entry, also, expects: state.revisions, raises, writes });
    if (outcome !== 'recorded') return null;
    ports.events.changed({ request: context, kind: fields.kind, subject: formatRelease(release) });
    return { next, entry: entry.id };
  });
}

function checkAdoption(context: RequestContext, request: ReportRequest): void {
  if (!hasRight(context.principal, 'operate')) {
    throw new GateError(
      'forbidden',
      'only an operator may report a deployment as ungated on purpose; leave "ungated" out',
    );
  }
  if ((request.reason ?? '').trim() === '') throw invalid([{ pointer: '/reason', message: 'adopting needs a reason' }]);
}

function plannedFor(state: GateState, release: Release, ring: string): Plan {
  if (state.service === null) throw noService(release.service);
  const plan = planOf(state.service);
  if (ringOf(plan, ring) !== undefined) return plan;
  throw new GateError('not-found', `${release.service} has no ring "${ring}"`);
}

/** What runs under the name of a release but is another build is another release. Nothing is refused for leaving it out. */
function checkArtifact({ rollout }: GateState, release: Release, request: ReportRequest): void {
  const fixed = contradicted(rollout, release.version, request.artifact ?? null);
  if (fixed === null) return;
  const message = `is not what ${formatRelease(release)} began with: that is ${fixed}. Report another build under a version of its own`;
  throw new GateError('conflict', `/artifact: ${message}`, [{ pointer: '/artifact', message }]);
}
