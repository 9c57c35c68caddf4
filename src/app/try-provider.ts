import { GateError } from '../domain/errors.ts';
import { UNAVAILABLE } from '../domain/explain-rule.ts';
import type { Measurement } from '../domain/measurement.ts';
import type { Ports, ProviderDocument } from './ports.ts';
import { type SeenScrapeInterval, scrapeQuestions, scrapeWarnings, seenScrapeInterval } from './scrape-interval.ts';
import { askTimed } from './timed-asking.ts';

/** What came of trying a provider. Nothing that it sent is in it, but its version. */
export interface ProviderTrial {
  readonly provider: string;
  readonly kind: ProviderDocument['kind'];
  /** True when a trivial query was answered as it should be: then rules can ask it. */
  readonly ok: boolean;
  /** False when no answer came at all. */
  readonly reachable: boolean;
  /** Whether our credential, or having none, was accepted; null where that cannot be told. */
  readonly authenticated: boolean | null;
  /** `value` when all is well; otherwise what a rule's finding would name as the reason. */
  readonly outcome: string;
  readonly because: string;
  readonly milliseconds: number;
  readonly version: string | null;
  readonly clockOffsetSeconds: number | null;
  readonly scrapeInterval: SeenScrapeInterval | null;
  /** Sentences about what its document says and what was seen. */
  readonly warnings: readonly string[];
}

const DEADLINE_MS = 6000;
const TRIVIAL = { query: 'vector(1)' };
/** Datadog has no query that needs no data; that it finds none of the agent's own is an answer as well. */
const TRIVIAL_FOR_DATADOG = { query: 'avg:system.cpu.user{*}', windowMs: 300_000 };
const NOT_REACHED = ['connection', 'address-refused', 'misconfigured', 'deadline-exceeded'];

/** @throws GateError `not-found`. */
export async function tryProvider(
  ports: Pick<Ports, 'store' | 'providers' | 'inspector' | 'runtime'>,
  name: string,
): Promise<ProviderTrial> {
  const { row } = await ports.store.config({ kind: 'provider', owner: '', name });
  if (row === null) throw new GateError('not-found', `there is no provider ${name}`);
  const provider = row.document as ProviderDocument;
  const trivial = provider.kind === 'datadog' ? TRIVIAL_FOR_DATADOG : TRIVIAL;
  const asked = { provider: name, at: await ports.store.now() };
  const questions = [
    { ...asked, id: 'check', ...trivial, part: 'value' } as const,
    ...scrapeQuestions(provider, asked),
  ];
  const [[answer, ...scrapes], inspection] = await Promise.all([
    askTimed(ports, [{ name, provider }], questions, DEADLINE_MS),
    ports.inspector.inspect(provider, DEADLINE_MS),
  ]);
  if (answer === undefined) throw new Error('a question was not answered');
  const { measurement } = answer.measured;
  const outcome = outcomeOf(measurement, provider.kind);
  const reachable = !NOT_REACHED.includes(outcome);
  const recorded = provider.kind === 'recorded';
  const scrapeInterval = seenScrapeInterval(scrapes.map(({ measured }) => measured.measurement));
  return {
    ...{ provider: name, kind: provider.kind, ok: recorded || outcome === 'value', reachable },
    authenticated: reachable && !recorded ? outcome !== 'unauthorized' : null,
    outcome,
    because: recorded ? `${name} answers from its own document.` : sentence(name, measurement, outcome),
    milliseconds: answer.milliseconds,
    ...inspection,
    ...{ scrapeInterval, warnings: scrapeWarnings(name, provider, scrapeInterval) },
  };
}

function outcomeOf(measurement: Measurement, kind: ProviderDocument['kind']): string {
  if (kind === 'datadog' && measurement.kind === 'no-data') return 'value';
  return measurement.kind === 'unavailable' ? measurement.reason : measurement.kind;
}

function sentence(name: string, measurement: Measurement, outcome: string): string {
  if (outcome === 'value') return `${name} answers queries.`;
  switch (measurement.kind) {
    case 'unavailable':
      return `${name} ${UNAVAILABLE[measurement.reason] ?? 'is unavailable'} (${measurement.detail}).`;
    case 'deadline-exceeded':
      return `${name} did not answer a trivial query in time.`;
    case 'partial':
      return `${name} says of its own answers that they may be incomplete.`;
    default:
      return `${name} answers, but not to a trivial query as it should: is the URL that of its API?`;
  }
}
