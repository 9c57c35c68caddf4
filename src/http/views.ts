import type { DecisionDocument } from '../app/documents.ts';
import type { Verdict } from '../domain/cause.ts';
import { roughDuration } from '../domain/duration.ts';
import type { Answer } from './answer.ts';

/**
 * How a decision is told, as each kind of client decides. The default is safe for `curl -f`: only promote
 * is a 2xx; 409 means rollback there, and 429 a hold that can clear. Flagger knows 2xx and everything else:
 * it goes on with a 2xx from a confirming hook, counts a failed check otherwise, and rolls back on a 2xx
 * from its rollback hook. A decision without a record is told as unavailable whatever it says, so that
 * nothing is ever promoted that was not recorded (law 4).
 */
export type View = 'status' | 'document' | 'flagger-confirm' | 'flagger-check' | 'flagger-rollback';

type Told = 'promote' | 'waits' | 'needs-somebody' | 'rollback' | 'unavailable';

const STATUS: Readonly<Record<View, Readonly<Record<Told, number>>>> = {
  status: { promote: 200, waits: 429, 'needs-somebody': 423, rollback: 409, unavailable: 503 },
  document: { promote: 200, waits: 200, 'needs-somebody': 200, rollback: 200, unavailable: 200 },
  'flagger-confirm': { promote: 200, waits: 409, 'needs-somebody': 409, rollback: 409, unavailable: 503 },
  'flagger-check': { promote: 200, waits: 200, 'needs-somebody': 200, rollback: 409, unavailable: 200 },
  'flagger-rollback': { promote: 409, waits: 409, 'needs-somebody': 409, rollback: 200, unavailable: 503 },
};

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
  const status = STATUS[view][wayOf(decision, told)];
  const headers: Record<string, string> = {
    'Gate-Verdict': told,
    'Gate-Question': `${decision.release} ${decision.ring} ${decision.stage}`,
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

function wayOf(decision: DecisionDocument, told: Verdict): Told {
  if (decision.audit === null) return 'unavailable';
  if (told !== 'hold') return told;
  return needsSomebody(decision) ? 'needs-somebody' : 'waits';
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
