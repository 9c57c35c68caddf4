/** The real Prometheus of Debian's package, on loopback, with its data in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireBinary } from './binaries.ts';
import { until } from './poll.ts';

export interface PrometheusSetup {
  readonly scrape?: readonly ScrapeJob[];
  /** Also how often rules would be evaluated; default `1s`. */
  readonly scrapeInterval?: string;
  readonly port?: number;
  /** Kept when given; otherwise a temporary folder that `stop` removes. */
  readonly dataDir?: string;
  /** How long samples are kept, such as `60d`; Prometheus throws history away after 15 days by itself. */
  readonly retention?: string;
}

export interface ScrapeJob {
  readonly job: string;
  /** `host:port`, or a URL like the one `startShop` gives. */
  readonly targets: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** One element of an instant vector: its labels and the value's text. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: string;
}

export interface RunningPrometheus {
  readonly url: string;
  readonly port: number;
  query(query: string): Promise<Sample[]>;
  /** Asks until the answer satisfies; gives that answer. */
  waitFor(query: string, predicate?: (samples: Sample[]) => boolean, withinMs?: number): Promise<Sample[]>;
  /** Ends the server and keeps its data, so that `restart` goes on where it was. */
  halt(): Promise<void>;
  /**
   * Starts it again on the same port with the same data. Series that vanish from a target before its
   * next scrape get no stale marker then, and stay visible for 5 minutes.
   */
  restart(): Promise<void>;
  /** Ends the server and removes its temporary data. */
  stop(): Promise<void>;
}

export async function startPrometheus(setup: PrometheusSetup = {}): Promise<RunningPrometheus> {
  const binary = requireBinary('prometheus');
  const folder = await mkdtemp(join(tmpdir(), 'ringgate-prometheus-'));
  const config = join(folder, 'prometheus.json');
  const dataDir = setup.dataDir ?? join(folder, 'data');
  await writeFile(config, JSON.stringify(configOf(setup)));
  const port = setup.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${dataDir}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
    ...(setup.retention === undefined ? [] : [`--storage.tsdb.retention.time=${setup.retention}`]),
  ];
  let running = await launch(binary, args, url);
  const query = (text: string) => instantQuery(url, text);
  return {
    url,
    port,
    query,
    waitFor(text, predicate = (samples) => samples.length > 0, withinMs = 20_000) {
      return until(`the awaited answer to ${text}`, async () => satisfied(await query(text), predicate), withinMs);
    },
    halt: () => end(running),
    async restart() {
      await end(running);
      running = await launch(binary, args, url);
    },
    async stop() {
      await end(running);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Prometheus reads YAML, of which JSON is a part. */
function configOf({ scrape = [], scrapeInterval = '1s' }: PrometheusSetup) {
  return {
    global: { scrape_interval: scrapeInterval, scrape_timeout: scrapeInterval, evaluation_interval: scrapeInterval },
    scrape_configs: scrape.map(({ job, targets, labels = {} }) => ({
      job_name: job,
      static_configs: [{ targets: targets.map((target) => target.replace(/^http:\/\/|\/$/g, '')), labels }],
    })),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  readonly killOnExit: () => void;
}

async function launch(binary: string, args: readonly string[], url: string): Promise<Running> {
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  const killOnExit = () => void child.kill('SIGKILL');
  process.once('exit', killOnExit);
  const running = { child, exited: once(child, 'exit'), killOnExit };
  try {
    await until('Prometheus getting ready', async () => {
      const ready = child.exitCode === null && (await fetch(`${url}/-/ready`)).ok;
      return ready ? true : null;
    });
    return running;
  } catch (error) {
    await end(running);
    throw new Error(`Prometheus did not start: ${said}`, { cause: error });
  }
}

async function end({ child, exited, killOnExit }: Running): Promise<void> {
  process.removeListener('exit', killOnExit);
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await exited;
}

function satisfied(samples: Sample[], predicate: (samples: Sample[]) => boolean): Sample[] | null {
  return predicate(samples) ? samples : null;
}

async function instantQuery(url: string, query: string): Promise<Sample[]> {
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query }) });
  const answer = (await response.json()) as {
    error?: string;
    data?: { resultType: string; result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  if (answer.data?.resultType !== 'vector') throw new Error(`not a vector: ${answer.error ?? answer.data?.resultType}`);
  return answer.data.result.map(({ metric, value }) => ({ metric, value: value[1] }));
}
