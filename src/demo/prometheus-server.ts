import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface PrometheusServer {
  readonly url: string;
  stop(): Promise<void>;
}

const TRIES = 150;
const BETWEEN_MS = 100;

/**
 * The `prometheus` of the PATH, with its settings and data in `folder`; null when there is none, or none that
 * gets ready. However this process ends, it takes the other one along.
 */
export async function startPrometheus(
  folder: string,
  targets: Readonly<Record<string, string>>,
  stopped: AbortSignal,
): Promise<PrometheusServer | null> {
  const file = join(folder, 'prometheus.json');
  writeFileSync(file, JSON.stringify(settings(targets)));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'prometheus')}`, `--web.listen-address=${address}`],
    { stdio: 'ignore' },
  );
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const gone = new Promise<void>((resolve) => child.once('error', () => resolve()).once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
    process.removeListener('exit', kill);
  };
  if (await ready(child, `http://${address}/-/ready`, stopped)) return { url: `http://${address}`, stop };
  await stop();
  return null;
}

/** Prometheus reads YAML, of which JSON is a part. */
function settings(targets: Readonly<Record<string, string>>) {
  const static_configs = Object.entries(targets).map(([ring, target]) => ({ targets: [target], labels: { ring } }));
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'checkout', static_configs }],
  };
}

async function ready(child: ChildProcess, url: string, stopped: AbortSignal): Promise<boolean> {
  let ended = false;
  for (const event of ['error', 'exit'] as const) child.once(event, () => (ended = true));
  for (let tried = 0; tried < TRIES && !ended && !stopped.aborted; tried += 1) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return true;
    await sleep(BETWEEN_MS);
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
