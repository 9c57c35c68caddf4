import { after } from './instant.ts';
import { type BurnProbe, type Probe, presentSamples, type Sample } from './probe.ts';
import { atWorst, type Counts, countsOf, type Readings } from './reading.ts';
import { type Lately, timeToRollingRecovery } from './rolling-recovery.ts';
import { objectiveWindow } from './rule.ts';
import {
  badLeft,
  burnRate,
  exceedsBoth,
  type PeriodCourse,
  remainingBudget,
  timeToExhaustion,
  timeToRecovery,
} from './slo.ts';
import { courseOf, type Period, periodAt } from './slo-period.ts';

/** What was measured, in terms of the objective: burn rates of the pairs, and the budget of the period. */
export interface PairState extends BurnProbe {
  readonly burn: { readonly long: number | null; readonly short: number | null };
  readonly fires: boolean;
  /** Whether it would with everything that may be bad besides; a short window that is silent does not say that it is over. */
  readonly mayFire: boolean;
}

/** The burn rates of every pair now, in the rule's order. None for a rule without objective. */
export function pairStates(probe: Probe, readings: Readings): readonly PairState[] {
  return probe.burns.map((each) => {
    const { factor } = each.pair;
    const [long, short] = [countsOf(readings, each.long[0]), countsOf(readings, each.short[0])];
    const burn = { long: burnOf(probe, long), short: burnOf(probe, short) };
    const worst = { long: burnOf(probe, long && atWorst(long)), short: burnOf(probe, short && atWorst(short)) };
    const fires = exceedsBoth(factor, burn.long, burn.short);
    return { ...each, burn, fires, mayFire: exceedsBoth(factor, worst.long, worst.short ?? worst.long) };
  });
}

/** How fast these events burn the rule's budget; null without events or objective. */
export function burnOf({ rule }: Probe, counts: Counts | null): number | null {
  return counts === null || rule.objective === undefined ? null : burnRate(counts, rule.objective.target);
}

export interface BudgetState {
  /** The share that is left; negative when more than all is spent. */
  readonly remaining: number;
  /** How many more of the period's events may be bad. */
  readonly badLeft: number;
  /** When nothing is left at the present rate; null when it is spent, lasts, or the present rate is not known. */
  readonly exhaustedAt: string | null;
  /** The burn rate from which the future is told; null where only the period is known. */
  readonly presentBurn: number | null;
  /** When enough is left again at the present rate; null when there is enough, or when it does not recover. */
  readonly recoversAt: string | null;
  readonly period: Period;
  /** What was counted in it. */
  readonly counts: Counts;
  /** What is left with everything that may be bad besides. */
  readonly remainingAtWorst: number;
}

/** The budget of the objective's period; null for a rule without one, or where the period is not known. */
export function budgetState(probe: Probe, readings: Readings): BudgetState | null {
  const { objective, budget } = probe.rule;
  const counts = countsOf(readings, probe.period);
  if (objective === undefined || budget === undefined || counts === null || probe.at === null) return null;
  const { at } = probe;
  const remaining = remainingBudget(counts, objective.target);
  if (remaining === null) return null;
  const window = objectiveWindow(objective);
  const course = courseOf(window, at);
  const rate = burnOf(probe, countsOf(readings, presentSample(probe)));
  const instantIn = (ms: number | null): string | null => (ms === null ? null : after(at, Math.round(ms)));
  const short = rate !== null && remaining < budget.holdBelow;
  return {
    remaining,
    badLeft: badLeft(counts, objective.target),
    exhaustedAt: rate === null ? null : instantIn(timeToExhaustion(remaining, rate, course)),
    presentBurn: rate,
    recoversAt: short ? instantIn(recoveryOf(probe, readings, { remaining, rate, course })) : null,
    period: periodAt(window, at),
    counts,
    remainingAtWorst: remainingBudget(atWorst(counts), objective.target) ?? remaining,
  };
}

function recoveryOf(
  probe: Probe,
  readings: Readings,
  { remaining, rate, course }: { remaining: number; rate: number; course: PeriodCourse },
): number | null {
  const { objective, budget } = probe.rule;
  if (objective === undefined || budget === undefined) return null;
  if (course.kind === 'calendar') return timeToRecovery(remaining, budget.holdBelow, rate, course);
  const lately = (sample: Sample | null | undefined): readonly Lately[] => {
    const counts = countsOf(readings, sample);
    return sample?.windowMs == null || counts === null ? [] : [{ ...counts, windowMs: sample.windowMs }];
  };
  const [present] = lately(presentSample(probe));
  const windows = presentSamples(probe).filter(({ windowMs }) => windowMs !== null && windowMs <= course.lengthMs);
  const aims = { target: objective.target, wanted: budget.holdBelow };
  return present === undefined ? null : timeToRollingRecovery(windows.flatMap(lately), present, aims);
}

/** The shortest of the long windows, or that of the limits: short ones are too noisy to foretell from. */
function presentSample(probe: Probe): Sample | undefined {
  const long = probe.burns.flatMap((each) => each.long[0] ?? []);
  const windows = long.length > 0 ? long : probe.samples.slice(0, 1);
  return windows
    .filter((sample) => (sample.windowMs ?? 0) < (probe.period?.windowMs ?? 0))
    .sort((a, b) => (a.windowMs ?? 0) - (b.windowMs ?? 0))[0];
}
