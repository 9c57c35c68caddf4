/** What the stand-in for Datadog keeps, and how it answers from that: as its API documents it, in its own units. */

/** Points lie 10 s apart. `at` gives the value of the point at that second of the Unix epoch; null where none was sent. */
export interface FakeSeries {
  readonly metric: string;
  readonly tags: Readonly<Record<string, string>>;
  at(second: number): number | null;
}

/** `good` and `total` for an SLO on metrics, `percent` for one on monitors or time slices. */
export interface FakeSlo {
  readonly type: 'metric' | 'monitor' | 'time_slice';
  good?(second: number): number;
  total?(second: number): number;
  percent?(fromSecond: number, toSecond: number): number | null;
}

export interface FakeMonitor {
  readonly overall_state: string;
  readonly overall_state_modified?: string | null;
  readonly state?: { readonly groups: Readonly<Record<string, unknown>> };
  readonly matching_downtimes?: readonly unknown[];
  readonly options?: { readonly silenced?: Readonly<Record<string, unknown>> };
}

export interface FakeData {
  readonly series: FakeSeries[];
  readonly slos: Map<string, FakeSlo>;
  readonly monitors: Map<string, FakeMonitor>;
}

/** An answer that is refused: the status and the texts of `errors`. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const POINT_S = 10;
/** Long ranges have wider points. */
const MOST_POINTS = 1500;
/** Datadog keeps metrics for 15 months. Seconds taken for milliseconds end in January 1970. */
const RETENTION_MS = 456 * 86_400_000;
const AGGREGATORS = ['avg', 'min', 'max', 'sum', 'last', 'percentile', 'mean', 'l2norm', 'area'];

interface Attributes {
  readonly from: number;
  readonly to: number;
  readonly interval?: number;
  readonly formulas?: readonly { readonly formula: string }[];
  readonly queries: readonly { readonly data_source: string; readonly query: string; readonly aggregator?: string }[];
}

/** POST /api/v2/query/scalar: one column for each formula; nothing that matches gives a column without values. */
export function scalar(data: FakeData, body: unknown): unknown {
  const { from, to, queries } = attributesOf(body, 'scalar_request');
  const [query] = queries;
  if (query === undefined || !AGGREGATORS.includes(query.aggregator ?? ''))
    throw new Refused(400, 'Invalid aggregator');
  const points = pointsOf(data, query.query, from, to).map(([, value]) => value);
  const column = { name: 'a', type: 'number', meta: { unit: [null, null] } };
  const values = points.length === 0 ? [] : [over(query.aggregator ?? '', points)];
  return { data: { type: 'scalar_response', attributes: { columns: [{ ...column, values }] } } };
}

/** POST /api/v2/query/timeseries: times in milliseconds, a row of values for each group. */
export function timeseries(data: FakeData, body: unknown): unknown {
  const { from, to, interval = 20_000, queries } = attributesOf(body, 'timeseries_request');
  if (queries[0]?.aggregator !== undefined) throw new Refused(400, 'a timeseries query has no aggregator');
  const points = pointsOf(data, queries[0]?.query ?? '', from, to);
  const start = Math.floor(from / interval) * interval;
  const times = Array.from({ length: Math.ceil((to - start) / interval) }, (_, i) => start + i * interval);
  const values = times.map((time) => {
    const inside = points.flatMap(([at, value]) => (at >= time && at < time + interval ? [value] : []));
    return inside.length === 0 ? null : over('sum', inside);
  });
  const rows = points.length === 0 ? { series: [], times: [], values: [] } : null;
  const series = [{ group_tags: [], query_index: 0, unit: null }];
  return { data: { type: 'timeseries_response', attributes: rows ?? { series, times, values: [values] } } };
}

function attributesOf(body: unknown, type: string): Attributes {
  const { data } = body as { data?: { type?: string; attributes?: Attributes } };
  if (data?.type !== type || data.attributes === undefined) throw new Refused(400, `data.type must be ${type}`);
  const { from, to, queries } = data.attributes;
  if (![from, to].every(Number.isSafeInteger) || from >= to) throw new Refused(400, 'from must be before to');
  if (to < Date.now() - RETENTION_MS) {
    throw new Refused(400, 'Queries ending outside the retention date are invalid');
  }
  if (queries?.length !== 1 || queries[0]?.data_source !== 'metrics') throw new Refused(400, 'Invalid queries');
  return data.attributes;
}

/** `[milliseconds, value]`, `to` exclusive, of all series that match, put together as the query says. */
function pointsOf(data: FakeData, query: string, from: number, to: number): readonly (readonly [number, number])[] {
  const [, space = '', metric, filter] = /^(\w+):([\w.]+)\{([^{}]*)\}(?:\.\w+\([^()]*\))*$/.exec(query) ?? [];
  if (metric === undefined || filter === undefined) throw new Refused(400, `Error parsing query: ${query}`);
  const series = data.series.filter((each) => each.metric === metric && matches(each.tags, filter));
  const first = Math.ceil(from / (POINT_S * 1000)) * POINT_S;
  const seconds = Array.from(
    { length: Math.max(0, Math.ceil((to / 1000 - first) / POINT_S)) },
    (_, i) => first + i * POINT_S,
  );
  return seconds.flatMap((second) => {
    const values = series.flatMap((each) => each.at(second) ?? []);
    return values.length === 0 ? [] : [[second * 1000, over(space, values)] as const];
  });
}

function matches(tags: Readonly<Record<string, string>>, filter: string): boolean {
  return filter.split(',').every((part) => {
    const [, bang, key = '', value = ''] = /^\s*(!?)([^:]+):(.*?)\s*$/.exec(part) ?? [];
    if (part.trim() === '*') return true;
    const hit = value.endsWith('*') ? tags[key]?.startsWith(value.slice(0, -1)) : tags[key] === value;
    return bang === '!' ? !hit : hit === true;
  });
}

function over(aggregator: string, values: readonly number[]): number {
  if (aggregator === 'min') return Math.min(...values);
  if (aggregator === 'max') return Math.max(...values);
  const sum = values.reduce((a, b) => a + b, 0);
  return aggregator === 'sum' || aggregator === 'count' ? sum : sum / values.length;
}

/** GET /api/v1/slo/{id}/history: the range is seconds, the times of its series milliseconds, the status a percentage. */
export function sloHistory(data: FakeData, id: string, search: URLSearchParams): unknown {
  const slo = data.slos.get(id);
  if (slo === undefined) throw new Refused(404, `SLO with ID ${id} not found`);
  const [from, to] = ['from_ts', 'to_ts'].map((name) => Number(search.get(name)));
  if (from === undefined || to === undefined || !(from < to) || to > 1e11) throw new Refused(400, 'Invalid time range');
  const head = {
    from_ts: from,
    to_ts: to,
    type: slo.type,
    type_id: { monitor: 0, metric: 1, time_slice: 2 }[slo.type],
  };
  if (slo.type !== 'metric') {
    const status = slo.percent?.(from, to) ?? null;
    const overall = { sli_value: status, ...(status === null && { state: 'no_data' }), history: [] };
    return { data: { ...head, overall }, errors: null };
  }
  const interval = POINT_S * Math.max(1, Math.ceil((to - from) / POINT_S / MOST_POINTS));
  const times = Array.from({ length: Math.ceil((to - from) / interval) }, (_, i) => from + i * interval);
  const sums = [slo.good, slo.total].map((count) => {
    const values = times.map((second) => (interval / POINT_S) * (count?.(second) ?? 0));
    return { count: values.length, sum: over('sum', values), values, metadata: { unit: null } };
  });
  const [numerator, denominator] = sums;
  const none = denominator?.sum === 0;
  const overall = none
    ? { sli_value: null, errors: [{ error_type: 'ZERO_VALUED_DENOMINATOR', error_message: 'The denominator is zero' }] }
    : { sli_value: (100 * (numerator?.sum ?? 0)) / (denominator?.sum ?? 1), errors: null };
  const series = { numerator, denominator, times: times.map((second) => second * 1000), interval };
  return { data: { ...head, overall, series }, errors: null };
}

/** GET /api/v1/monitor/{id}: groups and downtimes only when they are asked for. */
export function monitor(data: FakeData, id: string, search: URLSearchParams): unknown {
  const found = data.monitors.get(id);
  if (found === undefined) throw new Refused(404, 'Monitor not found');
  const { state, matching_downtimes: downtimes, ...rest } = found;
  return {
    id: Number(id),
    type: 'metric alert',
    query: 'avg(last_5m):avg:checkout.errors{*} > 5',
    ...rest,
    ...(search.get('group_states') === 'all' && state !== undefined ? { state } : {}),
    ...(search.get('with_downtimes') === 'true' ? { matching_downtimes: downtimes ?? [] } : {}),
  };
}
