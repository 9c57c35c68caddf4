/**
 * Servers that speak Prometheus's HTTP API and, left to their defaults, may answer from a part of the
 * data; and what has to be sent so that they refuse instead. Sources: Thanos, docs/components/query.md
 * (partial_response is true by default, and downsampled data changes rates); VictoriaMetrics, the
 * query arguments deny_partial_response and nocache. Mimir, Cortex and Grafana Cloud need nothing but
 * the tenant header of the document: their limits answer with the error types of their own API.
 */
export type PrometheusProfile = 'prometheus' | 'thanos' | 'mimir' | 'victoriametrics';

const PARAMS: Readonly<Record<PrometheusProfile, Readonly<Record<string, string>>>> = {
  prometheus: {},
  thanos: { partial_response: 'false', dedup: 'true', max_source_resolution: '0s' },
  mimir: {},
  victoriametrics: { deny_partial_response: '1', nocache: '1' },
};

/** The form fields that a profile sends with every query; a document cannot replace them. Throws on an unknown profile. */
export function profileParams(profile: PrometheusProfile = 'prometheus'): Readonly<Record<string, string>> {
  if (!Object.hasOwn(PARAMS, profile)) throw new RangeError(`unknown profile: ${profile}`);
  return PARAMS[profile];
}
