import type { Facts } from '../domain/facts.ts';
import type { RequestContext } from './ports.ts';

/** One function per business event: a metric and a log line. */
export interface Events {
  decided(event: {
    /** Null when not even the caller could be told. */
    readonly request: RequestContext | null;
    readonly id: string | null;
    readonly facts: Facts | null;
    readonly verdict: string;
    readonly cause: string;
    readonly durationMs: number;
  }): void;
  /** A question was answered: by a query of its own (`asked`), by one in flight (`shared`), from the bucket (`kept`). */
  asked(event: {
    readonly provider: string;
    readonly outcome: string;
    readonly source: 'asked' | 'shared' | 'kept';
    readonly durationMs: number;
  }): void;
  /** A provider that failed several times is left alone (`open`), then tried with one query (`half-open`). */
  circuit(event: { readonly provider: string; readonly state: 'closed' | 'half-open' | 'open' }): void;
  changed(event: { readonly request: RequestContext; readonly kind: string; readonly subject: string }): void;
  /** Break-glass was used: the decision counted findings as promote because of the override. */
  overridden(event: {
    readonly request: RequestContext;
    readonly override: string;
    readonly decision: string;
    readonly release: string;
    readonly ring: string;
    /** Names of checks, and `rule/<name>`. */
    readonly checks: readonly string[];
  }): void;
  refused(event: { readonly requestId: string; readonly reason: string }): void;
  /** Something came of a deployment that waits at GitHub. */
  github(event: {
    readonly app: string;
    readonly outcome: GithubOutcome;
    /** The run's page or repository, for the log. */
    readonly subject: string;
    /** What went wrong; null when nothing did. */
    readonly reason: string | null;
  }): void;
}

/** `failed` is tried again, all others but `received` and `reported` are the end of it. */
export type GithubOutcome = 'received' | 'reported' | 'approved' | 'rejected' | 'failed' | 'unanswerable' | 'expired';
