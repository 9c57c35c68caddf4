import { DEFAULT_SCRAPE_INTERVAL, type ProviderTiming } from '../domain/facts.ts';
import type { Measured, MetricQuestion } from '../domain/measurement.ts';
import type { GateState, Ports, ProviderDocument } from './ports.ts';

/**
 * Asks every question of a decision at once and waits for none longer than `withinMs`: a provider
 * that is slow, or that breaks its promise never to reject, costs its own answer and nothing else.
 */
export async function askProviders(
  ports: Pick<Ports, 'providers'>,
  providers: GateState['providers'],
  questions: readonly MetricQuestion[],
  withinMs: number,
): Promise<readonly Measured[]> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, Math.max(0, withinMs));
  const asked = questions.map((question) => askOne(ports, providers, question, withinMs, late.promise));
  return Promise.all(asked).finally(() => clearTimeout(timer));
}

async function askOne(
  ports: Pick<Ports, 'providers'>,
  providers: GateState['providers'],
  question: MetricQuestion,
  withinMs: number,
  late: Promise<void>,
): Promise<Measured> {
  const configured = providers.find((provider) => provider.name === question.provider);
  if (configured === undefined) return failed(question, 'misconfigured', 'unknown provider');
  const missed: Measured = { ...question, measurement: { kind: 'deadline-exceeded' }, infos: [] };
  if (withinMs <= 0) return missed;
  const provider = { name: configured.name, document: configured.provider };
  try {
    return await Promise.race([ports.providers.ask(provider, question, withinMs), late.then(() => missed)]);
  } catch {
    return failed(question, 'unexpected-answer', 'the provider failed in an unexpected way');
  }
}

function failed(question: MetricQuestion, reason: 'misconfigured' | 'unexpected-answer', detail: string): Measured {
  return { ...question, measurement: { kind: 'unavailable', reason, detail }, infos: [] };
}

/** When each provider's data comes, for the facts. */
export function timingsOf(providers: GateState['providers']): Readonly<Record<string, ProviderTiming>> {
  const timingOf = ({ delay = '0s', scrapeInterval = DEFAULT_SCRAPE_INTERVAL }: ProviderDocument) => ({
    delay,
    scrapeInterval,
  });
  return Object.fromEntries(providers.map(({ name, provider }) => [name, timingOf(provider)]));
}
