import { BURN_PRESETS, type BurnPreset, burnPreset } from './burn-presets.ts';
import { monitorPath, sloPath } from './datadog-template.ts';
import { type BurnRate, eventsFor } from './slo.ts';
import type { SloWindow } from './slo-period.ts';

/** A rule as it is configured: what `PUT /services/{service}/rules/{rule}` takes and `GET` returns. */
export interface RuleDocument {
  readonly description?: string;
  readonly mode?: 'enforce' | 'hold-only' | 'observe';
  readonly measuredIn?: readonly string[];
  readonly guards?: readonly string[];
  /** Whose evidence it is, where its text does not say that. */
  readonly attribution?: Attribution;
  readonly indicator: Indicator;
  /** At least one of limits, burnRates and budget: otherwise there is nothing to judge. */
  readonly limits?: Limits;
  /** What burnRates and budget are about. */
  readonly objective?: Objective;
  readonly burnRates?: BurnPreset | readonly BurnRate[];
  readonly budget?: Budget;
  readonly minEvents?: number;
  readonly minBad?: number;
  readonly maxAge?: string;
  readonly absentBadMeansZero?: boolean;
  /** What may be done without an answer. */
  readonly uncertain?: { readonly 'too-few-events'?: { readonly promoteAfter: string } };
}

/** `release`: what the release does anywhere proves each ring. A ring: the text selects it without a placeholder. */
export type Attribution = 'release' | { readonly ring: string };

export interface Objective {
  /** The share of good events that is promised, 0–1 exclusive. */
  readonly target: number;
  readonly window?: SloWindow;
  readonly slices?: Slices;
}

/** Counts slices of time instead of events: those below `target`, or without one each by its share of bad events. */
export interface Slices {
  readonly window: string;
  /** The share of good events that a good slice has at least, (0, 1]. */
  readonly target?: number;
}

/** The share of the objective's budget that must be left; an exempt class of change may pass without. */
export interface Budget {
  readonly holdBelow: number;
  readonly exempt?: readonly string[];
}

export type Indicator = RatioIndicator | ThresholdIndicator | DatadogSloIndicator | DatadogMonitorIndicator;

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

/** An SLO that Datadog keeps: its good and all events, or, where it is about time, the good and all seconds. */
export interface DatadogSloIndicator {
  readonly kind: 'datadog-slo';
  readonly provider: string;
  /** Its id, or `${labels.NAME}`. */
  readonly sloId: string;
}

/** The state of a Datadog monitor, or of one of its groups, as a value: 0 OK, 1 Warn, 2 Alert. */
export interface DatadogMonitorIndicator {
  readonly kind: 'datadog-monitor';
  readonly provider: string;
  /** Its id, or `${labels.NAME}`. */
  readonly monitorId: number | string;
  /** The tags of one group of a monitor that is split by them, e.g. `version:${version}`. */
  readonly group?: string;
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

/** True for an indicator that counts events, so that there can be too few of them; the others are one value. */
export function countsEvents({ kind }: Indicator): boolean {
  return kind === 'ratio' || kind === 'datadog-slo';
}

/** The rings that a rule of release or ring scope is asked in; undefined for all. */
export function ringsMeasured({ measuredIn, attribution }: RuleDocument): readonly string[] | undefined {
  return measuredIn ?? (typeof attribution === 'object' ? [attribution.ring] : undefined);
}

/** The texts of an indicator's queries by part, in a fixed order. */
export function queriesOf(indicator: Indicator): readonly { part: 'bad' | 'good' | 'total' | 'value'; text: string }[] {
  if (indicator.kind === 'threshold') return [{ part: 'value', text: indicator.query }];
  if (indicator.kind === 'datadog-monitor') {
    return [{ part: 'value', text: monitorPath(String(indicator.monitorId), indicator.group) }];
  }
  if (indicator.kind === 'datadog-slo') {
    return (['good', 'total'] as const).map((part) => ({ part, text: sloPath(indicator.sloId) }));
  }
  return [
    ...(indicator.bad === undefined ? [] : [{ part: 'bad' as const, text: indicator.bad }]),
    ...(indicator.good === undefined ? [] : [{ part: 'good' as const, text: indicator.good }]),
    { part: 'total' as const, text: indicator.total },
  ];
}

/** For plain limits, which have no objective to derive it from. */
const DEFAULT_MIN_EVENTS = 100;
const DEFAULT_FOR = '2m';

/** Events that a ratio needs before it says anything: the rule's word, or what its target asks for, or 100. */
export function minEventsOf({ minEvents, objective }: RuleDocument): number {
  return minEvents ?? (objective === undefined ? DEFAULT_MIN_EVENTS : eventsFor(objective.target));
}

/** How long a breach must have lasted before it may roll back: a Prometheus duration. */
export function lastingOf(rule: RuleDocument): string {
  return rule.limits?.for ?? DEFAULT_FOR;
}

/** The pairs of windows, those of a preset filled in; none for a rule without burn rates, or with a preset that there is not. */
export function burnRatesOf({ burnRates }: RuleDocument): readonly BurnRate[] {
  if (typeof burnRates !== 'string') return burnRates ?? [];
  return Object.hasOwn(BURN_PRESETS, burnRates) ? burnPreset(burnRates) : [];
}

/** Over what time the objective is meant. 30 days is what most of the literature reckons with. */
export function objectiveWindow(objective: Objective): SloWindow {
  return objective.window ?? '30d';
}

/** True when some limit or pair of windows may take a release back. */
export function mayRollBack(rule: RuleDocument): boolean {
  return rule.limits?.rollback !== undefined || burnRatesOf(rule).some((pair) => pair.verdict === 'rollback');
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
