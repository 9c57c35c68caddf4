import type { Measured, MetricQuestion } from '../domain/measurement.ts';
import type { GateState, Ports } from './ports.ts';

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
  return Promise.all(questions.map((question) => askOne(ports, providers, question, withinMs)));
}

async function askOne(
  ports: Pick<Ports, 'providers'>,
  providers: GateState['providers'],
  question: MetricQuestion,
  withinMs: number,
): Promise<Measured> {
  const configured = providers.find((provider) => provider.name === question.provider);
  if (configured === undefined) return failed(question, 'misconfigured', 'unknown provider');
  if (withinMs <= 0) return { ...question, measurement: { kind: 'deadline-exceeded' }, infos: [] };
  const provider = { name: configured.name, document: configured.provider };
  const late = Promise.withResolvers<Measured>();
  const timer = setTimeout(
    () => late.resolve({ ...question, measurement: { kind: 'deadline-exceeded' }, infos: [] }),
    withinMs,
  );
  try {
    return await Promise.race([ports.providers.ask(provider, question, withinMs), late.promise]);
  } catch {
    return failed(question, 'unexpected-answer', 'the provider failed in an unexpected way');
  } finally {
    clearTimeout(timer);
  }
}

function failed(question: MetricQuestion, reason: 'misconfigured' | 'unexpected-answer', detail: string): Measured {
  return { ...question, measurement: { kind: 'unavailable', reason, detail }, infos: [] };
}

/** How far behind each provider's data is, for the facts. */
export function delaysOf(providers: GateState['providers']): Readonly<Record<string, { delay: string }>> {
  return Object.fromEntries(providers.map(({ name, provider }) => [name, { delay: provider.delay ?? '0s' }]));
}
