import type { FieldError } from '../domain/errors.ts';
import { languageOf } from '../domain/query-template.ts';
import { type Indicator, queriesOf, type RuleDocument } from '../domain/rule.ts';
import { checkRule } from '../domain/rule-check.ts';
import type { Plan } from '../domain/service.ts';
import type { ProviderDocument } from './ports.ts';
import { providersOf } from './references.ts';

export type KnownProviders = readonly { readonly name: string; readonly provider: ProviderDocument }[];

/**
 * Everything that is wrong with a rule among these providers, all at once. A query in the language of
 * another kind of provider is told to be that and nothing else: its own grammar would only confuse.
 */
export function ruleErrors(rule: RuleDocument, plan: Plan, providers: KnownProviders): readonly FieldError[] {
  const foreign = foreignQueries(rule, plan, providers);
  const told = new Set(foreign.map(({ pointer }) => pointer));
  const others = checkRule(
    rule,
    plan,
    providers.map(({ name }) => name),
  );
  return [...foreign, ...others.filter(({ pointer }) => !told.has(pointer))];
}

/** Queries that these providers cannot be asked. A recorded provider answers whatever it is asked. */
export function foreignQueries(rule: RuleDocument, plan: Plan, providers: KnownProviders): readonly FieldError[] {
  const asked = providersOf(rule, plan);
  return providers
    .filter(({ name }) => asked.includes(name))
    .flatMap(({ name, provider }) => foreignTo(provider.kind, rule.indicator).map((pointer) => ({ name, pointer })))
    .map(({ name, pointer }) => ({ pointer, message: messageFor(pointer, name, providers) }));
}

function foreignTo(kind: ProviderDocument['kind'], indicator: Indicator): readonly string[] {
  if (kind === 'recorded') return [];
  const wanted = kind === 'datadog' ? 'datadog' : 'promql';
  const wrong = queriesOf(indicator).filter(({ text }) => languageOf(text) !== wanted);
  if (wrong.length > 0 && indicator.kind.startsWith('datadog-')) return ['/indicator/kind'];
  return wrong.map(({ part }) => `/indicator/${part === 'value' ? 'query' : part}`);
}

function messageFor(pointer: string, name: string, providers: KnownProviders): string {
  if (pointer === '/indicator/kind') return `${name} is no Datadog, and only Datadog has SLOs and monitors to ask for`;
  const kind = providers.find((each) => each.name === name)?.provider.kind;
  if (kind === 'prometheus') return `${name} is a Prometheus, so its queries are PromQL and not Datadog's`;
  return `${name} is Datadog, whose queries are written sum:metric.name{version:\${version}}.as_count() and not in PromQL`;
}
