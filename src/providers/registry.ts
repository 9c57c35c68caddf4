/**
 * The one door to the providers. Whatever happens behind it, a question is answered in time and with
 * a measurement: a provider nobody knows, a secret that cannot be read, a defect of our own are
 * reasons to hold, never a default and never an exception (law 1).
 */
import type { Events, MetricProviders, ProviderDocument } from '../app/ports.ts';
import { durationMs } from '../domain/duration.ts';
import type { Measured, MetricQuestion } from '../domain/measurement.ts';
import { type Ask, type Call, type Provider, type Reading, unavailable } from './ask.ts';
import { type BreakerState, breaking } from './breaking.ts';
import type { ReadSecret } from './credential.ts';
import { askDatadog } from './datadog.ts';
import { withinDeadline } from './deadline.ts';
import { createHttpClient } from './http.ts';
import { inTurn, type QueueLimits } from './in-turn.ts';
import { pausing } from './pausing.ts';
import { askPrometheus } from './prometheus.ts';
import { askRecorded } from './recorded.ts';
import { retrying } from './retrying.ts';
import { type AskShared, type KnownReading, type Source, sharing } from './sharing.ts';

export interface ProviderOptions extends QueueLimits {
  readonly readSecret: ReadSecret;
  readonly events: Pick<Events, 'asked' | 'circuit'>;
  /** Our own wall clock, by which a provider's is judged. */
  readonly nowMs: () => number;
  /** For how long answers are kept and providers are left alone. */
  readonly monotonicMs: () => number;
  /** Jitter, from 0 to below 1. */
  readonly random: () => number;
}

const DEFAULT_TIMEOUT = '3s';

export function createProviders(options: ProviderOptions): MetricProviders {
  const kinds = kindsOf(options);
  return {
    async ask(provider, question, withinMs) {
      const startedAt = performance.now();
      const known = withinMs > 0 ? knownTo(kinds, provider, question) : null;
      let source: Source = known?.source ?? 'asked';
      const read = async ({ signal }: Call) => {
        const kind = kinds.get(provider.document.kind);
        if (kind === undefined) return unavailable('misconfigured', 'the kind of the provider is not known');
        const answer = kind.ask(provider, question, signal);
        source = answer.source;
        return answer.reading;
      };
      // A deadline costs more than an answer that is there already.
      const { measurement: whole, infos, parts } = known?.reading ?? (await withinDeadline(withinMs, read));
      const measurement = parts?.[question.part] ?? whole;
      const outcome = measurement.kind === 'unavailable' ? measurement.reason : measurement.kind;
      const durationMs = performance.now() - startedAt;
      quietly(() => options.events.asked({ provider: provider.name, outcome, source, durationMs }));
      return { ...question, measurement, infos } satisfies Measured;
    },
  };
}

type Kinds = ReadonlyMap<string, AskShared>;

/** How each kind is asked. What costs the provider nothing, like a recording, needs no sharing. */
function kindsOf(options: ProviderOptions): Kinds {
  const http = createHttpClient();
  return new Map<ProviderDocument['kind'], AskShared>([
    [
      'prometheus',
      sparing((provider, question, call) => askPrometheus(provider, question, call, { ...options, http }), options),
    ],
    [
      'datadog',
      sparing((provider, question, call) => askDatadog(provider, question, call, { ...options, http }), options),
    ],
    [
      'recorded',
      { known: recorded, ask: (of, question) => ({ source: 'asked', reading: readRecorded(of, question) }) },
    ],
  ]);
}

function recorded({ document }: Provider, question: MetricQuestion): KnownReading {
  return { source: 'asked', reading: { measurement: askRecorded(document, question), infos: [] } };
}

async function readRecorded(provider: Provider, question: MetricQuestion): Promise<Reading> {
  return recorded(provider, question).reading;
}

/** A defect is no answer: it comes up again, and is told, where the question is asked. */
function knownTo(kinds: Kinds, provider: Provider, question: MetricQuestion): KnownReading | null {
  try {
    return kinds.get(provider.document.kind)?.known(provider, question) ?? null;
  } catch {
    return null;
  }
}

/** Everything that spares a provider, from the outside in: shared, queued, timed, paused, repeated, broken off. */
function sparing(ask: Ask, options: ProviderOptions): AskShared {
  const { monotonicMs, random, events } = options;
  const onState = (provider: string, state: BreakerState) => quietly(() => events.circuit({ provider, state }));
  const patient = pausing(retrying(breaking(ask, { monotonicMs, random, onState }), random), monotonicMs);
  const timed = async (provider: Provider, question: MetricQuestion) => {
    const timeoutMs = durationMs(provider.document.timeout ?? DEFAULT_TIMEOUT);
    return withinDeadline(timeoutMs, (call) => patient(provider, question, call));
  };
  return sharing(inTurn(timed, options), monotonicMs);
}

/** Telemetry that fails must not change an answer. */
function quietly(announce: () => void): void {
  try {
    announce();
  } catch {
    // Nothing to do: the measurement stands.
  }
}
