import { durationMs, formatDuration } from '../domain/duration.ts';
import type { MetricQuestion } from '../domain/measurement.ts';
import { providerOf } from '../domain/probes.ts';
import { LOOKBACK_MS } from '../domain/promql-selectors.ts';
import { distanceQueries } from '../domain/query-template.ts';
import { leastWindowMs } from '../domain/recent-window.ts';
import { burnRatesOf, lastingOf, mayRollBack, type RuleDocument } from '../domain/rule.ts';
import type { Plan } from '../domain/service.ts';
import type { GateState } from './ports.ts';
import type { NamedRule } from './references.ts';
import type { Doubt } from './traffic-doubt.ts';

/** Over this, a series that is scraped every minute has five samples. */
const SPAN_MS = 300_000;
/** With as many scrapes in a window, two are always left when one is missed. */
const GOOD_SCRAPES = 4;

/** Windows in which there are no two samples, going by what the documents of the providers say. */
export function statedWindowWarnings(
  plan: Plan,
  rules: readonly NamedRule[],
  providers: GateState['providers'],
): readonly string[] {
  const stated = new Map(providers.map(({ name, provider }) => [name, provider.scrapeInterval]));
  return rules.flatMap((named) => {
    const asked = new Set(plan.rings.map((ring) => providerOf(named.rule, ring)));
    return [...asked].flatMap((provider) => {
      const interval = provider === null ? undefined : stated.get(provider);
      return provider === null || interval === undefined ? [] : windowWarnings(named, provider, durationMs(interval));
    });
  });
}

/** The same by what the provider shows, one question for each selector that the rule counts. */
export function windowDoubts(named: NamedRule, ask: readonly MetricQuestion[]): readonly Doubt[] {
  const counted = ask.find(({ part }) => part === 'total' || part === 'value');
  if (counted === undefined) return [];
  const { windowMs: _, ...question } = counted;
  return distanceQueries(counted.query, SPAN_MS).map((query) => ({
    question: { ...question, part: 'distance', query },
    warn: ({ measurement, provider }) => {
      const seconds = measurement.kind === 'value' ? Number(measurement.value) : 0;
      if (!(seconds > 0 && seconds * 1000 <= SPAN_MS + LOOKBACK_MS)) return null;
      return windowWarnings(named, provider, Math.round(seconds) * 1000);
    },
  }));
}

function windowWarnings({ name, rule }: NamedRule, provider: string, distanceMs: number): readonly string[] {
  const apart = `samples of ${provider} are ${formatDuration(distanceMs)} apart`;
  const least = leastWindowMs(distanceMs);
  const short = windowsOf(rule).filter((window) => durationMs(window) < least);
  const windows = short.map(
    (window) =>
      `${name}: the window ${window} does not always hold two samples, because ${apart}: let it be ${formatDuration(GOOD_SCRAPES * distanceMs)} or more`,
  );
  const lastingMs = durationMs(lastingOf(rule));
  if (!mayRollBack(rule) || lastingMs / 2 >= least) return windows;
  const wanted = formatDuration(Math.ceil(least / 1000) * 2000);
  return [
    ...windows,
    `${name}: half of "for" (${lastingOf(rule)}) does not always hold two samples, because ${apart}: whether harm goes on is read from a longer time; let "for" be ${wanted} or more`,
  ];
}

/** The windows that the rule counts over, each once. */
function windowsOf(rule: RuleDocument): readonly string[] {
  const { limits, objective } = rule;
  const pairs = burnRatesOf(rule).flatMap(({ long, short }) => [short, long]);
  const windows = [limits?.window, ...pairs, objective?.slices?.window];
  return [...new Set(windows.filter((window) => window !== undefined))];
}
