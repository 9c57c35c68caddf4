import { formatRelease, type Release } from '../domain/release.ts';
import type { DecisionDocument } from './documents.ts';
import { githubCaller } from './github-caller.ts';
import type { ClaimedGithub, GithubRequest, GithubReview, Ports } from './ports.ts';
import { newEntry } from './record.ts';

/** What GitHub has taken. */
export interface TakenReview {
  readonly review: GithubReview;
  readonly next: Pick<GithubRequest, 'dueAt' | 'failures' | 'reports' | 'reported'>;
  /** What was decided; null where it could not be asked. */
  readonly asked: { readonly release: Release; readonly ring: string; readonly decision: DecisionDocument } | null;
}

/** Puts on record what GitHub was told, on which decision. An approval or rejection ends the request. */
export async function recordReview(ports: Ports, claimed: ClaimedGithub, taken: TakenReview): Promise<void> {
  const { review, next, asked } = taken;
  const at = await ports.store.now();
  const told = review.state ?? 'reported';
  const about =
    asked === null ? {} : { service: asked.release.service, release: formatRelease(asked.release), ring: asked.ring };
  const decision = asked?.decision.id ?? null;
  const fields = { at, ...about, told, decision, comment: review.comment };
  const after = { ...next, endedAt: review.state === null ? null : at };
  if (await append(ports, claimed, fields, after)) announce(ports, claimed, told, null);
}

/** Ends a request that cannot be answered, and puts on record why. */
export async function endGithub(
  ports: Ports,
  claimed: ClaimedGithub,
  { outcome, reason }: { readonly outcome: 'unanswerable' | 'expired'; readonly reason: string },
): Promise<void> {
  const at = await ports.store.now();
  const fields = { at, reason, told: outcome, decision: null, comment: null };
  if (await append(ports, claimed, fields, { endedAt: at })) announce(ports, claimed, outcome, reason);
}

/** The part of the entry that is about the answer. */
interface Told {
  readonly at: string;
  readonly told: string;
  readonly decision: string | null;
  readonly comment: string | null;
  readonly reason?: string;
  readonly service?: string;
  readonly release?: string;
  readonly ring?: string;
}

/** False when another replica was faster: then its record stands. */
async function append(
  ports: Ports,
  { request, revisions }: ClaimedGithub,
  fields: Told,
  next: Partial<GithubRequest>,
): Promise<boolean> {
  const { id, app, repository, environment, run, sender } = request;
  const context = { principal: githubCaller(app), requestId: ports.runtime.newId(), ip: null };
  const github = { id, app, repository, environment, run };
  const own = { ...fields, kind: 'github-review', actor: sender, github };
  const write = { kind: 'put-github', request: { ...request, ...next } } as const;
  const entry = newEntry(ports, context, own);
  const commit = { entry, expects: revisions, raises: [`github/${id}`], writes: [write] };
  return (await ports.store.append(commit)) === 'recorded';
}

function announce(
  ports: Ports,
  { request }: ClaimedGithub,
  outcome: Parameters<Ports['events']['github']>[0]['outcome'],
  reason: string | null,
): void {
  ports.events.github({ app: request.app, outcome, subject: request.build ?? request.repository, reason });
}
