/** History for a real Prometheus, written with its own promtool: counters from known counts of events. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireBinary } from './binaries.ts';

/** One process that is scraped: what happened in each minute, and when it was seen. Minutes count from the Unix epoch. */
export interface Instance {
  readonly name: string;
  readonly events: (minute: number) => { readonly bad: number; readonly total: number };
  /** The minutes at which a sample was taken. */
  readonly scrapes: readonly number[];
  /** The process restarts just after the scrape at this minute: its counters begin at 0 again. */
  readonly restartsAfter: (minute: number) => boolean;
}

/** The folder with blocks for `startPrometheus({ dataDir })`, and how to remove it. */
export interface History {
  readonly dataDir: string;
  remove(): Promise<void>;
}

export function backfill(instances: readonly Instance[]): Promise<History> {
  return backfillLines(instances.flatMap((instance) => samplesOf(instance)));
}

/** The same from lines of OpenMetrics, `http_requests_total{…} value seconds`, each series in one piece and in order. */
export async function backfillLines(lines: readonly string[]): Promise<History> {
  const folder = await mkdtemp(join(tmpdir(), 'ringgate-history-'));
  const input = join(folder, 'history.om');
  const dataDir = join(folder, 'data');
  const text = `# TYPE http_requests counter\n${lines.join('\n')}\n# EOF\n`;
  await writeFile(input, text);
  await promisify(execFile)(requireBinary('promtool'), [
    'tsdb',
    'create-blocks-from',
    // Blocks of 2 h would be hundreds of them, and take a minute.
    '--max-block-duration=486h',
    'openmetrics',
    '-q',
    input,
    dataDir,
  ]);
  return { dataDir, remove: () => rm(folder, { recursive: true, force: true }) };
}

function samplesOf({ name, events, scrapes, restartsAfter }: Instance): readonly string[] {
  const lines = { good: [] as string[], bad: [] as string[] };
  let counter = { good: 0, bad: 0 };
  let counted = (scrapes[0] ?? 0) - 1;
  for (const minute of scrapes) {
    for (; counted < minute; counted += 1) {
      const { bad, total } = events(counted + 1);
      counter = { good: counter.good + total - bad, bad: counter.bad + bad };
    }
    for (const [kind, code] of [
      ['good', '200'],
      ['bad', '500'],
    ] as const) {
      const labels = `service="checkout",instance="${name}",code="${code}"`;
      lines[kind].push(`http_requests_total{${labels}} ${counter[kind]} ${minute * 60}`);
    }
    if (restartsAfter(minute)) counter = { good: 0, bad: 0 };
  }
  return [...lines.good, ...lines.bad];
}
