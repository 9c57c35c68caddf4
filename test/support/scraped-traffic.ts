/** Traffic of one release, second by second, as a Prometheus has scraped it. */

/** `bad` of the `perSecond` requests of a second fail; seconds count from the Unix epoch. */
export interface ScrapedTraffic {
  readonly service: string;
  readonly from: number;
  readonly to: number;
  readonly perSecond: number;
  readonly bad: (second: number) => number;
  /** A sample is taken whenever the second is so far behind a multiple of the interval. */
  readonly every: number;
  readonly phase: number;
}

/** Lines of OpenMetrics for `checkout`'s usual metric, version 1 in canary. */
export function scraped(traffic: ScrapedTraffic): readonly string[] {
  const counters = { '200': 0, '500': 0 };
  const lines: Record<keyof typeof counters, string[]> = { '200': [], '500': [] };
  for (let second = traffic.from; second <= traffic.to; second += 1) {
    const bad = traffic.bad(second);
    counters['500'] += bad;
    counters['200'] += traffic.perSecond - bad;
    if (second % traffic.every !== traffic.phase % traffic.every) continue;
    for (const code of ['200', '500'] as const) {
      const labels = `service="${traffic.service}",version="1",ring="canary",code="${code}"`;
      lines[code].push(`http_requests_total{${labels}} ${counters[code]} ${second}`);
    }
  }
  return [...lines['200'], ...lines['500']];
}
