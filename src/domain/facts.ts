import type { Controls } from './controls.ts';
import type { FoundOccupant } from './found-occupant.ts';
import type { Rollout } from './life.ts';
import type { Measured } from './measurement.ts';
import type { RuleDocument } from './rule.ts';
import type { ServiceDocument } from './service.ts';

/** The edition that is recorded now. */
export const EDITION = 2;

/** What the caller asked. */
export interface Question {
  readonly service: string;
  readonly version: string;
  readonly ring: string;
  readonly stage: 'enter' | 'exit';
  readonly change: string;
  readonly dryRun: boolean;
  readonly artifact: string | null;
  /** True when the caller may deploy, so that a promote starts a lease. */
  readonly mayDeploy: boolean;
  /** There where the caller says that the release runs in the ring, whoever let it in. */
  readonly running?: true;
  /** There where the gate asks itself: nobody says by it that anything has been deployed. */
  readonly own?: true;
}

/** How far apart samples are taken to be where the provider's document does not say: a common setting of Prometheus. */
export const DEFAULT_SCRAPE_INTERVAL = '15s';

/** When a provider's data comes: Prometheus durations. */
export interface ProviderTiming {
  /** How far behind it is. */
  readonly delay: string;
  /** How far apart its samples are, as its document says. Absent only in records of the first edition. */
  readonly scrapeInterval?: string;
}

/** What was known before the providers were asked. */
export interface Situation {
  /**
   * The edition of the facts, raised when the same facts would be judged otherwise than before: what was recorded
   * under an earlier one is judged as it was then (law 8).
   */
  readonly v: 1 | 2;
  readonly question: Question;
  /** The decision's instant: the database's clock, RFC 3339 UTC with milliseconds. */
  readonly at: string;
  readonly service: ServiceDocument;
  /** In the order of their names. */
  readonly rules: readonly { readonly name: string; readonly rule: RuleDocument }[];
  /** How each provider's data comes, by provider name. */
  readonly providers: Readonly<Record<string, ProviderTiming>>;
  /** As it stood before this question; deployments that the question itself implies are not yet in it. */
  readonly rollout: Rollout;
  /** Absent only in records from before people and calendars had a say: then their checks did not exist. */
  readonly controls?: Controls;
  /** What the gate has just found of the release that has the ring; absent where it did not have to look. */
  readonly occupant?: FoundOccupant;
}

/**
 * Everything a decision rests on, as plain JSON data (no undefined, no NaN): evaluating it again,
 * also with a later version, gives the same decision (law 8).
 */
export interface Facts extends Situation {
  readonly measurements: readonly Measured[];
}
