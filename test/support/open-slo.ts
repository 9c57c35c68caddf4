/** OpenSLO documents as others write them, and as they are changed for one test. */
type Json = Record<string, unknown>;

/** A plain SLO on two counters, with nothing of ringgate in it. */
export function anSlo(spec: Json = {}, metadata: Json = {}): Json {
  return {
    apiVersion: 'openslo/v1',
    kind: 'SLO',
    metadata: { name: 'availability', ...metadata },
    spec: {
      service: 'checkout',
      indicator: anIndicator(),
      timeWindow: [{ duration: '30d', isRolling: true }],
      budgetingMethod: 'Occurrences',
      objectives: [{ target: 0.999 }],
      ...spec,
    },
  };
}

export function anIndicator(ratioMetric: Json = {}): Json {
  const counter = { counter: true, bad: aMetric('sum(errors_total)'), total: aMetric('sum(requests_total)') };
  return { metadata: { name: 'requests' }, spec: { ratioMetric: { ...counter, ...ratioMetric } } };
}

export function aMetric(query: string, source: Json = {}): Json {
  return { metricSource: { metricSourceRef: 'main', spec: { query }, ...source } };
}

export function aDocument(kind: string, name: string, spec: Json = {}, metadata: Json = {}): Json {
  return { apiVersion: 'openslo/v1', kind, metadata: { name, ...metadata }, spec };
}

export function aCondition(condition: Json = {}, metadata: Json = {}): Json {
  const usual = { kind: 'burnrate', op: 'gt', threshold: 14.4, lookbackWindow: '1h' };
  const spec = { severity: 'page', condition: { ...usual, ...condition } };
  return { kind: 'AlertCondition', metadata: { name: 'fast', ...metadata }, spec };
}

export function aPolicy(conditions: unknown = [aCondition()], spec: Json = {}): Json {
  return { kind: 'AlertPolicy', metadata: { name: 'page' }, spec: { alertWhenBreaching: true, conditions, ...spec } };
}

/** An SLI that carries a whole rule. */
export function anSliRule(annotations: Json = {}, spec: Json = { thresholdMetric: aMetric('max(latency)') }): Json {
  const usual = { 'ringgate/service': 'checkout', 'ringgate/limits': '{"hold":{"above":0.5}}' };
  return aDocument('SLI', 'latency', spec, { annotations: { ...usual, ...annotations } });
}
