import type { ExplainedFinding } from '../domain/finding.ts';
import type { DecisionDocument } from './documents.ts';
import type { GithubRequest, GithubReview } from './ports.ts';

/** What follows from a look at a request. */
export interface GithubStep {
  /** What GitHub is told now; null when there is nothing new. */
  readonly review: GithubReview | null;
  /** The causes that the review is about. */
  readonly causes: string;
  /** When it is looked at again unless the review ends it. */
  readonly againMs: number;
}

/** GitHub, "Creating custom deployment protection rules": ten status reports of 1,024 characters. */
const MOST_REPORTS = 10;
const LONGEST = 1024;
const SOONEST_MS = 10_000;
const LATEST_MS = 60_000;

/**
 * A promote approves and a rollback rejects, and no other decision does either; only one that stands in
 * the record counts. A hold goes on waiting and is told when its causes are others than those last told.
 */
export function githubStep(request: GithubRequest, decision: DecisionDocument): GithubStep {
  const { verdict, audit, dryRun, retryAfterSeconds } = decision;
  const final = audit !== null && !dryRun;
  const againMs = Math.min(LATEST_MS, Math.max(SOONEST_MS, (retryAfterSeconds ?? 60) * 1000));
  if (final && verdict === 'promote') return ending('approved', decision);
  if (final && verdict === 'rollback') return ending('rejected', decision);
  const held = decision.findings.filter(({ countedAs }) => countedAs === 'hold');
  const causes = [...new Set(held.map(({ cause }) => cause))].sort().join(' ');
  return holding(request, { causes, comment: commentOf(decision, held), againMs });
}

/** The step for what cannot even be asked. `because` is a sentence without its full stop. */
export function unknownStep(request: GithubRequest, cause: string, because: string): GithubStep {
  const comment = `**hold** – ${because}. This is looked at again every minute; nobody has to start the run again.`;
  return holding(request, { causes: cause, comment, againMs: LATEST_MS });
}

/** The step for what can never be approved. `because` is a sentence without its full stop. */
export function refusedStep(because: string): GithubStep {
  const comment = cut(`**rejected** – ${because}.`, LONGEST);
  return { review: { state: 'rejected', comment }, causes: '', againMs: SOONEST_MS };
}

/** The last report is kept for the end, in case GitHub counts the answer among them. */
function holding(
  { reports, reported }: GithubRequest,
  { causes, comment, againMs }: { readonly causes: string; readonly comment: string; readonly againMs: number },
): GithubStep {
  const left = MOST_REPORTS - 1 - reports;
  if (causes === reported || left <= 0) return { review: null, causes: reported, againMs };
  const last = left === 1 ? '\n\nThis is the last report before the answer: GitHub takes ten.' : '';
  return { review: { state: null, comment: cut(comment, LONGEST - last.length) + last }, causes, againMs };
}

function ending(state: 'approved' | 'rejected', decision: DecisionDocument): GithubStep {
  const decisive = decision.findings.filter(({ countedAs }) => countedAs === decision.verdict);
  const shown = state === 'approved' ? [] : decisive;
  return { review: { state, comment: cut(commentOf(decision, shown), LONGEST) }, causes: '', againMs: SOONEST_MS };
}

function commentOf(decision: DecisionDocument, findings: readonly ExplainedFinding[]): string {
  const { verdict, release, ring, summary, advised, rollback, id } = decision;
  const back = Object.entries(rollback?.to ?? {}).map(
    ([in_, to]) => `- go back to ${to ?? 'an earlier release'} in ${in_}`,
  );
  return [
    `**${verdict}** ${release} ${ring}: ${summary}.`,
    ...(advised === null ? [] : [`The plan only advises; enforced it would have been ${advised}.`]),
    ...[...findings.map(lineOf), ...back].slice(0, 8),
    `Decision ${id}`,
  ].join('\n');
}

function lineOf({ because, needs, action }: ExplainedFinding): string {
  const todo = action === undefined || action === null ? '' : ` (${action.who}: ${action.do})`;
  return `- ${because}${needs === undefined || needs === null ? '' : ` Needs ${needs}.`}${todo}`;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`.toWellFormed();
}
