import type { FieldError } from './errors.ts';
import { type Indicator, mayRollBack, queriesOf, type RuleDocument, type Scope } from './rule.ts';
import type { Plan } from './service.ts';
import { namesOf, type ParsedTemplate, parseTemplate, type TemplateNames } from './template.ts';

/** One query of a rule as far as it could be read; `template` and `names` are null when it could not. */
export interface RuleQuery {
  readonly part: 'bad' | 'good' | 'total' | 'value';
  readonly pointer: string;
  readonly error: string | null;
  readonly template: ParsedTemplate | null;
  readonly names: TemplateNames | null;
}

/** Every query of an indicator, parsed. */
export function readQueries(indicator: Indicator): readonly RuleQuery[] {
  return queriesOf(indicator).map(({ part, text }) => {
    const pointer = `/indicator/${part === 'value' ? 'query' : part}`;
    const parsed = parseTemplate(text);
    if ('error' in parsed) return { part, pointer, error: parsed.error, template: null, names: null };
    return { part, pointer, error: null, template: parsed, names: namesOf(parsed) };
  });
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
    ...(rule.indicator.kind === 'ratio' ? checkRatio(rule.indicator, queries) : checkThreshold(rule, queries)),
    ...checkAttribution(rule, queries, plan, scope),
  ];
}

function checkRatio(
  indicator: { readonly bad?: string; readonly good?: string },
  queries: readonly RuleQuery[],
): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (indicator.bad === undefined && indicator.good === undefined) {
    errors.push({ pointer: '/indicator', message: 'a ratio needs either bad or good, and total' });
  }
  if (indicator.bad !== undefined && indicator.good !== undefined) {
    errors.push({ pointer: '/indicator/good', message: 'a ratio has either bad or good, not both' });
  }
  for (const { pointer, template, names } of queries) {
    if (template === null) continue;
    if (names?.window === false) {
      errors.push({ pointer, message: `a ratio counts over the window: write [\${window}]` });
    }
    if (template.rate !== null) {
      errors.push({ pointer, message: `a ratio needs counts, and ${template.rate}() is per second: write increase()` });
    }
    if (template.movedInTime) {
      errors.push({ pointer, message: 'a ratio counts over the window itself: offset and @ would look elsewhere' });
    }
  }
  return errors;
}

function checkThreshold(rule: RuleDocument, queries: readonly RuleQuery[]): readonly FieldError[] {
  return queries.flatMap(({ pointer, names }) =>
    names?.window === true && rule.limits?.window === undefined
      ? [{ pointer, message: `\${window} needs limits.window` }]
      : [],
  );
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
  const names =
    scope === 'release' ? ['version', 'release'] : ['ring', ...ownLabelsOf(plan).map((label) => `labels.${label}`)];
  return queries.flatMap(({ pointer, template }) => {
    if (template === null || template.slots.some((slot) => !slot.negated && names.includes(slot.name))) return [];
    return [
      { pointer, message: `a rule that may roll back must select the ${scope} with an = matcher in every query` },
    ];
  });
}

function ownLabelsOf(plan: Plan): readonly string[] {
  return [...new Set(plan.rings.flatMap((ring) => Object.keys(ring.ownLabels)))];
}
