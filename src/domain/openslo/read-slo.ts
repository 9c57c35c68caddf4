import { isName } from '../release.ts';
import { precise } from '../slo.ts';
import { NONE, PREFIX, readAnnotations } from './annotation.ts';
import { presetOf, type ReadAlerts, readAlerts } from './burn-alerts.ts';
import { type Draft, type Place, placed, placedInAnnotations } from './draft.ts';
import type { Library } from './library.ts';
import { readWindow } from './objective-window.ts';
import { bodyOf, type OpenSloDocument, requireName } from './open-slo-document.ts';
import type { Part } from './part.ts';
import { type ReadIndicator, readIndicator, type UsualProvider } from './read-indicator.ts';
import { given, OF_INDICATOR, OF_SLI_RULE, OF_SLO, UNSAID, usualBudget } from './rule-fields.ts';
import { readMethod, readSlices } from './slices.ts';

const SPEC = [
  ...['description', 'service', 'indicator', 'indicatorRef', 'budgetingMethod', 'timeWindow', 'objectives'],
  'alertPolicies',
];

/** What was read of an SLO, for whoever checks what it refers to. */
export interface ReadSlo {
  readonly drafts: readonly Draft[];
  readonly indicator: ReadIndicator | null;
}

/** A rule for each objective of an SLO. Where it says no other budget, a rule of the whole service holds once the objective is missed. */
export function readSlo({ metadata, spec, name }: OpenSloDocument, library: Library, usual: UsualProvider): ReadSlo {
  spec.required().closed(SPEC);
  requireName(metadata.field('name'));
  const service = requireName(spec.field('service'));
  const method = readMethod(spec.field('budgetingMethod'));
  const indicator = indicatorOf(spec, library, usual);
  const said = readAnnotations(metadata, OF_SLO);
  const noted = (field: string) => metadata.field('annotations').field(`${PREFIX}${field}`);
  const window = readWindow(spec.field('timeWindow'), noted('window'), said.get('window'));
  const alerts = readAlerts(spec.field('alertPolicies'), library);
  const preset = presetOf(said.get('burnRates'), alerts.pairs, noted('burnRates'));
  const objectives = spec.field('objectives').required();
  if (Array.isArray(objectives.value) && objectives.value.length === 0) objectives.refuse('needs an objective');
  const common = {
    ...Object.fromEntries(UNSAID.map((field) => [field, said.get(field)])),
    description: descriptionOf(said, metadata, spec),
    burnRates: preset ?? (alerts.pairs.length > 0 ? alerts.pairs : undefined),
    budget: said.get('budget') === NONE ? undefined : (said.get('budget') ?? usualBudget(indicator?.fields ?? {})),
  };
  const items = objectives.items();
  const drafts = items.map((item, i): Draft => {
    const target = targetOf(item, indicator);
    const slices = readSlices(item, method, noted('sliceWindow'), said.get('sliceWindow'));
    const rule = { ...common, indicator: indicator?.fields, objective: given({ target, window, slices }) };
    const places = [...placesOf(metadata, spec, alerts, indicator), ...placesOfObjective(item)];
    const own = items.length === 1 ? name : `${name}-${i + 1}`;
    if (isName(name) && !isName(own)) metadata.field('name').refuse('is too long to be told apart by objective');
    return { kind: 'rule', service, name: own, document: given(rule), places, origin: spec.pointer };
  });
  return { drafts, indicator };
}

/** An SLI that carries a rule which promises nothing; null when no annotation names a service. */
export function readSliRule(document: OpenSloDocument, usual: UsualProvider): ReadSlo | null {
  const { metadata, spec, name } = document;
  const service = metadata.field('annotations').field(`${PREFIX}service`);
  if (!service.isThere) return null;
  requireName(metadata.field('name'));
  requireName(service);
  const said = readAnnotations(metadata, OF_SLI_RULE);
  const indicator = readIndicator({ metadata, spec, provider: said.get('provider') }, usual);
  const fields = OF_SLI_RULE.filter((field) => field !== 'service' && field !== 'provider');
  const rule = {
    ...Object.fromEntries(fields.map((field) => [field, said.get(field)])),
    description: descriptionOf(said, metadata, spec),
    indicator: indicator?.fields,
  };
  const places = [...placedInAnnotations(OF_SLI_RULE, metadata, PREFIX), ...(indicator?.places ?? [])];
  const owner = service.text() ?? '';
  const draft: Draft = { kind: 'rule', service: owner, name, document: given(rule), places, origin: spec.pointer };
  return { drafts: [draft], indicator };
}

function indicatorOf(spec: Part, library: Library, usual: UsualProvider): ReadIndicator | null {
  const [inline, reference] = [spec.field('indicator'), spec.field('indicatorRef')];
  if (inline.isThere && reference.isThere) reference.refuse('stands beside an indicator: leave one of them out');
  if (!inline.isThere && !reference.isThere) {
    if (spec.isThere) inline.refuse('is missing, and so is an indicatorRef');
    return null;
  }
  if (inline.isThere) inline.closed(['apiVersion', 'kind', 'metadata', 'spec']);
  const found = inline.isThere ? bodyOf(inline) : library.find('SLI', reference);
  if (found === null) return null;
  const said = readAnnotations(found.metadata, inline.isThere ? OF_INDICATOR : OF_SLI_RULE);
  return readIndicator({ ...found, provider: said.get('provider') }, usual);
}

const OBJECTIVE = [
  ...['displayName', 'op', 'value', 'target', 'targetPercent', 'timeSliceTarget', 'timeSliceWindow'],
  ...['indicator', 'indicatorRef', 'compositeWeight'],
];

function targetOf(item: Part, indicator: ReadIndicator | null): number | undefined {
  item.required().closed(OBJECTIVE);
  for (const name of ['indicator', 'indicatorRef', 'compositeWeight']) {
    if (item.field(name).isThere) item.field(name).refuse('objectives put together of several are not judged here');
  }
  if (indicator?.countsEvents === true) {
    for (const name of ['op', 'value']) {
      if (item.field(name).isThere) item.field(name).warn('is only for a thresholdMetric and left aside');
    }
  } else if (indicator !== null) {
    item.refuse(
      'a threshold is judged as it stands, not for a share of time: send it as an SLI with the annotations ' +
        'ringgate/service and ringgate/limits instead, such as {"hold":{"above":500}}',
    );
  }
  const [target, percent] = [item.field('target'), item.field('targetPercent')];
  if (!target.isThere && !percent.isThere) target.refuse('is missing, and so is a targetPercent');
  const share = percent.number() === undefined ? undefined : precise((percent.number() ?? 0) / 100);
  if (target.isThere && percent.isThere) {
    if (target.number() === share) percent.warn('says the same as target');
    else percent.refuse('is not the target: leave one of them out');
  }
  return target.number() ?? share;
}

function placesOfObjective(item: Part): readonly Place[] {
  const target = item.field('target').isThere ? item.field('target') : item.field('targetPercent');
  const slices = [
    { ...placed('/objective/slices/target', item.field('timeSliceTarget')), isText: true },
    { ...placed('/objective/slices/window', item.field('timeSliceWindow')), isText: true },
  ];
  return [placed('/objective', item), { ...placed('/objective/target', target), isText: true }, ...slices];
}

function placesOf(metadata: Part, spec: Part, alerts: ReadAlerts, indicator: ReadIndicator | null): readonly Place[] {
  return [
    { ...placed('/service', spec.field('service')), isText: true },
    ...placedInAnnotations([...UNSAID, 'description', 'budget'], metadata, PREFIX),
    ...(spec.field('description').isThere ? [placed('/description', spec.field('description'))] : []),
    ...alerts.places,
    ...(indicator?.places ?? []),
    { ...placed('/objective/window', spec.field('timeWindow')), isText: true },
    { ...placed('/objective/slices', spec.field('budgetingMethod')), isText: true },
  ];
}

function descriptionOf(said: ReadonlyMap<string, unknown>, metadata: Part, spec: Part): unknown {
  const [stated, own] = [said.get('description'), spec.field('description').text()];
  if (stated !== undefined && own !== undefined) {
    spec.field('description').refuse('stands beside ringgate/description: leave one of them out');
  }
  return stated ?? own ?? metadata.field('displayName').text();
}
