import type { DecisionDocument } from '../app/documents.ts';
import type { Verdict } from '../domain/cause.ts';
import { roughDuration } from '../domain/duration.ts';
import type { Answer } from './answer.ts';

/**
 * How a decision is told. The default is safe for `curl -f`: only promote is a 2xx. Here, and nowhere
 * else, 409 means rollback and 429 means a hold that can clear. A decision without a record is told as
 * unavailable whatever it says, so that nothing is ever promoted that was not recorded (law 4).
 */
export type View = 'status' | 'document';

const RETRY = { least: 5, most: 30, usual: 15 };

/** What is to be said beside the decision. */
export interface Occasion {
  /** The service stops, so every hold is soon asked again, of another instance. */
  readonly stopping: boolean;
  /** It is the answer to an earlier request with the same Idempotency-Key. */
  readonly replayed: boolean;
}

/** The decision as status, headers and body. Throws on a decision that promises without a record. */
export function presentDecision(
  decision: DecisionDocument,
  view: View,
  prefersText: boolean,
  { stopping, replayed }: Occasion = { stopping: false, replayed: false },
): Answer {
  const told = toldVerdict(decision);
  const status = view === 'document' ? 200 : statusOf(decision, told);
  const headers: Record<string, string> = {
    'Gate-Verdict': told,
    'Gate-Decision': decision.id,
    'Cache-Control': 'no-store',
    ...(status === 429 || status === 503 ? { 'Retry-After': retryAfter(decision) } : {}),
    ...(stopping && told === 'hold' ? { 'Retry-After': String(RETRY.least) } : {}),
    ...(replayed ? { 'Idempotency-Replayed': 'true' } : {}),
    ...(decision.enforced
      ? {}
      : { 'Gate-Enforced': 'false', 'Gate-Verdict-Advised': decision.advised ?? decision.verdict }),
  };
  return prefersText ? { status, headers, text: lineOf(decision, told) } : { status, headers, json: decision };
}

function toldVerdict(decision: DecisionDocument): Verdict {
  const told = decision.enforced ? decision.verdict : 'promote';
  if (decision.audit === null && told !== 'hold') throw new Error('a decision without a record must hold');
  return told;
}

function statusOf(decision: DecisionDocument, told: Verdict): number {
  if (decision.audit === null) return 503;
  if (told === 'promote') return 200;
  if (told === 'rollback') return 409;
  return needsSomebody(decision) ? 423 : 429;
}

/** True when waiting alone will not do: a counted hold that only a person clears, or nothing. */
function needsSomebody(decision: DecisionDocument): boolean {
  return decision.findings.some(
    ({ countedAs, clears }) => countedAs === 'hold' && (clears === 'by-person' || clears === 'never'),
  );
}

/** Longer would make `curl --retry-max-time` give up; the real estimate is in the body. */
function retryAfter(decision: DecisionDocument): string {
  const wanted = Math.ceil(decision.retryAfterSeconds ?? RETRY.usual);
  return String(Math.min(RETRY.most, Math.max(RETRY.least, wanted)));
}

function lineOf(decision: DecisionDocument, told: Verdict): string {
  const advised = decision.enforced ? '' : `(advised only: ${decision.advised ?? decision.verdict}) `;
  const seconds = decision.retryAfterSeconds;
  const again = seconds === null ? neededFor(decision) : ` (ask again in ${roughDuration(Math.ceil(seconds) * 1000)})`;
  const next = told === 'hold' ? again : '';
  const line = `${told} ${decision.release} ${decision.ring}: ${advised}${decision.summary}${next}`;
  return `${line.replace(/\s+/g, ' ')}\n`;
}

/** What has to happen, for the first finding that holds: the one that the summary is about. */
function neededFor({ findings }: DecisionDocument): string {
  const needs = findings.find(({ countedAs }) => countedAs === 'hold')?.needs;
  return needs === undefined ? '' : `. ${needs}`;
}
