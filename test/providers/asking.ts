import type { MetricProviders, ProviderDocument } from '../../src/app/ports.ts';
import type { Measured, MetricQuestion } from '../../src/domain/measurement.ts';
import { createProviders, type ProviderOptions } from '../../src/providers/registry.ts';

export interface Asked {
  readonly provider: string;
  readonly outcome: string;
  readonly source: string;
  readonly durationMs: number;
}

export const QUESTION: MetricQuestion = {
  id: 'errors/canary/bad/0',
  provider: 'main',
  query: 'sum(increase(http_requests_total{code=~"5.."}[10m]))',
  part: 'bad',
  at: '2026-11-22T10:00:00.000Z',
};

/** Providers with one secret, a record of their events, and a short way to ask one question. What was asked before is kept. */
export function providersForTest(options: Partial<ProviderOptions> = {}) {
  const events: Asked[] = [];
  const circuits: string[] = [];
  const providers: MetricProviders = createProviders({
    readSecret: async (reference) => {
      if ('env' in reference && reference.env === 'GATE_SECRET_TEST') return 'canary-secret\n';
      throw new Error('no such secret');
    },
    events: { asked: (event) => void events.push(event), circuit: ({ state }) => void circuits.push(state) },
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
    ...options,
  });
  const ask = (
    document: Partial<ProviderDocument>,
    withinMs = 5000,
    question: Partial<MetricQuestion> = {},
  ): Promise<Measured> =>
    providers.ask(
      { name: 'main', document: { kind: 'prometheus', ...document } },
      { ...QUESTION, ...question },
      withinMs,
    );
  return { providers, events, circuits, ask };
}

/** The same with providers of its own for every question, so that nothing is shared or kept. */
export const askAlone: ReturnType<typeof providersForTest>['ask'] = (...question) =>
  providersForTest().ask(...question);
