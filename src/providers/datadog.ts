import type { ProviderDocument } from '../app/ports.ts';
import { parseDatadogQuery, windowAggregator } from '../domain/datadog-query.ts';
import type { MetricQuestion } from '../domain/measurement.ts';
import { type Call, type Provider, type Reading, unavailable } from './ask.ts';
import { type ReadSecret, readKeys } from './credential.ts';
import { readDatadogAnswer } from './datadog-answer.ts';
import { ageOf, scalarOf } from './datadog-data.ts';
import { readMonitor } from './datadog-monitor.ts';
import { readSloHistory } from './datadog-slo.ts';
import { exchange, leftOf } from './exchange.ts';
import type { HttpClient } from './http.ts';

export interface DatadogOptions {
  readonly http: HttpClient;
  readonly readSecret: ReadSecret;
  /** Our own wall clock: to notice a provider whose clock is far away, and until when it wants a pause. */
  readonly nowMs: () => number;
}

/** One request to the API, and how its answer is read. */
interface Asking {
  readonly path: string;
  /** Sent as JSON; GET where there is none. */
  readonly document?: unknown;
  readonly read: Parameters<typeof readDatadogAnswer>[2];
}

/** Points of a timeseries are at least this far apart, and never more than 1,000. */
const LEAST_INTERVAL_MS = 20_000;

/** One question, asked once. Gives up when `signal` fires. */
export async function askDatadog(
  { document }: Provider,
  question: MetricQuestion,
  call: Call,
  options: DatadogOptions,
): Promise<Reading> {
  const baseUrl = apiOf(document);
  if (baseUrl === null) return unavailable('misconfigured', 'the provider has no site and no URL');
  const asking = askingFor(question);
  if (asking === null) return unavailable('misconfigured', 'the query is not one that Datadog can be asked');
  let secrets: readonly string[] = [];
  const send = async () => {
    const keys = await readKeys(document.auth, options.readSecret);
    secrets = keys.secrets;
    const headers = { ...keys.headers, Accept: 'application/json', 'User-Agent': 'ringgate' };
    const request = { baseUrl, path: asking.path, headers, timeoutMs: leftOf(call), signal: call.signal };
    return asking.document === undefined
      ? options.http.get(request)
      : options.http.postJson({ ...request, document: asking.document });
  };
  return exchange(send, (answer) => readDatadogAnswer(answer, secrets, asking.read), options.nowMs);
}

/** Where the API is: under the site, unless a URL is given. Null when the document has neither. */
export function apiOf({ url, site }: ProviderDocument): string | null {
  if (url !== undefined) return url;
  return site === undefined ? null : `https://api.${site}`;
}

/** Null for a text that is none of ours, so that nothing else can ever be sent. */
function askingFor(question: MetricQuestion): Asking | null {
  const { query, at, windowMs } = question;
  const atMs = Date.parse(at);
  const slo = /^\/api\/v1\/slo\/[0-9a-f]{32}\/history$/.test(query);
  if (slo) return windowMs === undefined ? null : historyOf(query, atMs, windowMs);
  const [, path, group = null] = /^(\/api\/v1\/monitor\/\d{1,18})(?: \{([^{}]*)\})?$/.exec(query) ?? [];
  if (path !== undefined) {
    const read = (body: Record<string, unknown>) => readMonitor(body, group, atMs);
    return { path: `${path}?group_states=all&with_downtimes=true`, read };
  }
  return windowMs === undefined ? null : metricsOf(question, atMs, windowMs);
}

/** The history counts in seconds. */
function historyOf(path: string, atMs: number, windowMs: number): Asking {
  const to = Math.floor(atMs / 1000);
  const from = to - Math.floor(windowMs / 1000);
  return {
    path: `${path}?from_ts=${from}&to_ts=${to}`,
    read: (body) => readSloHistory(body, { fromMs: from * 1000, toMs: to * 1000 }),
  };
}

/** The v2 endpoints count in milliseconds, `to` exclusive. */
function metricsOf({ query, part }: MetricQuestion, atMs: number, windowMs: number): Asking | null {
  const parsed = parseDatadogQuery(query);
  if ('error' in parsed) return null;
  const range = { from: atMs - windowMs, to: atMs };
  const base = { data_source: 'metrics', name: 'a', query };
  const formulas = [{ formula: 'a' }];
  if (part === 'age') {
    const interval = Math.max(LEAST_INTERVAL_MS, Math.ceil(windowMs / 1_000_000) * 1000);
    return {
      path: '/api/v2/query/timeseries',
      document: { data: { type: 'timeseries_request', attributes: { ...range, interval, formulas, queries: [base] } } },
      read: (body) => ageOf(body, atMs, windowMs),
    };
  }
  const queries = [{ ...base, aggregator: windowAggregator(parsed) }];
  return {
    path: '/api/v2/query/scalar',
    document: { data: { type: 'scalar_request', attributes: { ...range, formulas, queries } } },
    read: scalarOf,
  };
}
