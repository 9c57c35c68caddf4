import { scrub } from '../domain/audit/plain-text.ts';
import type { Measured, MetricQuestion } from '../domain/measurement.ts';
import { askProviders } from './ask-providers.ts';
import type { GateState, MetricProviders, Ports } from './ports.ts';

/** An answer and how long it took. */
export interface TimedMeasured {
  readonly measured: Measured;
  readonly milliseconds: number;
}

/**
 * Asks as a decision would, and keeps how long each answer took; zero for what was not even asked.
 * Nothing of it is recorded.
 */
export async function askTimed(
  ports: Pick<Ports, 'providers' | 'runtime'>,
  providers: GateState['providers'],
  questions: readonly MetricQuestion[],
  withinMs: number,
): Promise<readonly TimedMeasured[]> {
  const took = new Map<string, number>();
  const timing: MetricProviders = {
    async ask(provider, question, ms) {
      const started = ports.runtime.monotonicMs();
      try {
        return await ports.providers.ask(provider, question, ms);
      } finally {
        took.set(question.id, ports.runtime.monotonicMs() - started);
      }
    },
  };
  const measured = await askProviders({ providers: timing }, providers, questions, withinMs);
  return measured.map((each) => ({
    measured: scrub(each) as Measured,
    milliseconds: Math.round((took.get(each.id) ?? 0) * 10) / 10,
  }));
}
