import type { DatadogTemplate } from './datadog-template.ts';
import type { FieldError } from './errors.ts';
import { namesOfQuery, parseQuery, type QueryTemplate } from './query-template.ts';
import { partErrors } from './ratio-parts.ts';
import { type Indicator, mayRollBack, queriesOf, type RuleDocument, type Scope } from './rule.ts';
import type { Plan } from './service.ts';
import type { ParsedTemplate, TemplateNames } from './template.ts';

const NO_PATH = 'this is a path and no query: use the indicator datadog-slo or datadog-monitor';

/** One query of a rule as far as it could be read; `template` and `names` are null when it could not. */
export interface RuleQuery {
  readonly part: 'bad' | 'good' | 'total' | 'value';
  readonly pointer: string;
  readonly error: string | null;
  readonly template: QueryTemplate | null;
  readonly names: TemplateNames | null;
}

/** Every query of an indicator, parsed. */
export function readQueries(indicator: Indicator): readonly RuleQuery[] {
  return queriesOf(indicator).map(({ part, text }) => {
    const pointer = `/indicator/${fieldOf(indicator, part)}`;
    const parsed = parseQuery(text);
    if ('error' in parsed) return { part, pointer, error: parsed.error, template: null, names: null };
    return { part, pointer, error: null, template: parsed, names: namesOfQuery(parsed) };
  });
}

/** Which field of the document a query comes from. */
function fieldOf(indicator: Indicator, part: RuleQuery['part']): string {
  if (indicator.kind === 'datadog-slo') return 'sloId';
  if (indicator.kind === 'datadog-monitor') return indicator.group === undefined ? 'monitorId' : 'group';
  return part === 'value' ? 'query' : part;
}

/** The placeholders of all queries together. */
export function namesInRule(queries: readonly RuleQuery[]): TemplateNames {
  const names = queries.flatMap((query) => query.names ?? []);
  return {
    service: names.some((one) => one.service),
    version: names.some((one) => one.version),
    ring: names.some((one) => one.ring),
    window: names.some((one) => one.window),
    labels: [...new Set(names.flatMap((one) => one.labels))],
  };
}

/** What is wrong with the queries of a rule, each by itself and as an indicator. */
export function checkQueries(
  rule: RuleDocument,
  queries: readonly RuleQuery[],
  plan: Plan,
  scope: Scope,
): readonly FieldError[] {
  return [
    ...queries.flatMap((query) => (query.error === null ? [] : [{ pointer: query.pointer, message: query.error }])),
    ...matchErrors(queries),
    ...(rule.indicator.kind === 'ratio' ? checkRatio(rule.indicator, queries, plan) : []),
    ...(rule.indicator.kind === 'threshold' ? checkThreshold(rule, queries) : []),
    ...checkAttribution(rule, queries, plan, scope),
  ];
}

/**
 * What makes queries unfit to be judged by: what can never match, what cannot be a count, and parts that are no share of
 * one another. A rule may have been saved before that was refused. What cannot be read at all is not in it: it cannot be
 * asked either.
 */
export function queryFaults(rule: RuleDocument, plan: Plan): readonly FieldError[] {
  const queries = readQueries(rule.indicator);
  return [...matchErrors(queries), ...(rule.indicator.kind === 'ratio' ? countErrors(queries, plan) : [])];
}

function matchErrors(queries: readonly RuleQuery[]): readonly FieldError[] {
  return queries.flatMap(({ pointer, template }) =>
    template?.language === 'promql' && template.unmatchable !== null
      ? [{ pointer, message: template.unmatchable }]
      : [],
  );
}

function checkRatio(
  indicator: { readonly bad?: string; readonly good?: string },
  queries: readonly RuleQuery[],
  plan: Plan,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (indicator.bad === undefined && indicator.good === undefined) {
    errors.push({ pointer: '/indicator', message: 'a ratio needs either bad or good, and total' });
  }
  if (indicator.bad !== undefined && indicator.good !== undefined) {
    errors.push({ pointer: '/indicator/good', message: 'a ratio has either bad or good, not both' });
  }
  return [...errors, ...countErrors(queries, plan)];
}

function countErrors(queries: readonly RuleQuery[], plan: Plan): readonly FieldError[] {
  const each = queries.flatMap(({ pointer, template }) => {
    if (template === null) return [];
    const messages = template.language === 'datadog' ? datadogCountErrors(template) : promqlCountErrors(template);
    return messages.map((message) => ({ pointer, message }));
  });
  return [...each, ...partErrors(queries, ['version', ...ringNames(plan)])];
}

function promqlCountErrors(template: ParsedTemplate): readonly string[] {
  return [
    ...(template.uncountable === null ? [] : [template.uncountable]),
    ...(template.movedInTime ? ['a ratio counts over the window itself: offset and @ would look elsewhere'] : []),
  ];
}

function datadogCountErrors({ kind, uncountable }: DatadogTemplate): readonly string[] {
  if (kind !== 'metric') return [NO_PATH];
  return uncountable === null ? [] : [uncountable];
}

function checkThreshold(rule: RuleDocument, queries: readonly RuleQuery[]): readonly FieldError[] {
  return queries.flatMap(({ pointer, template, names }) => {
    if (template?.language === 'datadog' && template.kind !== 'metric') return [{ pointer, message: NO_PATH }];
    if (names?.window !== true || rule.limits?.window !== undefined) return [];
    if (template?.language !== 'datadog') return [{ pointer, message: '${window} needs limits.window' }];
    const message = 'a Datadog query has no range of its own: say how far back it looks';
    return [{ pointer: '/limits/window', message }];
  });
}

/**
 * A rollback needs harm that is the release's own (law 2). A query that only says which release or
 * ring it does not mean, or does not say at all, would blame it for the others.
 */
function checkAttribution(
  rule: RuleDocument,
  queries: readonly RuleQuery[],
  plan: Plan,
  scope: Scope,
): readonly FieldError[] {
  if (!mayRollBack(rule) || scope === 'service') return [];
  if (scope === 'ring' && typeof rule.attribution === 'object') return [];
  const names = scope === 'release' ? ['version', 'release'] : ringNames(plan);
  return queries.flatMap(({ pointer, template }) => {
    if (template === null || template.slots.some((slot) => !slot.negated && names.includes(slot.name))) return [];
    return [
      { pointer, message: `a rule that may roll back must select the ${scope} with an = matcher in every query` },
    ];
  });
}

/** The placeholders that tell one ring from another. */
function ringNames(plan: Plan): readonly string[] {
  const labels = new Set(plan.rings.flatMap((ring) => Object.keys(ring.ownLabels)));
  return ['ring', ...[...labels].map((label) => `labels.${label}`)];
}
