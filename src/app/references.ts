import type { Life } from '../domain/life.ts';
import { hasLease, isClaimed, isLive } from '../domain/lives.ts';
import { providerOf } from '../domain/probes.ts';
import { type RuleDocument, ringsMeasured } from '../domain/rule.ts';
import { type Plan, planOf, type ServiceDocument } from '../domain/service.ts';
import { everyConfig } from './every-config.ts';
import type { Store } from './ports.ts';

/** A rule under its name, as the store keeps the rules of a service. */
export interface NamedRule {
  readonly name: string;
  readonly rule: RuleDocument;
}

/** The providers a rule asks, in whichever ring; through `${labels.NAME}` it may be a different one in each. */
export function providersOf(rule: RuleDocument, plan: Plan): readonly string[] {
  const named = ringsMeasured(rule) ?? rule.guards;
  const asked = plan.rings.filter((ring) => named === undefined || named.includes(ring.name));
  const providers = asked.map((ring) => providerOf(rule, ring)).filter((provider) => provider !== null);
  return [...new Set(providers)];
}

/** The providers that all rules of a service ask together. */
export function providersIn(plan: Plan | null, rules: readonly NamedRule[]): ReadonlySet<string> {
  return new Set(plan === null ? [] : rules.flatMap(({ rule }) => providersOf(rule, plan)));
}

/** A rule together with the service it belongs to; without a plan when that is just being deleted. */
export interface OwnedRule extends NamedRule {
  readonly service: string;
  readonly plan: Plan | undefined;
}

/** Every rule of every service that asks this provider. */
export async function rulesUsing(store: Store, provider: string): Promise<readonly OwnedRule[]> {
  const services = await everyConfig<ServiceDocument>(store, 'service');
  const plans = new Map(services.map((row) => [row.name, planOf(row.document)]));
  const rules = await everyConfig<RuleDocument>(store, 'rule');
  return rules
    .map(({ owner, name, document }) => ({ service: owner, name, rule: document, plan: plans.get(owner) }))
    .filter(({ rule, plan }) => {
      return rule.indicator.provider === provider || (plan && providersOf(rule, plan).includes(provider));
    });
}

/** The lives that stand in the way of taking their ring away: they run there, or have a promise to. */
export function standingLives(lives: readonly Life[], now: string): readonly Life[] {
  return lives.filter((life) => (isLive(life) && !isClaimed(life)) || hasLease(life, now));
}
