/**
 * The one door to the providers. Whatever happens behind it, a question is answered in time and with
 * a measurement: a provider nobody knows, a secret that cannot be read, a defect of our own are
 * reasons to hold, never a default and never an exception (law 1).
 */
import type { Events, MetricProviders, ProviderDocument } from '../app/ports.ts';
import type { Measured, MetricQuestion } from '../domain/measurement.ts';
import type { ReadSecret } from './credential.ts';
import { createHttpClient } from './http.ts';
import { askPrometheus, type PrometheusOptions } from './prometheus.ts';
import type { Reading } from './prometheus-answer.ts';
import { askRecorded } from './recorded.ts';
import { createSlots, type Slots } from './slots.ts';

export interface ProviderOptions {
  readonly readSecret: ReadSecret;
  readonly events: Pick<Events, 'asked'>;
  /** Queries that run at the same time per provider; a Prometheus allows 20 for everybody. */
  readonly maxConcurrent?: number;
  readonly nowMs?: () => number;
}

type Provider = Parameters<MetricProviders['ask']>[0];
type Ask = (document: ProviderDocument, question: MetricQuestion, call: Call) => Promise<Reading>;
interface Call {
  readonly ms: number;
  readonly signal: AbortSignal;
}

const DEADLINE: Reading = { measurement: { kind: 'deadline-exceeded' }, infos: [] };
const LONGEST_MS = 60_000;

export function createProviders(options: ProviderOptions): MetricProviders {
  const slots = createSlots(options.maxConcurrent ?? 8);
  const kinds = kindsOf({ ...options, http: createHttpClient() });
  return {
    async ask(provider, question, withinMs) {
      const startedAt = performance.now();
      const reading = await withinDeadline(withinMs, (signal) =>
        askInTurn(slots, kinds, provider, question, {
          ms: () => withinMs - (performance.now() - startedAt),
          signal,
        }),
      );
      announce(options.events, provider.name, reading, performance.now() - startedAt);
      return { ...question, ...reading } satisfies Measured;
    },
  };
}

function kindsOf(options: PrometheusOptions): ReadonlyMap<string, Ask> {
  return new Map<ProviderDocument['kind'], Ask>([
    ['prometheus', (document, question, call) => askPrometheus(document, question, call, options)],
    ['recorded', async (document, question) => ({ measurement: askRecorded(document, question), infos: [] })],
  ]);
}

async function askInTurn(
  slots: Slots,
  kinds: ReadonlyMap<string, Ask>,
  provider: Provider,
  question: MetricQuestion,
  left: { readonly ms: () => number; readonly signal: AbortSignal },
): Promise<Reading> {
  const ask = kinds.get(provider.document.kind);
  if (ask === undefined) return misconfigured('the kind of the provider is not known');
  const free = await slots.take(provider.name, left.signal);
  try {
    // Also frees the place when the call itself does not notice that its time is over.
    return await orAborted(ask(provider.document, question, { ms: left.ms(), signal: left.signal }), left.signal);
  } finally {
    free();
  }
}

/** Runs the work under one timer. Resolves when the work does or when the time is over, and never rejects. */
async function withinDeadline(ms: number, work: (signal: AbortSignal) => Promise<Reading>): Promise<Reading> {
  if (!(ms > 0)) return DEADLINE;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), Math.min(ms, LONGEST_MS));
  try {
    return await work(controller.signal);
  } catch {
    return controller.signal.aborted ? DEADLINE : misconfigured('the provider could not be asked');
  } finally {
    clearTimeout(timer);
  }
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Telemetry that fails must not change an answer. */
function announce(events: Pick<Events, 'asked'>, provider: string, { measurement }: Reading, durationMs: number): void {
  const outcome = measurement.kind === 'unavailable' ? measurement.reason : measurement.kind;
  try {
    events.asked({ provider, outcome, durationMs });
  } catch {
    // Nothing to do: the measurement stands.
  }
}

function misconfigured(detail: string): Reading {
  return { measurement: { kind: 'unavailable', reason: 'misconfigured', detail }, infos: [] };
}
