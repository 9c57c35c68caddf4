import { canonicalJson, sha256Hex } from '../domain/audit/canonical.ts';
import type { Verdict } from '../domain/cause.ts';
import { contested } from '../domain/contested.ts';
import type { Decision } from '../domain/decision.ts';
import { explain } from '../domain/explain.ts';
import type { Facts } from '../domain/facts.ts';
import { evaluateGate } from '../domain/gate.ts';
import { keptFor } from '../domain/kept.ts';
import { formatRelease } from '../domain/release.ts';
import { summarize } from '../domain/summarize.ts';
import type { DecisionDocument } from './documents.ts';
import type { NewEntry, Principal } from './ports.ts';
import { recordBody } from './record.ts';
import { questionIn, type RecordedBody } from './repeated-hold.ts';

/**
 * What is recorded of a decision, and how a record is read again. The body is a pure function of the
 * facts and of who asked, so that it can be made anew at any time and compared byte for byte (law 8).
 */
export interface Asker {
  readonly origin: string;
  readonly gateVersion: string;
  readonly caller: {
    readonly kind: Principal['kind'];
    readonly id: string | null;
    readonly name: string;
    /** Of a question that the gate asks itself: the record that it was asked for. */
    readonly for?: string;
  };
  readonly request: { readonly id: string; readonly ip: string | null } | null;
  readonly actor: string | null;
  readonly build: string | null;
  readonly context: Readonly<Record<string, unknown>> | null;
  /** The decision before it under the same Idempotency-Key; absent where there was none. */
  readonly follows?: string;
  /** How often the state changed under the decision; from three times on it is a hold. */
  readonly attempts: number;
}

export interface DecisionBody extends Omit<Asker, 'caller' | 'request'> {
  readonly v: 1;
  readonly id: string;
  readonly kind: 'decision';
  readonly at: string;
  readonly caller: Asker['caller'];
  readonly request: Asker['request'];
  readonly service: string;
  readonly release: string;
  readonly ring: string;
  readonly stage: 'enter' | 'exit';
  /** What callers were told. */
  readonly verdict: Verdict;
  /** What the findings say when the plan only advises; null when it enforces. */
  readonly advised: Verdict | null;
  readonly causes: readonly string[];
  readonly policyVersion: string;
  readonly facts: Facts;
  readonly decision: Decision;
}

/** After this many times of finding the state changed, the decision is a hold. */
export const MAX_ATTEMPTS = 3;

/** The decision and its whole record. `id` is the decision's and the entry's; `measured` is what the facts come to. */
export function decisionBody(id: string, asker: Asker, facts: Facts, measured = evaluateGate(facts)): DecisionBody {
  const { question } = facts;
  const decision = asker.attempts > MAX_ATTEMPTS ? contested(measured, MAX_ATTEMPTS) : measured;
  const advises = facts.service.enforcement === 'advise';
  const decisive = decision.findings.filter((finding) => finding.countedAs === decision.verdict);
  const principal = { ...asker.caller, roles: [], changes: [] };
  const context = asker.request === null ? null : { principal, requestId: asker.request.id, ip: asker.request.ip };
  const fields = {
    kind: 'decision',
    at: facts.at,
    service: question.service,
    release: formatRelease(question),
    ring: question.ring,
    stage: question.stage,
    verdict: advises ? 'promote' : decision.verdict,
    advised: advises ? decision.verdict : null,
    causes: [...new Set(decisive.map((finding) => finding.cause))],
    policyVersion: policyVersion(facts),
    actor: asker.actor,
    build: asker.build,
    context: asker.context,
    attempts: asker.attempts,
    ...(asker.follows === undefined ? {} : { follows: asker.follows }),
    facts,
    decision,
  };
  const body = recordBody(asker, context, id, fields) as unknown as DecisionBody;
  return asker.caller.for === undefined ? body : { ...body, caller: { ...body.caller, for: asker.caller.for } };
}

/** Who asks where the gate asks itself. */
export function ownAsker(
  { origin, gateVersion, attempts }: Pick<Asker, 'origin' | 'gateVersion' | 'attempts'>,
  record: string,
): Asker {
  const caller = { kind: 'system', id: null, name: 'ringgate', for: record } as const;
  return { origin, gateVersion, caller, request: null, actor: null, build: null, context: null, attempts };
}

/** Makes a recorded body anew from its own facts: equal bytes mean that nothing was changed and ringgate still judges so. */
export function decisionBodyAgain(body: DecisionBody): DecisionBody {
  return decisionBody(body.id, body, body.facts);
}

/** The document that callers get. `entry` is null when it could not be recorded. */
export function documentFromBody(
  body: RecordedBody,
  entry: Pick<NewEntry, 'id' | 'leafHash'> | null,
): DecisionDocument {
  const question = questionIn(body);
  const { decision } = body;
  const findings = decision.findings.map((finding) => explain(finding, body.release));
  return {
    id: body.id,
    release: body.release,
    service: body.service,
    version: question.version,
    ring: body.ring,
    stage: body.stage,
    change: question.change,
    artifact: question.artifact,
    dryRun: question.dryRun,
    enforced: body.advised === null,
    verdict: body.verdict,
    advised: body.advised,
    summary: summarize(decision, findings, body.release, question),
    findings,
    decidedAt: body.at,
    validUntil: decision.validUntil,
    retryAfterSeconds: decision.retryAfterSeconds,
    earliestPromoteAt: decision.earliestPromoteAt,
    live: decision.live,
    rollback: decision.rollback,
    policyVersion: body.policyVersion,
    caller: callerIn(body),
    actor: body.actor,
    build: body.build,
    follows: body.follows ?? null,
    audit: entry === null ? null : { entry: entry.id, leafHash: entry.leafHash },
  };
}

function callerIn({ caller }: RecordedBody): DecisionDocument['caller'] {
  const { kind, id, for: record } = caller;
  return record === undefined ? { kind, id } : { kind, id, for: record };
}

/** What was in force: plan and rules, by the hash of their canonical text. */
function policyVersion({ service, rules }: Facts): string {
  return versionsWith(rules)(service);
}

const versionsWith = keptFor((rules: Facts['rules']) =>
  keptFor((service: Facts['service']) => `sha256:${sha256Hex(canonicalJson({ service, rules }))}`),
);
