import { GateError } from '../domain/errors.ts';
import { type GithubTarget, githubTarget, tagToFind } from '../domain/github-target.ts';
import { after, msOf } from '../domain/instant.ts';
import { formatRelease, type Release } from '../domain/release.ts';
import { decide } from './decide.ts';
import type { DecisionDocument } from './documents.ts';
import { githubCaller } from './github-caller.ts';
import { type GithubStep, githubStep, refusedStep, unknownStep } from './github-step.ts';
import type {
  ClaimedGithub,
  GithubAppDocument,
  GithubFailure,
  GithubRequest,
  GithubSession,
  Ports,
  RequestContext,
} from './ports.ts';
import { endGithub, recordReview } from './record-github.ts';

/** GitHub itself rejects what has waited this long. */
const LONGEST_WAIT_MS = 30 * 86_400_000;
const DECIDE_MS = 6000;
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
const LONGEST_ASKED_PAUSE_MS = 60 * 60_000;

/** What was asked of the gate on behalf of a deployment, and what follows. */
interface Looked {
  readonly step: GithubStep;
  readonly asked: { readonly release: Release; readonly ring: string; readonly decision: DecisionDocument } | null;
}

/**
 * Takes one waiting deployment a step further: signs in, decides, tells. Every attempt decides anew, so
 * that nothing is approved on a promise that has run out or on a state that is gone, and whatever is cut
 * off in between is simply done again. GitHub is signed in to first: while it is away nothing is decided.
 * Throws what the store throws; then the request comes due again by itself.
 */
export async function answerGithub(ports: Ports, claimed: ClaimedGithub): Promise<void> {
  const { request } = claimed;
  const now = await ports.store.now();
  if (msOf(now) - msOf(request.receivedAt) > LONGEST_WAIT_MS)
    return await endGithub(ports, claimed, { outcome: 'expired', reason: 'GitHub has rejected it after 30 days' });
  const { row } = await ports.store.config({ kind: 'github', owner: '', name: request.app });
  if (row === null) return await tryLater(ports, claimed, failure(null, `there is no ${request.app} under /github`));
  const app = row.document as GithubAppDocument;
  const session = await ports.github.connect(app, request.installation);
  if (session.kind === 'failed') return await failed(ports, claimed, session);
  const tag = tagToFind(app.environments, request);
  const found = tag === null ? null : await session.findTag(request, tag);
  if (found?.kind === 'failed' && maySucceedLater(found)) return await tryLater(ports, claimed, found);
  const target = githubTarget(request.app, app.environments, request, found);
  await tell(ports, claimed, session, await look(ports, request, target));
}

/** Where it will not, the run is told why it waits, and what somebody may do. */
function maySucceedLater({ status, pauseMs }: GithubFailure): boolean {
  return status === null || status === 401 || status === 429 || status >= 500 || pauseMs > 0;
}

async function look(ports: Ports, request: GithubRequest, target: GithubTarget): Promise<Looked> {
  if (target.kind === 'refused') return { step: refusedStep(target.because), asked: null };
  if (target.kind === 'unknown') return { step: unknownStep(request, target.cause, target.because), asked: null };
  const { release, ring, artifact, ref } = target;
  const context: RequestContext = {
    principal: githubCaller(request.app),
    requestId: ports.runtime.newId(),
    ip: null,
  };
  const who = { change: 'standard', artifact, actor: request.sender, build: request.build };
  const { repository, environment, sha } = request;
  const github = { repository, environment, request: request.id, ref, sha };
  const how = { dryRun: false, context: { github }, deadlineMs: DECIDE_MS, waitMs: 0 };
  const call = { key: null, signal: new AbortController().signal };
  try {
    const { decision } = await decide(ports, context, { release, ring, stage: 'enter', ...who, ...how }, call);
    return { step: githubStep(request, decision), asked: { release, ring, decision } };
  } catch (error) {
    if (!(error instanceof GateError) || error.code !== 'not-found') throw error;
    const because = `${formatRelease(release)} cannot be asked for in ${ring}: ${error.message}`;
    return { step: unknownStep(request, 'unmapped', because), asked: null };
  }
}

async function tell(
  ports: Ports,
  claimed: ClaimedGithub,
  session: GithubSession,
  { step, asked }: Looked,
): Promise<void> {
  const { request } = claimed;
  const dueAt = after(await ports.store.now(), step.againMs);
  const { review } = step;
  if (review === null) return await ports.store.postponeGithub(request.id, { dueAt, failures: 0 });
  const outcome = await session.review(request, review);
  if (outcome.kind === 'failed') return await failed(ports, claimed, outcome);
  const next = { dueAt, failures: 0, reports: request.reports + 1, reported: step.causes };
  await recordReview(ports, claimed, { review, next, asked });
}

/** Nothing there waits for this answer (any more): 404 and 422. Everything else may pass. */
async function failed(ports: Ports, claimed: ClaimedGithub, problem: GithubFailure): Promise<void> {
  if (problem.status !== 404 && problem.status !== 422) return await tryLater(ports, claimed, problem);
  await endGithub(ports, claimed, { outcome: 'unanswerable', reason: problem.detail });
}

async function tryLater(ports: Ports, { request }: ClaimedGithub, { detail, pauseMs }: GithubFailure): Promise<void> {
  const ownMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(request.failures, 10));
  const dueAt = after(await ports.store.now(), Math.max(ownMs, Math.min(pauseMs, LONGEST_ASKED_PAUSE_MS)));
  await ports.store.postponeGithub(request.id, { dueAt, failures: request.failures + 1 });
  const subject = request.build ?? request.repository;
  ports.events.github({ app: request.app, outcome: 'failed', subject, reason: detail });
}

function failure(status: number | null, detail: string): GithubFailure {
  return { kind: 'failed', status, detail, pauseMs: 0 };
}
