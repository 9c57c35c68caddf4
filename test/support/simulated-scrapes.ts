/** What a Prometheus would answer about counters of known traffic: samples, ranges and extrapolation as it has them. */

export interface ScrapedSeries {
  /** Counted up to a second. */
  readonly counted: (second: number) => number;
  readonly every: number;
  readonly phase: number;
}

/** The seconds at which samples lie in the closed range. */
function samplesIn({ every, phase }: ScrapedSeries, from: number, to: number): readonly number[] {
  const first = Math.ceil((from - phase) / every) * every + phase;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / every) + 1) }, (_, i) => first + i * every);
}

/** `sum(increase(…[window]))` at a second; null where no series has two samples. Source: extrapolatedRate in promql/functions.go. */
export function increaseOf(series: readonly ScrapedSeries[], at: number, windowS: number): number | null {
  const increases = series.flatMap((one) => {
    const samples = samplesIn(one, at - windowS, at);
    const [first, last] = [samples[0], samples.at(-1)];
    if (first === undefined || last === undefined || samples.length < 2) return [];
    const sampled = last - first;
    const average = sampled / (samples.length - 1);
    const reach = (gap: number) => (gap < average * 1.1 ? gap : average / 2);
    const extrapolated = sampled + reach(first - (at - windowS)) + reach(at - last);
    return [((one.counted(last) - one.counted(first)) * extrapolated) / sampled];
  });
  return increases.length === 0 ? null : increases.reduce((a, b) => a + b);
}

/** The longest distance between samples, as the gate asks for it over a span. */
export function distanceOf(series: readonly ScrapedSeries[], at: number, spanS: number): number {
  return Math.max(
    ...series.map((one) => {
      const newest = (second: number) => samplesIn(one, second - one.every + 1, second).at(-1) ?? second;
      return (newest(at) - newest(at - spanS)) / samplesIn(one, at - spanS + 0.001, at).length;
    }),
  );
}
