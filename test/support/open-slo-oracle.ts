/**
 * What OpenSLO's own tools ask of a document (the checks of its Go SDK for v1), written down a second time and by
 * hand, so that what is exported is held against their rules and not against ours.
 */
type Json = { readonly [key: string]: unknown };

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL = /^[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/;
const ANNOTATION = /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*\/)?(?<name>.{1,63})$/;
const SHORTHAND = /^[1-9]\d*[mhdwMQY]$/;

/** The rules that a document breaks, in words. */
export function brokenOpenSlo(document: unknown): readonly string[] {
  const { apiVersion, kind, metadata, spec } = document as Json;
  const broken = apiVersion === 'openslo/v1' ? [] : ['apiVersion'];
  const checks = { SLO: ofSlo, SLI: ofSli, DataSource: ofDataSource, Service: () => [] } as const;
  const check = checks[kind as keyof typeof checks];
  if (check === undefined) return [`kind ${String(kind)}`];
  return [...broken, ...ofMetadata(metadata as Json), ...check(spec as Json)];
}

function ofMetadata({ name, displayName = '', labels = {}, annotations = {} }: Json): string[] {
  const names = Object.keys(annotations as Json).filter((key) => !LABEL.test(ANNOTATION.exec(key)?.groups?.name ?? ''));
  return [
    ...(NAME.test(String(name)) ? [] : [`name ${String(name)}`]),
    ...(String(displayName).length <= 63 ? [] : ['displayName']),
    ...Object.keys(labels as Json).flatMap((key) => (LABEL.test(key) ? [] : [`label ${key}`])),
    ...names.map((key) => `annotation ${key}`),
    ...Object.values(annotations as Json).flatMap((value) => (typeof value === 'string' ? [] : ['annotation value'])),
  ];
}

function ofDataSource({ type, connectionDetails }: Json): string[] {
  return [...(type === '' ? ['type'] : []), ...(connectionDetails === undefined ? ['connectionDetails'] : [])];
}

function ofDescription({ description = '' }: Json): string[] {
  return String(description).length <= 1050 ? [] : ['description'];
}

function ofSli(spec: Json): string[] {
  const { thresholdMetric, ratioMetric } = spec as { thresholdMetric?: Json; ratioMetric?: Json };
  const broken = ofDescription(spec);
  if ((thresholdMetric === undefined) === (ratioMetric === undefined)) return [...broken, 'not one metric'];
  const { good, bad, total } = ratioMetric ?? {};
  if (ratioMetric === undefined) return [...broken, ...ofMetric(thresholdMetric)];
  const one = (good === undefined) !== (bad === undefined);
  const flag = typeof ratioMetric.counter === 'boolean';
  const metrics = [...ofMetric(good ?? bad), ...ofMetric(total)];
  return [...broken, ...(one ? [] : ['good or bad']), ...(flag ? [] : ['counter']), ...metrics];
}

function ofMetric(metric: unknown): string[] {
  const { metricSourceRef, spec } = (metric as { metricSource: Json }).metricSource;
  const named = metricSourceRef === undefined || NAME.test(String(metricSourceRef));
  return [...(named ? [] : ['metricSourceRef']), ...(Object.keys((spec ?? {}) as Json).length > 0 ? [] : ['source'])];
}

function ofSlo(spec: Json): string[] {
  const { service, indicator, budgetingMethod, timeWindow, objectives, alertPolicies = [] } = spec;
  const { metadata, spec: sli } = indicator as { metadata: Json; spec: Json };
  const windows = timeWindow as readonly Json[];
  const { target } = (objectives as readonly Json[])[0] as { target: number };
  return [
    ...ofDescription(spec),
    ...(NAME.test(String(service)) ? [] : ['service']),
    ...ofMetadata(metadata),
    ...ofSli(sli),
    ...ofMethod(String(budgetingMethod), (objectives as readonly Json[])[0] ?? {}),
    ...(windows.length === 1 ? windows.flatMap(ofWindow) : ['timeWindow']),
    ...(target >= 0 && target < 1 ? [] : ['target']),
    ...(alertPolicies as readonly Json[]).flatMap(ofPolicy),
  ];
}

function ofMethod(method: string, { timeSliceTarget, timeSliceWindow }: Json): string[] {
  if (method === 'Occurrences') return [];
  if (!['Timeslices', 'RatioTimeslices'].includes(method)) return ['budgetingMethod'];
  const isGood = method === 'RatioTimeslices' || (Number(timeSliceTarget) > 0 && Number(timeSliceTarget) <= 1);
  return [
    ...(SHORTHAND.test(String(timeSliceWindow)) ? [] : ['timeSliceWindow']),
    ...(isGood ? [] : ['timeSliceTarget']),
  ];
}

function ofWindow({ duration, isRolling, calendar }: Json): string[] {
  const { startTime, timeZone } = (calendar ?? {}) as Json;
  const dated = calendar === undefined || /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(String(startTime));
  return [
    ...(SHORTHAND.test(String(duration)) ? [] : [`duration ${String(duration)}`]),
    ...(isRolling === (calendar === undefined) ? [] : ['isRolling']),
    ...(dated && (calendar === undefined || typeof timeZone === 'string') ? [] : ['calendar']),
  ];
}

function ofPolicy({ kind, metadata, spec }: Json): string[] {
  const { conditions, notificationTargets } = spec as { conditions: readonly Json[]; notificationTargets: unknown[] };
  const broken = kind === 'AlertPolicy' ? [] : ['AlertPolicy'];
  const counts = conditions.length === 1 && notificationTargets.length > 0 ? [] : ['conditions and targets'];
  return [...broken, ...ofMetadata(metadata as Json), ...counts, ...conditions.flatMap(ofCondition)];
}

function ofCondition({ kind, metadata, spec }: Json): string[] {
  const { severity, condition } = spec as { severity: unknown; condition: Json };
  const { op, threshold, lookbackWindow } = condition;
  const whole = condition.kind === 'burnrate' && typeof severity === 'string' && typeof threshold === 'number';
  return [
    ...(kind === 'AlertCondition' && whole && op === 'gt' ? [] : ['condition']),
    ...(SHORTHAND.test(String(lookbackWindow)) ? [] : ['lookbackWindow']),
    ...ofMetadata(metadata as Json),
  ];
}
