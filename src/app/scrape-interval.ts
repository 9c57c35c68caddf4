import { durationMs, formatDuration } from '../domain/duration.ts';
import { DEFAULT_SCRAPE_INTERVAL } from '../domain/facts.ts';
import type { Measurement, MetricQuestion } from '../domain/measurement.ts';
import { LOOKBACK_MS, stepOf } from '../domain/promql-selectors.ts';
import type { ProviderDocument } from './ports.ts';

/** How often a Prometheus scrapes its targets, as its own `up` series show. */
export interface SeenScrapeInterval {
  readonly shortest: string;
  readonly longest: string;
}

const SPAN_MS = 300_000;
/** Scrapes are never exactly as far apart as they are meant to be. */
const TOLERANCE = 1.2;

/** What to ask to see it; nothing of a provider that does not scrape. */
export function scrapeQuestions(
  provider: ProviderDocument,
  question: Pick<MetricQuestion, 'provider' | 'at'>,
): readonly MetricQuestion[] {
  if (provider.kind !== 'prometheus') return [];
  return (['min', 'max'] as const).map((most) => ({
    ...{ ...question, id: most, part: 'distance' as const },
    query: `${most}(${stepOf('up', SPAN_MS)})`,
  }));
}

/** Null where a provider has no targets of its own, or none for long enough. */
export function seenScrapeInterval(measurements: readonly Measurement[]): SeenScrapeInterval | null {
  const [shortest, longest] = measurements.map((each) => (each.kind === 'value' ? Number(each.value) : Number.NaN));
  if (shortest === undefined || longest === undefined) return null;
  if (!(shortest > 0 && longest >= shortest && longest * 1000 <= SPAN_MS + LOOKBACK_MS)) return null;
  return { shortest: text(shortest), longest: text(longest) };
}

function text(seconds: number): string {
  return formatDuration(Math.max(1, Math.round(seconds)) * 1000);
}

/** Whether what the document says can be right. */
export function scrapeWarnings(
  name: string,
  { scrapeInterval }: ProviderDocument,
  seen: SeenScrapeInterval | null,
): readonly string[] {
  if (seen === null) return [];
  const stated = durationMs(scrapeInterval ?? DEFAULT_SCRAPE_INTERVAL);
  const [least, most] = [durationMs(seen.shortest) / TOLERANCE, durationMs(seen.longest) * TOLERANCE];
  if (stated >= least && stated <= most) return [];
  const range = seen.shortest === seen.longest ? seen.longest : `${seen.shortest} to ${seen.longest}`;
  const said = scrapeInterval === undefined ? `${DEFAULT_SCRAPE_INTERVAL}, the default` : scrapeInterval;
  return [`${name} scrapes its targets every ${range}, and its scrapeInterval is ${said}: set it to ${seen.longest}`];
}
