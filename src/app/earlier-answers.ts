import type { Measured, MetricQuestion } from '../domain/measurement.ts';
import type { GateState } from './ports.ts';

type Providers = GateState['providers'];

/**
 * What providers have answered before, for whoever looks again within the same evaluation bucket:
 * the same query over the same window at the same instant of a provider that is configured as it was. Failures too, so
 * that a provider in trouble is not asked more often than one that is well.
 */
export class EarlierAnswers {
  readonly #known: ReadonlyMap<string, Measured>;

  constructor(providers: Providers, measurements: readonly Measured[]) {
    this.#known = new Map(measurements.map((measured) => [keyOf(providers, measured), measured]));
  }

  /** The answer under the question's own id; undefined when it has to be asked. */
  to(providers: Providers, question: MetricQuestion): Measured | undefined {
    if (this.#known.size === 0) return undefined;
    const known = this.#known.get(keyOf(providers, question));
    return known === undefined ? undefined : { ...question, measurement: known.measurement, infos: known.infos };
  }
}

/** The part counts too: good and all events of one SLO, and the age of a count, are asked with the same text. */
function keyOf(providers: Providers, { provider, query, at, windowMs, part }: MetricQuestion): string {
  const configured = providers.find(({ name }) => name === provider);
  return JSON.stringify([configured ?? provider, query, at, windowMs ?? null, part]);
}
