import { BURN_PRESETS } from './burn-presets.ts';
import { isTimeZone } from './calendar/zone.ts';
import { durationMs, parseDuration } from './duration.ts';
import { durationErrors } from './duration-check.ts';
import type { FieldError } from './errors.ts';
import { languageOf } from './query-template.ts';
import {
  burnRatesOf,
  countsEvents,
  type Objective,
  objectiveWindow,
  queriesOf,
  type RuleDocument,
  type Scope,
} from './rule.ts';
import { type BurnRate, highestBurnRate } from './slo.ts';
import { CALENDAR_UNITS } from './slo-period.ts';
import { MAX_WINDOW_MS, MIN_WINDOW_MS } from './template.ts';

const MOST_PAIRS = 10;
const LEAST_SLICE_MS = 10_000;
/** Each of them is a query of its own to the provider. */
const MOST_SLICES = 50_000;

/** What is wrong with the part of a rule that speaks in SLOs, also when there is nothing to judge at all. */
export function checkObjective(rule: RuleDocument, scope: Scope): readonly FieldError[] {
  if (!countsEvents(rule.indicator)) return checkThresholdHasNone(rule);
  const { limits, objective, burnRates, budget } = rule;
  const errors: FieldError[] = [];
  if (limits === undefined && burnRates === undefined && budget === undefined) {
    const message = 'there is nothing to judge: give limits, or an objective with burnRates, budget or both';
    errors.push({ pointer: objective === undefined ? '/limits' : '/objective', message });
  }
  if (objective === undefined && (burnRates !== undefined || budget !== undefined)) {
    errors.push({ pointer: '/objective', message: 'burnRates and budget are about an objective: give its target' });
  }
  return [
    ...errors,
    ...(objective === undefined ? [] : checkTarget(objective)),
    ...checkBurnRates(rule, scope),
    ...checkSlices(rule),
    ...checkBudget(rule, scope),
    ...checkUncertain(rule, scope),
  ];
}

function checkThresholdHasNone(rule: RuleDocument): readonly FieldError[] {
  const errors = (['objective', 'burnRates', 'budget', 'uncertain'] as const)
    .filter((field) => rule[field] !== undefined)
    .map((field) => ({ pointer: `/${field}`, message: 'only a ratio counts events, so only a ratio can have this' }));
  if (rule.limits !== undefined) return errors;
  return [...errors, { pointer: '/limits', message: 'it needs limits: there is nothing else to judge one value by' }];
}

function checkTarget({ target, window }: Objective): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!(target > 0 && target < 1)) {
    const advice =
      target === 1 || target === 100
        ? 'a target of 100 % leaves no budget, and no number of events could show that it is met'
        : 'a target is a share between 0 and 1, such as 0.999';
    errors.push({ pointer: '/objective/target', message: advice });
  }
  if (window === undefined || typeof window === 'string') {
    return [...errors, ...durationErrors('/objective/window', window, MIN_WINDOW_MS, MAX_WINDOW_MS)];
  }
  if (!CALENDAR_UNITS.includes(window.calendar)) {
    errors.push({ pointer: '/objective/window/calendar', message: `it is one of ${CALENDAR_UNITS.join(', ')}` });
  }
  if (!isTimeZone(window.timeZone)) {
    const message = `${window.timeZone} is not a time zone such as Europe/Berlin or UTC`;
    errors.push({ pointer: '/objective/window/timeZone', message });
  }
  return errors;
}

function checkBurnRates(rule: RuleDocument, scope: Scope): readonly FieldError[] {
  const { burnRates, objective } = rule;
  if (burnRates === undefined) return [];
  if (typeof burnRates === 'string' && !Object.hasOwn(BURN_PRESETS, burnRates)) {
    const known = Object.keys(BURN_PRESETS).join(' and ');
    return [{ pointer: '/burnRates', message: `there are no pairs named ${burnRates}; known are ${known}` }];
  }
  if (burnRates.length === 0) return [{ pointer: '/burnRates', message: 'name at least one pair of windows' }];
  const pairs = burnRatesOf(rule);
  if (pairs.length > MOST_PAIRS) return [{ pointer: '/burnRates', message: `at most ${MOST_PAIRS} pairs` }];
  return pairs.flatMap((pair, i) => {
    const at = typeof burnRates === 'string' ? '/burnRates' : `/burnRates/${i}`;
    return checkPair(pair, at, objective?.target, scope);
  });
}

function checkPair(pair: BurnRate, at: string, target: number | undefined, scope: Scope): readonly FieldError[] {
  const errors = [
    ...durationErrors(`${at}/long`, pair.long, MIN_WINDOW_MS, MAX_WINDOW_MS),
    ...durationErrors(`${at}/short`, pair.short, MIN_WINDOW_MS, MAX_WINDOW_MS),
  ];
  const pointer = at === '/burnRates' ? at : `${at}/factor`;
  if (!(Number.isFinite(pair.factor) && pair.factor > 0)) {
    errors.push({ pointer, message: 'a factor is a number above 0' });
  } else if (target !== undefined && target > 0 && target < 1 && pair.factor >= highestBurnRate(target)) {
    const most = highestBurnRate(target)
      .toPrecision(6)
      .replace(/\.?0+$/, '');
    const message = `with the target ${target} no burn rate exceeds ${most}, so ${pair.factor} over ${pair.long} could never fire`;
    errors.push({ pointer, message });
  }
  if (scope === 'service' && pair.verdict === 'rollback') {
    const message = 'a rule that measures the whole service does not speak of one release, so it can only hold';
    errors.push({ pointer: `${at}/verdict`, message });
  }
  return errors;
}

/** Slices are put together by the provider, so each window must hold whole ones, and not too many. */
function checkSlices(rule: RuleDocument): readonly FieldError[] {
  const { objective, limits } = rule;
  const slices = objective?.slices;
  if (objective === undefined || slices === undefined) return [];
  const pointer = '/objective/slices';
  const errors = [...durationErrors(`${pointer}/window`, slices.window, LEAST_SLICE_MS, MAX_WINDOW_MS)];
  if (slices.target !== undefined && !(slices.target > 0 && slices.target <= 1)) {
    errors.push({
      pointer: `${pointer}/target`,
      message: 'the share of good events in a good slice, above 0 and at most 1',
    });
  }
  if (limits !== undefined) {
    errors.push({ pointer, message: 'limits count events and not slices: give them in a rule of their own' });
  }
  if (queriesOf(rule.indicator).some(({ text }) => languageOf(text) !== 'promql')) {
    errors.push({ pointer, message: 'only counts in PromQL can be put together slice by slice' });
  }
  if (errors.length > 0) return errors;
  const sliceMs = durationMs(slices.window);
  const period = objectiveWindow(objective);
  const windows = [
    ...burnRatesOf(rule).flatMap(({ long, short }) => [long, short]),
    ...(typeof period === 'string' ? [period] : []),
  ].filter((window) => parseDuration(window) !== null);
  return windows.flatMap((window) => {
    if (durationMs(window) < sliceMs)
      return [{ pointer: `${pointer}/window`, message: `a window of ${window} holds no slice of ${slices.window}` }];
    if (durationMs(window) <= MOST_SLICES * sliceMs) return [];
    return [
      { pointer: `${pointer}/window`, message: `${window} has more than ${MOST_SLICES} slices of ${slices.window}` },
    ];
  });
}

function checkBudget({ budget }: RuleDocument, scope: Scope): readonly FieldError[] {
  if (budget === undefined) return [];
  const errors: FieldError[] = [];
  if (scope !== 'service') {
    const message = `a budget belongs to the whole service, but a query of this rule names the ${scope}: use burnRates here`;
    errors.push({ pointer: '/budget', message });
  }
  if (!(budget.holdBelow >= 0 && budget.holdBelow < 1)) {
    errors.push({ pointer: '/budget/holdBelow', message: 'it is a share of the budget, from 0 to less than 1' });
  }
  return errors;
}

function checkUncertain({ uncertain }: RuleDocument, scope: Scope): readonly FieldError[] {
  const promoteAfter = uncertain?.['too-few-events']?.promoteAfter;
  if (promoteAfter === undefined) return [];
  const pointer = '/uncertain/too-few-events';
  if (scope === 'service') {
    const message = 'it counts from the deployment of a release, and this rule measures the whole service';
    return [{ pointer, message }];
  }
  return durationErrors(`${pointer}/promoteAfter`, promoteAfter, MIN_WINDOW_MS);
}
