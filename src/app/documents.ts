import type { Asker } from '../domain/asker.ts';
import type { Verdict } from '../domain/cause.ts';
import type { Decision } from '../domain/decision.ts';
import type { Facts } from '../domain/facts.ts';
import type { ExplainedFinding } from '../domain/finding.ts';
import type { Life, Mark } from '../domain/life.ts';
import type { Page } from './ports.ts';

/** A decision as callers see it: the answer of `/gates` and of `/decisions/{id}`. */
export interface DecisionDocument extends Omit<Decision, 'findings'> {
  /** False when the plan only advises: callers are told promote whatever the findings say. */
  readonly enforced: boolean;
  /** One sentence for the decisive finding, without its full stop. */
  readonly summary: string;
  readonly findings: readonly ExplainedFinding[];
  readonly id: string;
  readonly release: string;
  readonly service: string;
  readonly version: string;
  readonly ring: string;
  readonly stage: 'enter' | 'exit';
  readonly change: string;
  /** As it was stated; null when it was not. */
  readonly artifact: string | null;
  readonly dryRun: boolean;
  /** What the findings say when the plan only advises; null when it enforces (then `verdict` is it). */
  readonly advised: Verdict | null;
  readonly decidedAt: string;
  readonly policyVersion: string;
  readonly caller: { readonly kind: string; readonly id: string | null; readonly for?: string };
  readonly actor: string | null;
  readonly build: string | null;
  /** The decision that was answered before under the same Idempotency-Key, and that no longer stands. */
  readonly follows: string | null;
  /** Null only when the decision could not be recorded: then it is a hold with the cause `gate-unavailable`. */
  readonly audit: { readonly entry: string; readonly leafHash: string } | null;
}

export interface DecisionWithFacts extends DecisionDocument {
  /** Null for a hold that repeats another one: that one has the facts. */
  readonly facts: Facts | null;
  /** The decision that this hold is like, times and counts apart; null where it stands for itself. */
  readonly repeats: string | null;
}

/** Body of `GET /decisions/{id}/replay`. The two versions are ringgate's own. */
export interface Replay {
  readonly verdictIdentical: boolean;
  readonly bytesIdentical: boolean;
  readonly recordedBy: string;
  readonly replayedBy: string;
}

/** Body of `GET /decisions/{id}/validity`. */
export interface Validity {
  readonly stands: boolean;
  /** What was decided. */
  readonly verdict: Verdict;
  /** One sentence. */
  readonly because: string;
  readonly validUntil: string | null;
  readonly checkedAt: string;
}

export interface ReleaseDocument {
  readonly release: string;
  readonly service: string;
  readonly version: string;
  /** What it was fixed to; null when it was never stated. */
  readonly artifact: string | null;
  readonly mark: Mark | null;
  readonly live: readonly string[];
  readonly lives: readonly Omit<Life, 'version'>[];
  /** Those who have asked for it since it was last cleared, and so may not approve it. */
  readonly askers: readonly Asker[];
  readonly lastDecision: {
    readonly id: string;
    readonly ring: string;
    readonly stage: string;
    readonly verdict: string;
    readonly dryRun: boolean;
    readonly decidedAt: string;
  } | null;
}

export interface ReleaseSummary {
  readonly release: string;
  readonly service: string;
  readonly version: string;
  readonly artifact: string | null;
  readonly marked: boolean;
}

/** Per ring of the plan, in plan order: what happened to the release there, oldest first. */
export interface Story {
  readonly release: string;
  readonly rings: readonly {
    readonly ring: string;
    readonly events: readonly StoryEvent[];
  }[];
}

export interface StoryEvent {
  readonly at: string;
  /** `promised`, `deployed`, `proven`, `held`, `rollback`, `failed`, `rolled-back`, `abandoned`, `superseded`, `adopted`, `cleared`, `approved`, `override`, `overridden`, `halted`, `lifted`, `rejected` … */
  readonly what: string;
  /** One sentence. */
  readonly because: string;
  /** The audit entry it rests on. */
  readonly entry: string | null;
  readonly by: string | null;
  /** True where the gate had not been asked. */
  readonly ungated: boolean;
}

/** Body of `GET /services/{service}/rollout`. */
export interface RolloutDocument {
  readonly service: string;
  readonly rings: readonly {
    readonly ring: string;
    readonly occupant: string | null;
    readonly phase: 'live' | 'proven' | null;
    readonly since: string | null;
    readonly lastProven: string | null;
  }[];
}

/** One record of any kind, parsed. */
export interface EntryDocument {
  readonly id: string;
  readonly kind: string;
  readonly recordedAt: string;
  readonly leafHash: string;
  /** The parsed body. */
  readonly body: unknown;
}

export interface ReportRequest {
  readonly state: 'deployed' | 'failed' | 'rolled-back' | 'abandoned';
  /** When it happened, RFC 3339; now by default. */
  readonly at?: string;
  /** When the deployment began, RFC 3339. */
  readonly startedAt?: string;
  /** What was deployed. */
  readonly artifact?: string;
  readonly reason?: string;
  /** An operator's word that the deployment went past the gate on purpose: adopts it. */
  readonly ungated?: boolean;
  readonly build?: string;
  readonly actor?: string;
}

export interface ReportResult {
  readonly release: string;
  readonly ring: string;
  readonly state: ReportRequest['state'];
  /** As it was stated; null when it was not. */
  readonly artifact: string | null;
  /** True when nobody had asked the gate, and no operator adopted the deployment. */
  readonly ungated: boolean;
  /** True when the release was let in, but nothing shows that the deployment began in time; report `startedAt`. */
  readonly late: boolean;
  readonly life: Omit<Life, 'version'> | null;
  readonly entry: string;
}

export type DecisionPage = Page<DecisionDocument>;

/** A life below a release, which says the version already. */
export function withoutVersion(life: Life): Omit<Life, 'version'> {
  const { version: _, ...rest } = life;
  return rest;
}
