import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireBinary } from '../support/binaries.ts';

/** Counters of one release in one ring, each scraped from another pod. */
export interface Traffic {
  readonly service: string;
  readonly ring: string;
  readonly pods: number;
}

const STEP_SECONDS = 15;
/** Longer than the longest window and the time over which a breach has to last. */
const BACK_SECONDS = 14 * 60;
/** Samples do not run out while the benchmark runs. */
const AHEAD_SECONDS = 12 * 60;
const METRIC = 'http_requests_total';

/** Writes blocks into `dataDir` as if a Prometheus had scraped for a while: one request in a thousand fails. */
export function backfill(dataDir: string, folder: string, traffic: readonly Traffic[]): void {
  const file = join(folder, 'samples.txt');
  const end = Math.floor(Date.now() / 1000 / STEP_SECONDS) * STEP_SECONDS + AHEAD_SECONDS;
  const series = traffic.flatMap(({ pods, ...of }) => Array.from({ length: pods }, (_, pod) => ({ ...of, pod })));
  const lines = series.flatMap(({ service, ring, pod }) =>
    (pod % 10 === 0 ? ['200', '500'] : ['200']).map((code) =>
      seriesLines(`{service="${service}",version="1.0.0",ring="${ring}",pod="${pod}",code="${code}"}`, code, end),
    ),
  );
  writeFileSync(file, `# TYPE http_requests counter\n${lines.join('')}# EOF\n`);
  execFileSync(requireBinary('promtool'), ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, dataDir]);
}

function seriesLines(labels: string, code: string, end: number): string {
  let text = '';
  for (let at = end - BACK_SECONDS - AHEAD_SECONDS; at <= end; at += STEP_SECONDS) {
    const count = code === '200' ? (at % 1_000_000) * 10 : Math.floor((at % 1_000_000) / 100);
    text += `${METRIC}${labels} ${count} ${at}\n`;
  }
  return text;
}
