/** Random counts of the grammar that rules may use, with the truth of each, and random counters for them. */
import fc from 'fast-check';
import { type Counter, SCRAPE_S, valueAt } from './small-promql.ts';

/** A count as PromQL, and what it really is over a window of counters that are known. */
export interface TrueCount {
  readonly text: string;
  /** True where a difference is somewhere in it. */
  readonly subtracts: boolean;
  readonly truth: (events: (metric: string) => number) => number;
}

/** One sum of increases. */
export function termOf(metric: string): TrueCount {
  const text = `sum(increase(${metric}{version="\${version}",ring="\${ring}"}[\${window}]))`;
  return { text, subtracts: false, truth: (events) => events(metric) };
}

const orZero = (count: TrueCount): TrueCount => ({ ...count, text: `(${count.text} or vector(0))` });
const innerZero = (metric: string): TrueCount => {
  const { text, ...term } = termOf(metric);
  return { ...term, text: text.replace(/^sum\((.*)\)$/, 'sum($1 or vector(0))') };
};
const sum = (left: TrueCount, right: TrueCount): TrueCount => ({
  text: `(${left.text} + ${right.text})`,
  subtracts: left.subtracts || right.subtracts,
  truth: (events) => left.truth(events) + right.truth(events),
});
const difference = (left: TrueCount, right: TrueCount): TrueCount => ({
  text: `(${left.text} - ${right.text})`,
  subtracts: true,
  truth: (events) => left.truth(events) - right.truth(events),
});
const scaled = (by: number, count: TrueCount): TrueCount => ({
  ...count,
  text: by < 1 ? `(${count.text} / ${1 / by})` : `(${by} * ${count.text})`,
  truth: (events) => by * count.truth(events),
});

/** Sums, differences, scalings and stated zeros of terms over these metrics. */
export function randomCount(metrics: readonly string[]): fc.Arbitrary<TrueCount> {
  const metric = fc.constantFrom(...metrics);
  const { count } = fc.letrec<{ count: TrueCount }>((tie) => ({
    count: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      metric.map(termOf),
      metric.map(innerZero),
      fc.tuple(tie('count'), tie('count')).map(([left, right]) => sum(left, right)),
      fc.tuple(tie('count'), tie('count')).map(([left, right]) => difference(left, right)),
      tie('count').map(orZero),
      fc.tuple(fc.constantFrom(0.5, 2), tie('count')).map(([by, inner]) => scaled(by, inner)),
    ),
  }));
  return count;
}

/** Sums of terms, scaled and with stated zeros. */
export function randomSum(metrics: readonly string[]): fc.Arbitrary<TrueCount> {
  return randomCount(metrics).filter(({ subtracts }) => !subtracts);
}

/**
 * Counters of these metrics, of which any may be missing. Some have been there before the window, some have ended in
 * it; with `births` some begin in it, perhaps with their last sample, and perhaps with many events.
 */
export function randomCounters(
  metrics: readonly string[],
  at: number,
  births: boolean,
): fc.Arbitrary<readonly Counter[]> {
  const counter = fc
    .record({
      metric: fc.constantFrom(...metrics),
      born: births ? fc.constantFrom(null, null, 0, 1, 2, 10, 30) : fc.constant(null),
      ended: fc.constantFrom(0, 0, 0, 0, 5, 100),
      first: fc.constantFrom(0, 0, 1, 40),
      perScrape: fc.constantFrom(0, 0, 1, 5),
    })
    .map(({ metric, born, ended, first, perScrape }) => {
      const from = born === null ? at - 3600 : at - born * SCRAPE_S;
      return { metric, from, to: Math.max(from, at - (born === null ? ended : 0) * SCRAPE_S), first, perScrape };
    });
  return fc.array(counter, { maxLength: 5 }).map((all) => all.map((each, i) => ({ ...each, id: `pod-${i}` })));
}

/** What really happened to a metric in a window. */
export function eventsWithin(counters: readonly Counter[], since: number, at: number): (metric: string) => number {
  return (metric) =>
    counters
      .filter((counter) => counter.metric === metric)
      .reduce((all, counter) => all + valueAt(counter, at) - valueAt(counter, since), 0);
}
