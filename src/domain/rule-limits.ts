import { durationErrors } from './duration-check.ts';
import type { FieldError } from './errors.ts';
import { type Bound, countsEvents, type Indicator, type RuleDocument } from './rule.ts';
import { MAX_WINDOW_MS, MIN_WINDOW_MS } from './template.ts';

/**
 * What is wrong with a rule's limits. On a side where both are given, hold must be reached no later
 * than rollback. A side with a rollback alone is fine: until it has lasted and enough is known, a
 * breached rollback bound is a hold anyway.
 */
export function checkLimits(rule: RuleDocument): readonly FieldError[] {
  if (rule.limits === undefined) return [];
  const { hold, rollback, window } = rule.limits;
  const errors: FieldError[] = [];
  if (hold === undefined && rollback === undefined) {
    errors.push({ pointer: '/limits', message: 'limits need hold, rollback or both' });
  }
  if (window === undefined && countsEvents(rule.indicator)) {
    errors.push({ pointer: '/limits', message: 'a ratio needs limits.window, the time over which it counts' });
  }
  return [
    ...errors,
    ...durationErrors('/limits/window', window, MIN_WINDOW_MS, MAX_WINDOW_MS),
    ...durationErrors('/limits/for', rule.limits.for, 1),
    ...boundErrors('/limits/hold', hold, rule.indicator),
    ...boundErrors('/limits/rollback', rollback, rule.indicator),
    ...orderErrors(hold ?? {}, rollback ?? {}),
  ];
}

function boundErrors(at: string, bound: Bound | undefined, indicator: Indicator): readonly FieldError[] {
  if (bound === undefined) return [];
  const sides = (['above', 'below'] as const).filter((side) => bound[side] !== undefined);
  if (sides.length === 0) return [{ pointer: at, message: 'a limit needs above, below or both' }];
  return sides.flatMap((side) => {
    const value = bound[side] ?? Number.NaN;
    const pointer = `${at}/${side}`;
    if (!Number.isFinite(value)) return [{ pointer, message: 'a limit is a finite number' }];
    if (countsEvents(indicator) && (value < 0 || value > 1))
      return [{ pointer, message: 'a ratio lies between 0 and 1' }];
    if (indicator.kind !== 'datadog-monitor' || (side === 'above' && value >= 0 && value < 2)) return [];
    return [{ pointer, message: 'a monitor is 0 (OK), 1 (Warn) or 2 (Alert): write above 0 or above 1' }];
  });
}

function orderErrors(hold: Bound, rollback: Bound): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (hold.above !== undefined && rollback.above !== undefined && hold.above > rollback.above) {
    errors.push({
      pointer: '/limits/hold/above',
      message: 'hold must be reached no later than rollback: at most rollback.above',
    });
  }
  if (hold.below !== undefined && rollback.below !== undefined && hold.below < rollback.below) {
    errors.push({
      pointer: '/limits/hold/below',
      message: 'hold must be reached no later than rollback: at least rollback.below',
    });
  }
  const lowest = Math.min(hold.above ?? Infinity, rollback.above ?? Infinity);
  const highest = Math.max(hold.below ?? -Infinity, rollback.below ?? -Infinity);
  if (highest > lowest) {
    errors.push({
      pointer: '/limits',
      message: 'every value breaches one of these limits, so nothing could ever be promoted',
    });
  }
  return errors;
}
