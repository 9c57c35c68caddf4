/** A rule as it is configured: what `PUT /services/{service}/rules/{rule}` takes and `GET` returns. */
export interface RuleDocument {
  readonly description?: string;
  readonly mode?: 'enforce' | 'hold-only' | 'observe';
  readonly measuredIn?: readonly string[];
  readonly guards?: readonly string[];
  readonly indicator: Indicator;
  readonly limits: Limits;
  readonly minEvents?: number;
  readonly minBad?: number;
  readonly maxAge?: string;
  readonly absentBadMeansZero?: boolean;
}

export type Indicator = RatioIndicator | ThresholdIndicator;

/** Counts over `${window}`: `total`, and either `bad` or `good`. */
export interface RatioIndicator {
  readonly kind: 'ratio';
  /** A provider's name, or `${labels.NAME}`. */
  readonly provider: string;
  readonly bad?: string;
  readonly good?: string;
  readonly total: string;
}

export interface ThresholdIndicator {
  readonly kind: 'threshold';
  readonly provider: string;
  readonly query: string;
}

export interface Limits {
  /** Required for a ratio; for a threshold only when its query names `${window}`. */
  readonly window?: string;
  readonly hold?: Bound;
  readonly rollback?: Bound;
  /** How long a breach must have lasted before it may roll back. */
  readonly for?: string;
}

/** Strict on both sides: a value that equals the bound does not breach it. */
export interface Bound {
  readonly above?: number;
  readonly below?: number;
}

export type Scope = 'release' | 'ring' | 'service';

/** The texts of an indicator's queries by part, in a fixed order. */
export function queriesOf(indicator: Indicator): readonly { part: 'bad' | 'good' | 'total' | 'value'; text: string }[] {
  if (indicator.kind === 'threshold') return [{ part: 'value', text: indicator.query }];
  return [
    ...(indicator.bad === undefined ? [] : [{ part: 'bad' as const, text: indicator.bad }]),
    ...(indicator.good === undefined ? [] : [{ part: 'good' as const, text: indicator.good }]),
    { part: 'total' as const, text: indicator.total },
  ];
}

/** Bad events that a ratio needs before it may roll back. */
export function minBadOf(rule: RuleDocument): number {
  return rule.minBad ?? 10;
}

/** How old the newest sample may be: a Prometheus duration. */
export function maxAgeOf(rule: RuleDocument): string {
  return rule.maxAge ?? '5m';
}

/** True when the value lies beyond the bound. */
export function breaches(value: number, bound: Bound | undefined): boolean {
  if (bound === undefined) return false;
  return (bound.above !== undefined && value > bound.above) || (bound.below !== undefined && value < bound.below);
}
