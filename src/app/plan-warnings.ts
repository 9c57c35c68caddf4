import { scopeOf } from '../domain/rule-check.ts';
import { type Plan, planOf } from '../domain/service.ts';
import { noService } from './no-service.ts';
import type { Ports } from './ports.ts';
import type { NamedRule } from './references.ts';

/**
 * What is allowed but hardly meant: a ring in which no rule is measured holds for ever at its exit,
 * because only real evidence from there proves a release. Rules that merely observe do not count.
 */
export function warningsFor(plan: Plan, rules: readonly NamedRule[]): readonly string[] {
  return [...unmeasuredRings(plan, rules), ...idleRollbacks(plan, rules)];
}

/** A service-wide breach says nothing about one release, so its rollback limit can only ever hold. */
function idleRollbacks(plan: Plan, rules: readonly NamedRule[]): readonly string[] {
  return rules
    .filter(({ rule }) => rule.limits?.rollback !== undefined && scopeOf(rule, plan) === 'service')
    .map(
      ({ name }) => `${name} measures the whole service, so it never rolls back: beyond its rollback limit it holds`,
    );
}

function unmeasuredRings(plan: Plan, rules: readonly NamedRule[]): readonly string[] {
  if (plan.allowUnmeasured) return [];
  const counted = rules
    .map(({ rule }) => rule)
    .filter((rule) => rule.mode !== 'observe' && scopeOf(rule, plan) !== 'service');
  const unmeasured = plan.rings.filter(
    (ring) => !counted.some((rule) => rule.measuredIn === undefined || rule.measuredIn.includes(ring.name)),
  );
  return unmeasured.map(
    (ring) =>
      `no rule that counts is measured in ${ring.name}: a release cannot be proven there unless the plan says allowUnmeasured`,
  );
}

/**
 * The warnings of a service as it is configured now.
 * @throws GateError `not-found`.
 */
export async function listWarnings(ports: Pick<Ports, 'store'>, service: string): Promise<readonly string[]> {
  const state = await ports.store.gateState(service, '');
  if (state.service === null) throw noService(service);
  return warningsFor(planOf(state.service), state.rules);
}
