import { BURN_PRESETS, type BurnPreset, burnPreset } from '../burn-presets.ts';
import { burnRatesOf, type RuleDocument } from '../rule.ts';
import type { BurnRate } from '../slo.ts';
import { annotationText, PREFIX, readAnnotations } from './annotation.ts';
import { type Place, placed } from './draft.ts';
import type { Library } from './library.ts';
import { readDuration } from './objective-window.ts';
import { bodyOf } from './open-slo-document.ts';
import type { Part } from './part.ts';
import { given } from './rule-fields.ts';
import { shorthandOf } from './time-span.ts';

/**
 * Burn rates as alert policies. A condition of OpenSLO has one window, which is a pair whose windows are the same; the
 * short window of a real pair and the verdict stand in annotations of the condition.
 */
export interface ReadAlerts {
  readonly pairs: readonly Partial<BurnRate>[];
  readonly places: readonly Place[];
}

const POLICY = [
  ...['description', 'alertWhenNoData', 'alertWhenResolved', 'alertWhenBreaching', 'conditions'],
  'notificationTargets',
];

/** The pairs of an SLO's `alertPolicies`, in their order. */
export function readAlerts(policies: Part, library: Library): ReadAlerts {
  const specs = policies.items().flatMap((item) => policySpec(item, library) ?? []);
  const conditions = specs.flatMap((spec) => conditionsOf(spec, library));
  const read = conditions.flatMap((condition) => readCondition(condition) ?? []);
  const places = read.flatMap(({ placesOf }, i) => placesOf(`/burnRates/${i}`));
  return { pairs: read.map(({ pair }) => pair), places: [placed('/burnRates', policies), ...places] };
}

function policySpec(item: Part, library: Library): Part | null {
  if (typeof item.value === 'string') {
    item.warn('is taken as an alertPolicyRef');
    return specOf(library.find('AlertPolicy', item));
  }
  const reference = item.field('alertPolicyRef');
  if (reference.isThere) {
    item.closed(['alertPolicyRef']);
    return specOf(library.find('AlertPolicy', reference));
  }
  item.closed(['apiVersion', 'kind', 'metadata', 'spec']);
  return specOf(bodyOf(item));
}

function specOf(policy: Condition | null): Part | null {
  if (policy === null) return null;
  readAnnotations(policy.metadata, []);
  return policy.spec.required();
}

function conditionsOf(spec: Part, library: Library): readonly Condition[] {
  spec.closed(POLICY);
  for (const target of spec.field('notificationTargets').items()) {
    if (target.field('spec').field('target').value === TARGET.spec.target) continue;
    target.warn('ringgate answers who asks and notifies nobody: left aside');
  }
  const breaching = spec.field('alertWhenBreaching');
  if (breaching.flag() === false) {
    breaching.warn('an alert that is not for a breach says nothing about a release: the policy is left aside');
    return [];
  }
  if (!breaching.isThere) breaching.warn('is missing and taken to be true');
  const conditions = spec.field('conditions').required();
  if (conditions.items().length > 1) conditions.warn('OpenSLO has one condition in a policy: any of these counts');
  return conditions.items().flatMap((item) => conditionOf(item, library) ?? []);
}

interface Condition {
  readonly metadata: Part;
  readonly spec: Part;
}

function conditionOf(item: Part, library: Library): Condition | null {
  const reference = item.field('conditionRef');
  if (!reference.isThere) {
    item.closed(['apiVersion', 'kind', 'metadata', 'spec']);
    return bodyOf(item);
  }
  item.closed(['conditionRef']);
  return library.find('AlertCondition', reference);
}

interface ReadPair {
  readonly pair: Partial<BurnRate>;
  placesOf(at: string): readonly Place[];
}

function readCondition({ metadata, spec }: Condition): ReadPair | null {
  spec.required().closed(['description', 'severity', 'condition']);
  const condition = spec.field('condition').required();
  condition.closed(['kind', 'op', 'threshold', 'lookbackWindow', 'alertAfter']);
  const kind = condition.field('kind').text() ?? 'burnrate';
  if (kind.toLowerCase() !== 'burnrate') {
    condition.field('kind').refuse('only burnrate can be judged');
    return null;
  }
  requireAbove(condition.field('op'));
  const after = condition.field('alertAfter');
  if (after.isThere && !/^0[a-zA-Z]?$/.test(after.text() ?? '')) {
    after.warn('ringgate holds as soon as the burn rate is exceeded, without waiting so long');
  }
  const [threshold, lookback] = [condition.field('threshold').required(), condition.field('lookbackWindow')];
  const said = readAnnotations(metadata, ['long', 'short', 'verdict']);
  const factor = threshold.number();
  const long = longOf(readDuration(lookback), said.get('long'), metadata);
  const pair = { long, short: said.get('short') ?? long, factor, verdict: said.get('verdict') };
  const noted = (name: string) => metadata.field('annotations').field(`${PREFIX}${name}`);
  return {
    pair: given(pair) as Partial<BurnRate>,
    placesOf: (at) => [
      placed(at, condition),
      { ...placed(`${at}/factor`, threshold), isText: true },
      { ...placed(`${at}/long`, said.has('long') ? noted('long') : lookback), isText: true },
      { ...placed(`${at}/short`, said.has('short') ? noted('short') : lookback), isText: true },
      { ...placed(`${at}/verdict`, noted('verdict')), isText: true },
    ],
  };
}

function requireAbove(op: Part): void {
  const text = op.text();
  if (text === 'lt' || text === 'lte') op.refuse('a burn rate is too high, never too low: write gt');
  else if (text === 'gte') op.warn('a burn rate must exceed the threshold strictly: gte is taken as gt');
  else if (text === undefined) op.warn('is missing and taken to be gt');
  else if (text !== 'gt') op.refuse('must be gt');
}

function longOf(lookback: string | undefined, stated: unknown, metadata: Part): unknown {
  if (stated === undefined) return lookback;
  if (typeof stated === 'string' && shorthandOf(stated) === lookback) return stated;
  metadata.field('annotations').field(`${PREFIX}long`).refuse('is not the lookbackWindow: leave one of them out');
  return lookback;
}

/** The name of a published set, where the pairs are exactly its own; notes it where they are not. */
export function presetOf(name: unknown, pairs: readonly unknown[], annotation: Part): BurnPreset | undefined {
  if (name === undefined) return undefined;
  const known = typeof name === 'string' && Object.hasOwn(BURN_PRESETS, name) ? (name as BurnPreset) : undefined;
  if (known !== undefined && sameJson(burnPreset(known), pairs)) return known;
  annotation.refuse('is not what the alertPolicies say: leave one of them out');
  return undefined;
}

function sameJson(a: readonly BurnRate[], b: readonly unknown[]): boolean {
  const ordered = (pairs: readonly Partial<BurnRate>[]) =>
    JSON.stringify(pairs.map(({ long, short, factor, verdict }) => [long, short, factor, verdict]));
  return ordered(a) === ordered(b as readonly Partial<BurnRate>[]);
}

/** The burn rates of a rule as inline alert policies. */
export function writeAlerts(rule: RuleDocument): readonly object[] {
  return burnRatesOf(rule).map(({ long, short, factor, verdict }, i) => {
    const lookbackWindow = shorthandOf(long);
    const rest = {
      long: long === lookbackWindow ? undefined : long,
      short: short === long ? undefined : short,
      verdict,
    };
    const annotations = Object.entries(given(rest)).map(([name, value]) => [`${PREFIX}${name}`, annotationText(value)]);
    const noted = annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) };
    const name = `burn-${i + 1}`;
    const condition = { kind: 'burnrate', op: 'gt', threshold: factor, lookbackWindow };
    const spec = { severity: verdict ?? 'hold', condition };
    return {
      kind: 'AlertPolicy',
      metadata: { name },
      spec: {
        alertWhenBreaching: true,
        conditions: [{ kind: 'AlertCondition', metadata: { name, ...noted }, spec }],
        notificationTargets: [TARGET],
      },
    };
  });
}

/** OpenSLO's own tools want somebody to notify; ringgate notifies nobody. */
const TARGET = {
  kind: 'AlertNotificationTarget',
  metadata: { name: 'ringgate' },
  spec: { target: 'ringgate', description: 'Asked by pipelines; notifies nobody.' },
};
