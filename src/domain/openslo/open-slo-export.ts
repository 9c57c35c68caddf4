import { stringify } from 'yaml';
import { isName } from '../release.ts';
import { countsEvents, type Indicator, type RuleDocument } from '../rule.ts';
import type { ServiceDocument } from '../service.ts';
import { annotationText, NONE, PREFIX } from './annotation.ts';
import { writeAlerts } from './burn-alerts.ts';
import { kindFor, typeOf } from './metric-source.ts';
import { writeWindow } from './objective-window.ts';
import { API_VERSION } from './open-slo-document.ts';
import { given, UNSAID, usualBudget } from './rule-fields.ts';
import { writeSlices } from './slices.ts';

/** What OpenSLO's own tools take at most. Source: its README and the checks of its SDK. */
const LONGEST = { description: 1050, displayName: 63 };
const LABEL = /^[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/;

/** What a service is exported from. */
export interface Exported {
  readonly name: string;
  readonly service: ServiceDocument;
  readonly rules: readonly { readonly name: string; readonly rule: RuleDocument }[];
  /** The providers that its rules ask. */
  readonly providers: readonly { readonly name: string; readonly kind: string }[];
}

/** The documents as a stream of YAML 1.2 that readers of 1.1 take for the same. */
export function yamlOf(documents: readonly object[]): string {
  const options = { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' } as const;
  return documents.map((document) => stringify(document, options)).join('---\n');
}

/** A service with its rules as OpenSLO v1: read again, the documents give the very same service and rules. */
export function documentsOf({ name, service, rules, providers }: Exported): readonly object[] {
  return [
    serviceOf(name, service),
    ...providers.map((each) => documentOf('DataSource', { name: each.name }, dataSource(each.kind))),
    ...rules.map((each) => ruleOf(name, each.name, each.rule)),
  ];
}

function documentOf(kind: string, metadata: object, spec: object): object {
  return { apiVersion: API_VERSION, kind, metadata, spec };
}

function dataSource(kind: string): object {
  return { type: typeOf(kind), connectionDetails: {} };
}

function serviceOf(name: string, { title, labels, ...rest }: ServiceDocument): object {
  const saysTitle = title === undefined || title.length <= LONGEST.displayName;
  const saysLabels = Object.keys(labels ?? {}).every((label) => LABEL.test(label));
  const unsaid = { ...(saysTitle ? {} : { title }), ...(saysLabels ? {} : { labels }), ...rest };
  const said = { displayName: saysTitle ? title : undefined, labels: saysLabels ? labels : undefined };
  return documentOf('Service', { name, ...given(said), ...annotated(unsaid) }, {});
}

function ruleOf(service: string, name: string, rule: RuleDocument): object {
  const { objective, description, indicator } = rule;
  const isSaid = description === undefined || description.length <= LONGEST.description;
  const about = given({ description: isSaid ? description : undefined });
  const unsaid = {
    ...Object.fromEntries(UNSAID.map((field) => [field, rule[field]])),
    description: isSaid ? undefined : description,
  };
  if (objective === undefined || !countsEvents(indicator)) {
    const { budget, burnRates } = rule;
    const all = { service, ...unsaid, objective, burnRates, budget, ...unsaidOf(indicator) };
    return documentOf('SLI', { name, ...annotated(all) }, { ...about, ...metricOf(indicator) });
  }
  const { said, rest } = writeWindow(objective.window);
  const presets = typeof rule.burnRates === 'string' ? rule.burnRates : undefined;
  const slices = writeSlices(objective);
  const windows = { window: rest ?? undefined, sliceWindow: slices.rest };
  const all = { ...unsaid, ...windows, burnRates: presets, budget: budgetOf(rule) };
  const alertPolicies = writeAlerts(rule);
  return documentOf(
    'SLO',
    { name, ...annotated(all) },
    {
      ...about,
      service,
      indicator: { metadata: { name, ...annotated(unsaidOf(indicator)) }, spec: metricOf(indicator) },
      timeWindow: [said],
      budgetingMethod: slices.method,
      objectives: [{ target: objective.target, ...slices.said }],
      ...(alertPolicies.length === 0 ? {} : { alertPolicies }),
    },
  );
}

/** What an SLO is read to have by itself needs no annotation. */
function budgetOf({ budget, indicator }: RuleDocument): unknown {
  const usual = usualBudget({ ...indicator });
  if (budget === undefined) return usual === undefined ? undefined : NONE;
  return budget.holdBelow === usual?.holdBelow && budget.exempt === undefined ? undefined : budget;
}

/** A provider that a label names is none that OpenSLO could refer to. */
function unsaidOf({ provider }: Indicator): Record<string, unknown> {
  return isName(provider) ? {} : { provider };
}

function metricOf(indicator: Indicator): object {
  const { kind, provider, ...parts } = indicator;
  const ref = isName(provider) ? { metricSourceRef: provider } : {};
  const metric = (spec: object) => ({ metricSource: { ...ref, spec } });
  if (kind !== 'ratio') return { thresholdMetric: metric(kind === kindFor(parts) ? parts : { kind, ...parts }) };
  const queries = Object.entries(parts).map(([part, query]) => [part, metric({ query })]);
  return { ratioMetric: { counter: false, ...Object.fromEntries(queries) } };
}

function annotated(fields: Readonly<Record<string, unknown>>): object {
  const annotations = Object.entries(given(fields)).map(([name, value]) => [`${PREFIX}${name}`, annotationText(value)]);
  return annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) };
}
