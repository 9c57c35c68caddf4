import type { ProviderDocument } from '../app/ports.ts';
import type { MetricQuestion } from '../domain/measurement.ts';
import { profileParams } from '../domain/prometheus-profile.ts';
import { type Call, type Provider, type Reading, unavailable } from './ask.ts';
import { type ReadSecret, readCredential } from './credential.ts';
import { exchange, leftOf } from './exchange.ts';
import type { HttpClient } from './http.ts';
import { readPrometheusAnswer } from './prometheus-answer.ts';

/**
 * Servers that know `limit` cut the answer there and say so in a warning; older ones ignore it. More
 * than one series is refused either way, so the limit only keeps a careless query's answer small.
 */
const SERIES_LIMIT = '20';

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
  const { url: baseUrl } = document;
  let secrets: readonly string[] = [];
  const send = async () => {
    const credential = await readCredential(document.auth, options.readSecret);
    secrets = credential.secrets;
    const timeoutMs = leftOf(call);
    return options.http.post({
      baseUrl,
      path: '/api/v1/query',
      headers: headersOf(document, credential.authorization),
      form: formOf(document, question, timeoutMs),
      timeoutMs,
      signal: call.signal,
    });
  };
  return exchange(send, (answer) => readPrometheusAnswer(answer, secrets), options.nowMs);
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
