import { ringsCounted } from '../domain/attribution.ts';
import { BURN_PRESETS } from '../domain/burn-presets.ts';
import { countDoubts } from '../domain/count-doubts.ts';
import { durationMs } from '../domain/duration.ts';
import { burnRatesOf, objectiveWindow, ringsMeasured } from '../domain/rule.ts';
import { scopeOf } from '../domain/rule-check.ts';
import type { Plan } from '../domain/service.ts';
import type { NamedRule } from './references.ts';

/**
 * What is allowed but hardly meant, as far as the configuration alone shows it: a ring in which no rule
 * is measured holds for ever at its exit, because only real evidence from there proves a release. Rules
 * that merely observe do not count.
 */
export function warningsFor(plan: Plan, rules: readonly NamedRule[]): readonly string[] {
  return [...unmeasuredRings(plan, rules), ...rules.flatMap((rule) => ruleWarnings(rule, plan))];
}

/** The warnings about one rule. */
export function ruleWarnings(named: NamedRule, plan: Plan): readonly string[] {
  const { name, rule } = named;
  const counts = countDoubts(rule, scopeOf(rule, plan)).map((doubt) => `${name}: ${doubt}`);
  return [
    ...unattributed(named, plan),
    ...idleRollback(named, plan),
    ...idleObjective(named),
    ...oddWindows(named),
    ...counts,
  ];
}

/** Traffic of one ring would have to prove another one, which the gate does not let it. */
function unattributed({ name, rule }: NamedRule, plan: Plan): readonly string[] {
  if (rule.attribution !== undefined || scopeOf(rule, plan) !== 'release') return [];
  const asked = plan.rings.filter((ring) => ringsMeasured(rule)?.includes(ring.name) ?? true);
  if (asked.every((ring) => ringsCounted(rule, ring, plan).length === 1)) return [];
  return [
    `${name} selects the release and not the ring, so it proves a ring only while the release runs in no other one: select the ring with \${ring} in every query, or say "attribution": "release" if what the release does in one ring may prove another`,
  ];
}

/** A service-wide breach says nothing about one release, so its rollback limit can only ever hold. */
function idleRollback({ name, rule }: NamedRule, plan: Plan): readonly string[] {
  if (rule.limits?.rollback === undefined || scopeOf(rule, plan) !== 'service') return [];
  return [`${name} measures the whole service, so it never rolls back: beyond its rollback limit it holds`];
}

function idleObjective({ name, rule }: NamedRule): readonly string[] {
  if (rule.objective === undefined || rule.burnRates !== undefined || rule.budget !== undefined) return [];
  return [`${name} has an objective but neither burnRates nor budget: it is judged by its limits alone`];
}

/** The short window shows that a burn goes on, and the period is what both are a part of. */
function oddWindows({ name, rule }: NamedRule): readonly string[] {
  const { objective, burnRates } = rule;
  if (objective === undefined) return [];
  const window = objectiveWindow(objective);
  const periodMs = typeof window === 'string' ? durationMs(window) : Number.POSITIVE_INFINITY;
  const ofPairs = burnRatesOf(rule).flatMap(({ long, short }) => {
    const [longMs, shortMs] = [durationMs(long), durationMs(short)];
    if (shortMs >= longMs) return [`${name}: the short window ${short} is not shorter than the long one, ${long}`];
    return longMs > periodMs ? [`${name}: the window ${long} is longer than the objective's own, ${window}`] : [];
  });
  if (typeof burnRates !== 'string' || BURN_PRESETS[burnRates] === window) return ofPairs;
  const said = typeof window === 'string' ? window : `a ${window.calendar}`;
  return [
    ...ofPairs,
    `${name}: the factors of ${burnRates} are meant for a window of ${BURN_PRESETS[burnRates]}, not of ${said}`,
  ];
}

function unmeasuredRings(plan: Plan, rules: readonly NamedRule[]): readonly string[] {
  if (plan.allowUnmeasured) return [];
  const counted = rules
    .map(({ rule }) => rule)
    .filter((rule) => rule.mode !== 'observe' && scopeOf(rule, plan) !== 'service');
  const unmeasured = plan.rings.filter(
    (ring) => !counted.some((rule) => ringsMeasured(rule)?.includes(ring.name) ?? true),
  );
  return unmeasured.map(
    (ring) =>
      `no rule that counts is measured in ${ring.name}: a release cannot be proven there unless the plan says allowUnmeasured`,
  );
}
