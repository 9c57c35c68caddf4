import type { ProviderDocument } from '../app/ports.ts';
import type { MetricQuestion } from '../domain/measurement.ts';
import { profileParams } from '../domain/prometheus-profile.ts';
import { type Call, DEADLINE, type Provider, type Reading, unavailable } from './ask.ts';
import { CredentialError, type ReadSecret, readCredential } from './credential.ts';
import type { HttpAnswer, HttpClient } from './http.ts';
import { readPrometheusAnswer } from './prometheus-answer.ts';
import { retryAfterMs } from './retry-after.ts';

const MAX_SKEW_MS = 30_000;
/**
 * Servers that know `limit` cut the answer there and say so in a warning; older ones ignore it. More
 * than one series is refused either way, so the limit only keeps a careless query's answer small.
 */
const SERIES_LIMIT = '20';

/** An answer with one of these was none: asking again does no harm and may help (RFC 9110 §15.6, Prometheus's error types). */
const TRANSIENT = new Set([500, 502, 503, 504]);

export interface PrometheusOptions {
  readonly http: HttpClient;
  readonly readSecret: ReadSecret;
  /** Our own wall clock: to notice a provider whose clock is far away, and until when it wants a pause. */
  readonly nowMs: () => number;
}

/** One instant query, asked once. Gives up when `signal` fires. */
export async function askPrometheus(
  { document }: Provider,
  question: MetricQuestion,
  call: Call,
  options: PrometheusOptions,
): Promise<Reading> {
  if (document.url === undefined) return unavailable('misconfigured', 'the provider has no URL');
  try {
    const credential = await readCredential(document.auth, options.readSecret);
    const timeoutMs = Math.max(1, Math.ceil(call.leftMs()));
    const outcome = await options.http.post({
      baseUrl: document.url,
      path: '/api/v1/query',
      headers: headersOf(document, credential.authorization),
      body: formOf(document, question, timeoutMs),
      timeoutMs,
      signal: call.signal,
    });
    if (outcome.kind === 'deadline-exceeded') return DEADLINE;
    if (outcome.kind === 'failed') {
      const { reason, detail } = outcome;
      return { ...unavailable(reason, detail), ...(reason === 'connection' && { transient: true }) };
    }
    const reading = readPrometheusAnswer(outcome, credential.secrets);
    return { ...(skewed(outcome, reading, options.nowMs) ?? reading), ...advice(outcome, options.nowMs) };
  } catch (error) {
    return unavailable(
      'misconfigured',
      error instanceof CredentialError ? error.message : 'the provider could not be asked',
    );
  }
}

/** What the status says about asking again. */
function advice(answer: HttpAnswer, nowMs: () => number): Pick<Reading, 'transient' | 'pauseMs'> {
  if (answer.status === 429) return { pauseMs: retryAfterMs(answer, nowMs()) };
  return TRANSIENT.has(answer.status) ? { transient: true } : {};
}

function headersOf(document: ProviderDocument, authorization: string | null): Record<string, string> {
  return {
    ...document.headers,
    Accept: 'application/json',
    'User-Agent': 'ringgate',
    ...(authorization === null ? {} : { Authorization: authorization }),
  };
}

/** The document's params first, then the profile's, so that what we set ourselves always wins. */
function formOf(document: ProviderDocument, question: MetricQuestion, timeoutMs: number): URLSearchParams {
  const form = new URLSearchParams(Object.entries(document.params ?? {}));
  for (const [name, value] of Object.entries(profileParams(document.profile))) form.set(name, value);
  form.set('query', question.query);
  form.set('time', question.at);
  // A tenth is left for the way there and back: a server that gives up by itself frees its own slot.
  form.set('timeout', `${Math.max(1, Math.floor(timeoutMs * 0.9))}ms`);
  form.set('limit', SERIES_LIMIT);
  return form;
}

/** An answer from a server whose clock is far off is about another time than the one we asked for. */
function skewed(answer: HttpAnswer, reading: Reading, nowMs: () => number): Reading | null {
  if (answer.status !== 200 || answer.date === null) return null;
  const skew = Math.abs(Date.parse(answer.date) - nowMs());
  if (!(skew > MAX_SKEW_MS)) return null;
  const detail = `the provider's clock differs from ours by about ${Math.round(skew / 1000)}s`;
  return { ...unavailable('clock-skew', detail), infos: reading.infos };
}
