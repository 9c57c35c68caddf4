import { attributionErrors } from './attribution-check.ts';
import { durationErrors } from './duration-check.ts';
import type { FieldError } from './errors.ts';
import { keptFor } from './kept.ts';
import { fillQuery } from './query-template.ts';
import { countsEvents, type RuleDocument, ringsMeasured, type Scope } from './rule.ts';
import { checkLimits } from './rule-limits.ts';
import { checkObjective } from './rule-objective.ts';
import { checkQueries, namesInRule, type RuleQuery, readQueries } from './rule-queries.ts';
import type { Plan, Ring } from './service.ts';

const LEAST_AGE_MS = 10_000;
const PLACEHOLDER = /^\$\{labels\.([a-zA-Z_][a-zA-Z0-9_]*)\}$/;

/**
 * What a rule speaks about: the release when a query names it, the ring when a query names the ring
 * or a label that some ring sets itself, or when the rule states a ring; else the whole service. Queries
 * that do not parse name nothing.
 */
export function scopeOf(rule: RuleDocument, plan: Plan): Scope {
  return scopesIn(plan)(rule);
}

const scopesIn = keptFor((plan: Plan) =>
  keptFor((rule: RuleDocument) => scopeOfQueries(rule, readQueries(rule.indicator), plan)),
);

function scopeOfQueries({ attribution }: RuleDocument, queries: readonly RuleQuery[], plan: Plan): Scope {
  const names = namesInRule(queries);
  if (names.version) return 'release';
  const ofRing = names.labels.some((label) => plan.rings.some((ring) => Object.hasOwn(ring.ownLabels, label)));
  return names.ring || ofRing || typeof attribution === 'object' ? 'ring' : 'service';
}

/**
 * Everything that is wrong with a rule beyond its schema, all at once. It must be asked again whenever
 * the plan or the providers change, because a rule refers to both.
 */
export function checkRule(rule: RuleDocument, plan: Plan, providerNames: readonly string[]): readonly FieldError[] {
  const queries = readQueries(rule.indicator);
  const scope = scopeOfQueries(rule, queries, plan);
  const { errors, asked } = checkRings(rule, plan, scope);
  return distinct([
    ...checkQueries(rule, queries, plan, scope),
    ...attributionErrors(rule, queries, plan, scope),
    ...checkProvider(rule.indicator.provider, asked, providerNames),
    ...checkLabels(queries, asked),
    ...checkLabelValues(queries, asked),
    ...checkLimits(rule),
    ...checkObjective(rule, scope),
    ...checkCounts(rule),
    ...durationErrors('/maxAge', rule.maxAge, LEAST_AGE_MS),
    ...errors,
  ]);
}

/** Each error once: two queries may come from one field. */
function distinct(errors: readonly FieldError[]): readonly FieldError[] {
  return [...new Map(errors.map((error) => [`${error.pointer} ${error.message}`, error])).values()];
}

/** The rings in which the rule is asked, and what is wrong with their names. */
function checkRings(
  rule: RuleDocument,
  plan: Plan,
  scope: Scope,
): { readonly errors: readonly FieldError[]; readonly asked: readonly Ring[] } {
  const errors: FieldError[] = [];
  if (scope === 'service' && rule.measuredIn !== undefined) {
    const message =
      'no query names the release or a ring, so the rule measures the whole service: say which rings it guards instead';
    errors.push({ pointer: '/measuredIn', message });
  }
  if (scope !== 'service' && rule.guards !== undefined) {
    const message = `the rule measures a ${scope}: say in which rings it is measuredIn instead`;
    errors.push({ pointer: '/guards', message });
  }
  errors.push(...namesErrors('/measuredIn', rule.measuredIn, plan), ...namesErrors('/guards', rule.guards, plan));
  const named = scope === 'service' ? rule.guards : ringsMeasured(rule);
  return { errors, asked: plan.rings.filter((ring) => named === undefined || named.includes(ring.name)) };
}

function namesErrors(pointer: string, names: readonly string[] | undefined, plan: Plan): readonly FieldError[] {
  if (names === undefined) return [];
  if (names.length === 0) return [{ pointer, message: 'name at least one ring, or leave it out for all rings' }];
  return names.flatMap((name, i) => {
    const at = `${pointer}/${i}`;
    if (!plan.rings.some((ring) => ring.name === name))
      return [{ pointer: at, message: `there is no ring named ${name}` }];
    return names.indexOf(name) < i ? [{ pointer: at, message: `${name} is named twice` }] : [];
  });
}

function checkProvider(
  provider: string,
  asked: readonly Ring[],
  providerNames: readonly string[],
): readonly FieldError[] {
  const pointer = '/indicator/provider';
  const label = PLACEHOLDER.exec(provider)?.[1];
  if (label === undefined) {
    if (providerNames.includes(provider)) return [];
    return [{ pointer, message: `there is no provider named ${provider}` }];
  }
  return asked.flatMap((ring) => {
    const name = labelOf(ring, label);
    if (name === undefined) return [{ pointer, message: `${ring.name} has no label ${label}` }];
    if (providerNames.includes(name)) return [];
    return [
      { pointer, message: `the label ${label} of ${ring.name} names the provider ${name}, which does not exist` },
    ];
  });
}

function checkLabels(queries: readonly RuleQuery[], asked: readonly Ring[]): readonly FieldError[] {
  return queries.flatMap((query) =>
    (query.names?.labels ?? []).flatMap((label) => {
      const without = asked.filter((ring) => labelOf(ring, label) === undefined).map((ring) => ring.name);
      if (without.length === 0) return [];
      return [{ pointer: query.pointer, message: `\${labels.${label}} has no value in ${without.join(', ')}` }];
    }),
  );
}

/** Datadog has no quoting, so a label's value may be one that it cannot be asked for: better told now than at the gate. */
function checkLabelValues(queries: readonly RuleQuery[], asked: readonly Ring[]): readonly FieldError[] {
  return queries.flatMap(({ pointer, template, names }) => {
    if (template?.language !== 'datadog') return [];
    const complete = asked.filter((ring) => names?.labels.every((label) => labelOf(ring, label) !== undefined));
    return complete.flatMap(({ name: ring, labels }) => {
      const filled = fillQuery(template, { service: 'service', version: '1', ring, labels, windowMs: null });
      return 'error' in filled ? [{ pointer, message: `in ${ring} ${filled.error}` }] : [];
    });
  });
}

function labelOf(ring: Ring, label: string): string | undefined {
  return Object.hasOwn(ring.labels, label) ? ring.labels[label] : undefined;
}

function checkCounts(rule: RuleDocument): readonly FieldError[] {
  const check = (pointer: string, value: number | undefined, least: number): readonly FieldError[] => {
    if (value === undefined) return [];
    if (!countsEvents(rule.indicator)) return [{ pointer, message: 'only a ratio counts events' }];
    if (Number.isSafeInteger(value) && value >= least) return [];
    return [{ pointer, message: `it must be a whole number of at least ${least}` }];
  };
  return [...check('/minEvents', rule.minEvents, 0), ...check('/minBad', rule.minBad, 1)];
}
