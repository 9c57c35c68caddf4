/**
 * Datadog words a failure in four ways: `errors` as texts, `errors` as objects (JSON:API), `error` or
 * `errors` beside the data of a 200, and `status: "error"` in a 200. Here each becomes one measurement
 * before anybody looks at the data; status and media type are judged before the body.
 */
import type { Measurement, UnavailableReason } from '../domain/measurement.ts';
import { type Reading, unavailable } from './ask.ts';
import type { HttpAnswer } from './http.ts';
import { isRecord, printable } from './printable.ts';

const MEDIA_TYPES = ['application/json', 'application/vnd.api+json'];

/** `read` sees only what a 200 without any error has brought. */
export function readDatadogAnswer(
  answer: HttpAnswer,
  secrets: readonly string[],
  read: (body: Record<string, unknown>) => Reading | Measurement,
): Reading {
  const byStatus = fromStatus(answer.status);
  if (byStatus !== null) return { measurement: byStatus, infos: [] };
  const body = parse(answer);
  if (body === undefined) return unavailable('not-json', `HTTP ${answer.status} without a JSON document`);
  if (!isRecord(body)) return unavailable('unexpected-answer', `HTTP ${answer.status} with JSON that is no object`);
  const said = errorsIn(body, secrets);
  if (answer.status >= 400 && answer.status < 500) {
    return { measurement: { kind: 'rejected', detail: said.join('; ') || `HTTP ${answer.status}` }, infos: [] };
  }
  if (answer.status !== 200) return unavailable('unexpected-answer', `HTTP ${answer.status}`);
  if (said.length > 0) return { measurement: inSpiteOf200(body, said), infos: [] };
  const result = read(body);
  return 'infos' in result ? result : { measurement: result, infos: [] };
}

/** Statuses that mean the same with any body: a proxy, a limit or a server that cannot answer. */
function fromStatus(status: number): Measurement | null {
  const of = (reason: UnavailableReason, detail: string): Measurement => ({ kind: 'unavailable', reason, detail });
  if (status >= 300 && status < 400) return of('redirect', `HTTP ${status}: redirects are never followed`);
  if (status === 401 || status === 403) {
    return of('unauthorized', `HTTP ${status}: the keys were not accepted, or lack a permission`);
  }
  if (status === 429) return of('rate-limited', 'HTTP 429: too many requests');
  if (status === 408 || status >= 500) return of('server-error', `HTTP ${status}: the provider could not answer`);
  return null;
}

function parse(answer: HttpAnswer): unknown {
  if (!MEDIA_TYPES.includes(answer.contentType)) return undefined;
  try {
    return JSON.parse(answer.body);
  } catch {
    return undefined;
  }
}

/** Beside data an error says that the data is not all; without any, that the query was refused. */
function inSpiteOf200(body: Record<string, unknown>, said: readonly string[]): Measurement {
  const hasData = body.status !== 'error' && body.data !== undefined && body.data !== null;
  return hasData ? { kind: 'partial', warnings: said } : { kind: 'rejected', detail: said.join('; ') };
}

/** Every error that the body tells, in whichever form; null, '' and an empty list are none. */
function errorsIn(body: Record<string, unknown>, secrets: readonly string[]): readonly string[] {
  const said = [body.error, body.errors].flatMap((each) => (Array.isArray(each) ? each : [each]));
  const texts = said
    .filter((each) => each !== undefined && each !== null && each !== '')
    .map((each) => printable(textOf(each), secrets) || 'an error without text')
    .slice(0, 10);
  return texts.length === 0 && body.status === 'error' ? ['an error without text'] : texts;
}

function textOf(error: unknown): unknown {
  if (!isRecord(error)) return error;
  return error.detail ?? error.title ?? error.error ?? error.error_message;
}
