/**
 * Law 1 at the border: every answer a Prometheus, or whatever stands in front of it, can give
 * becomes one measurement, and only a single finite number in a complete answer becomes a value.
 * Status and media type are judged before the body; text from the body is passed on only out of the
 * documented error, warning and info fields, shortened and without control characters.
 */
import type { Measurement, UnavailableReason } from '../domain/measurement.ts';
import { type Reading, unavailable } from './ask.ts';
import type { HttpAnswer } from './http.ts';
import { isRecord, printable, printables } from './printable.ts';
import { measurementOfData } from './prometheus-data.ts';

/** `secrets` are the texts we sent as a credential: a provider that echoes them is not quoted. */
export function readPrometheusAnswer(answer: HttpAnswer, secrets: readonly string[] = []): Reading {
  const byStatus = fromStatus(answer.status);
  if (byStatus !== null) return { measurement: byStatus, infos: [] };
  const envelope = parseEnvelope(answer);
  if (envelope === null) return unavailable('not-json', `HTTP ${answer.status} without a JSON document`);
  if (!isRecord(envelope)) return unexpected(answer.status);
  if (envelope.status === 'error') return { measurement: fromError(envelope, answer.status, secrets), infos: [] };
  if (envelope.status !== 'success' || answer.status !== 200) return unexpected(answer.status);
  const infos = printables(envelope.infos, secrets);
  const measurement = measurementOfData(envelope.data);
  // Several series is a mistake in the query, whatever else is said about the answer.
  if (measurement.kind === 'too-many-series' || measurement.kind === 'unavailable') return { measurement, infos };
  return { measurement: incomplete(envelope, secrets) ?? measurement, infos };
}

/** Statuses that mean the same with any body: a proxy, a limit or a server that cannot answer. */
function fromStatus(status: number): Measurement | null {
  const of = (reason: UnavailableReason, detail: string): Measurement => ({ kind: 'unavailable', reason, detail });
  if (status >= 300 && status < 400) return of('redirect', `HTTP ${status}: redirects are never followed`);
  if (status === 401 || status === 403) return of('unauthorized', `HTTP ${status}: the credential was not accepted`);
  if (status === 429) return of('rate-limited', 'HTTP 429: too many requests');
  if (status === 408 || status === 499 || status >= 500) {
    return of('server-error', `HTTP ${status}: the provider could not answer`);
  }
  return null;
}

/** The parsed body, or null when it is not a whole JSON document that calls itself one. */
function parseEnvelope(answer: HttpAnswer): unknown {
  if (answer.contentType !== 'application/json') return null;
  try {
    return JSON.parse(answer.body);
  } catch {
    return null;
  }
}

const REFUSALS = new Set(['bad_data', 'execution', 'too_large_entry']);
const FAILURES = new Set(['timeout', 'canceled', 'internal', 'unavailable']);

function fromError(envelope: Record<string, unknown>, status: number, secrets: readonly string[]): Measurement {
  const type = envelope.errorType;
  if (typeof type === 'string' && REFUSALS.has(type)) {
    return { kind: 'rejected', detail: printable(envelope.error, secrets) || type };
  }
  if (typeof type === 'string' && FAILURES.has(type)) {
    return { kind: 'unavailable', reason: 'server-error', detail: `the provider answered with the error ${type}` };
  }
  if (type === 'too_many_requests') {
    return { kind: 'unavailable', reason: 'rate-limited', detail: 'the provider answered too_many_requests' };
  }
  return unexpected(status).measurement;
}

/** The provider's own word that something is missing: warnings, or `isPartial` of VictoriaMetrics. */
function incomplete(envelope: Record<string, unknown>, secrets: readonly string[]): Measurement | null {
  const { warnings, isPartial } = envelope;
  if (warnings !== undefined && warnings !== null && !(Array.isArray(warnings) && warnings.length === 0)) {
    const texts = printables(warnings, secrets);
    return { kind: 'partial', warnings: texts.length > 0 ? texts : ['a warning without text'] };
  }
  if (isPartial === undefined || isPartial === null || isPartial === false) return null;
  return { kind: 'partial', warnings: ['the provider marked the answer as partial'] };
}

function unexpected(status: number): Reading {
  return unavailable('unexpected-answer', `HTTP ${status} with JSON that is not an answer to a query`);
}
