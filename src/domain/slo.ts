/**
 * SLO arithmetic on counts of events. A ratio over several windows or series is always Σbad/Σtotal,
 * never an average of ratios, which would weigh a quiet night like a busy noon.
 * Formulas: Google SRE Workbook, chapter 5 "Alerting on SLOs"; the same algebra stands in the
 * documentation of Sloth, Pyrra and Datadog. Results are rounded to twelve significant digits, so that
 * a limit that is met exactly is not exceeded by the noise of binary fractions.
 */
export interface Events {
  readonly bad: number;
  readonly total: number;
}

/** A burn rate has to exceed `factor` over both windows. Durations as in Prometheus. */
export interface BurnRate {
  readonly long: string;
  readonly short: string;
  readonly factor: number;
  readonly verdict?: 'hold' | 'rollback';
}

/** Twelve significant digits: more than any measurement is worth, fewer than a double has. */
export function precise(value: number): number {
  return Number(value.toPrecision(12));
}

/** The share of events that may be bad: 1 − target. Target is a share in (0, 1). */
export function allowedShare(target: number): number {
  return precise(1 - target);
}

/** Σbad/Σtotal as one count: the only way in which windows, slices or series are put together. */
export function sumOf(parts: readonly Events[]): Events {
  return {
    bad: parts.reduce((sum, part) => sum + part.bad, 0),
    total: parts.reduce((sum, part) => sum + part.total, 0),
  };
}

/** bad/total; null when nothing happened, which is neither good nor bad. */
export function badRatio({ bad, total }: Events): number | null {
  return total > 0 ? precise(bad / total) : null;
}

/** How many times faster than sustainable the budget is spent: badRatio/(1 − target). 1 spends it exactly. */
export function burnRate(events: Events, target: number): number | null {
  return events.total > 0 ? precise(events.bad / events.total / allowedShare(target)) : null;
}

/** No burn rate is higher: everything fails. */
export function highestBurnRate(target: number): number {
  return precise(1 / allowedShare(target));
}

/** The share of the period's budget that is left: 1 − burn(period). Negative when more than all of it is spent. */
export function remainingBudget(period: Events, target: number): number | null {
  const burnt = burnRate(period, target);
  return burnt === null ? null : precise(1 - burnt);
}

/** How many more events may be bad among those of the period: total·(1 − target) − bad. May be negative. */
export function badLeft({ bad, total }: Events, target: number): number {
  return precise(total * allowedShare(target) - bad);
}

/** The burn rate that spends the share `spend` of a period's budget within the window: spend·period/window. */
export function factorFor(spend: number, periodMs: number, windowMs: number): number {
  return precise((spend * periodMs) / windowMs);
}

/** True when the burn rates over both windows are known and exceed the factor, strictly. */
export function exceedsBoth(factor: number, long: number | null, short: number | null): boolean {
  return long !== null && short !== null && long > factor && short > factor;
}

/**
 * Events needed before a ratio says anything about a target. With none bad among n, a share p of bad
 * events is ruled out at 95 % from n = 3/p on (rule of three); a tenth of that is enough to be told
 * that a release is ten times worse than its budget, which is what a gate has to find.
 */
export function eventsFor(target: number): number {
  return Math.ceil(precise(3 / allowedShare(target) / 10));
}

/** How a period goes on: a rolling one moves with time, a calendar one ends and begins anew. Milliseconds. */
export type PeriodCourse =
  | { readonly kind: 'rolling'; readonly lengthMs: number }
  | { readonly kind: 'calendar'; readonly elapsedMs: number; readonly leftMs: number };

/**
 * Milliseconds until nothing is left of the budget when errors go on at the burn rate `burn` and
 * traffic as it has been; null when it is spent already or lasts.
 *
 * Rolling: remaining·period/burn, which is the earliest, because what leaves the window at its other
 * end is not known from counts and is left out. After a whole period only the present rate is in it, so with burn ≤ remaining it lasts.
 * Calendar, with e elapsed and x to come: the budget is spent when (1 − remaining)·e + burn·x = e + x,
 * so x = remaining·e/(burn − 1), if that comes before the period ends.
 */
export function timeToExhaustion(remaining: number, burn: number, course: PeriodCourse): number | null {
  if (remaining <= 0) return null;
  if (course.kind === 'rolling') return burn <= remaining ? null : (remaining * course.lengthMs) / burn;
  if (burn <= 1) return null;
  const ms = (remaining * course.elapsedMs) / (burn - 1);
  return ms < course.leftMs ? ms : null;
}

/**
 * Milliseconds until at least `wanted` of a calendar period's budget is left again, at the burn rate
 * `burn`: traffic dilutes old errors, x = e·(wanted − remaining)/(1 − wanted − burn), and the next
 * period begins anew. A rolling period needs to know when its old errors came: see rolling-recovery.ts.
 */
export function timeToRecovery(
  remaining: number,
  wanted: number,
  burn: number,
  { elapsedMs, leftMs }: Extract<PeriodCourse, { kind: 'calendar' }>,
): number {
  const room = 1 - wanted - burn;
  return room <= 0 ? leftMs : Math.min(leftMs, (elapsedMs * (wanted - remaining)) / room);
}
