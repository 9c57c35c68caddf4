import type { ProviderDocument } from '../app/ports.ts';
import { durationMs } from '../domain/duration.ts';
import type { Measurement, MetricQuestion } from '../domain/measurement.ts';
import { CredentialError, type ReadSecret, readCredential } from './credential.ts';
import type { HttpAnswer, HttpClient } from './http.ts';
import { type Reading, readPrometheusAnswer } from './prometheus-answer.ts';

const DEFAULT_TIMEOUT = '3s';
const MAX_SKEW_MS = 30_000;
/**
 * Servers that know `limit` cut the answer there and say so in a warning; older ones ignore it. More
 * than one series is refused either way, so the limit only keeps a careless query's answer small.
 */
const SERIES_LIMIT = '20';

export interface PrometheusOptions {
  readonly http: HttpClient;
  readonly readSecret: ReadSecret;
  /** Our own clock, to notice a provider whose clock is far away. Absent: not checked. */
  readonly nowMs?: () => number;
}

/** One instant query, asked once. Gives up when `signal` fires or the provider's own timeout has passed. */
export async function askPrometheus(
  document: ProviderDocument,
  question: MetricQuestion,
  budget: { readonly ms: number; readonly signal: AbortSignal },
  options: PrometheusOptions,
): Promise<Reading> {
  if (document.url === undefined) return misconfigured('the provider has no URL');
  try {
    const credential = await readCredential(document.auth, options.readSecret);
    const timeoutMs = Math.max(1, Math.ceil(Math.min(budget.ms, durationMs(document.timeout ?? DEFAULT_TIMEOUT))));
    const outcome = await options.http.post({
      baseUrl: document.url,
      path: '/api/v1/query',
      headers: headersOf(document, credential.authorization),
      form: formOf(document, question, timeoutMs),
      timeoutMs,
      signal: AbortSignal.any([budget.signal, AbortSignal.timeout(timeoutMs)]),
    });
    if (outcome.kind === 'deadline-exceeded') return { measurement: outcome, infos: [] };
    if (outcome.kind === 'failed') return unavailable(outcome.reason, outcome.detail);
    const reading = readPrometheusAnswer(outcome, credential.secrets);
    return skewed(outcome, reading, options.nowMs) ?? reading;
  } catch (error) {
    return misconfigured(error instanceof CredentialError ? error.message : 'the provider could not be asked');
  }
}

/** The document's own headers, and ours, which win. */
export function headersOf(document: ProviderDocument, authorization: string | null): Record<string, string> {
  return {
    ...document.headers,
    Accept: 'application/json',
    'User-Agent': 'ringgate',
    ...(authorization === null ? {} : { Authorization: authorization }),
  };
}

/** The document's params first, so that what we set ourselves always wins. */
function formOf(document: ProviderDocument, question: MetricQuestion, timeoutMs: number): URLSearchParams {
  const form = new URLSearchParams(Object.entries(document.params ?? {}));
  form.set('query', question.query);
  form.set('time', question.at);
  // A tenth is left for the way there and back: a server that gives up by itself frees its own slot.
  form.set('timeout', `${Math.max(1, Math.floor(timeoutMs * 0.9))}ms`);
  form.set('limit', SERIES_LIMIT);
  return form;
}

/** An answer from a server whose clock is far off is about another time than the one we asked for. */
function skewed(answer: HttpAnswer, reading: Reading, nowMs: (() => number) | undefined): Reading | null {
  if (nowMs === undefined || answer.status !== 200 || answer.date === null) return null;
  const skew = Math.abs(Date.parse(answer.date) - nowMs());
  if (!(skew > MAX_SKEW_MS)) return null;
  const detail = `the provider's clock differs from ours by about ${Math.round(skew / 1000)}s`;
  return { ...unavailable('clock-skew', detail), infos: reading.infos };
}

type Unavailable = Extract<Measurement, { kind: 'unavailable' }>;

function unavailable(reason: Unavailable['reason'], detail: string): Reading {
  return { measurement: { kind: 'unavailable', reason, detail }, infos: [] };
}

function misconfigured(detail: string): Reading {
  return unavailable('misconfigured', detail);
}
