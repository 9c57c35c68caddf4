import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './config.ts';
import { prometheusSource } from './demo/prometheus-source.ts';
import { recordedSource } from './demo/recorded-source.ts';
import { createShell } from './demo/shell.ts';
import type { Source } from './demo/source.ts';
import { tour } from './demo/tour.ts';
import type { Serving } from './main.ts';
import { createLog } from './telemetry/log.ts';

/**
 * The whole service on the embedded database in a folder of its own, with a tour beside it that calls it over HTTP
 * like everybody else. Whatever ends this process, nothing stays behind: neither the folder nor a Prometheus.
 * Returns the exit code: 0 when a signal ended it, 1 when the tour met something unexpected.
 */
export async function demo(serve: (how: Serving) => Promise<number>): Promise<number> {
  const settings = loadConfig();
  const folder = mkdtempSync(join(tmpdir(), 'ringgate-demo-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  process.once('SIGHUP', () => process.exit(129));
  const visit = createVisit(folder);
  try {
    await requireFree(settings.config.port);
    const code = await serve({ ...aloneIn(folder, settings), beside: visit.begin });
    return visit.failed() ? 1 : code;
  } catch (error) {
    if (!isPortInUse(error)) throw error;
    const { port } = settings.config;
    process.stderr.write(
      `ringgate: port ${port} is in use by another process. Set PORT to another one, or to 0 for a free one.\n`,
    );
    return 1;
  } finally {
    await visit.end();
    remove();
  }
}

/** Only the port is the visitor's; no token, no database and no log of theirs is touched. */
function aloneIn(folder: string, { config, secrets }: ReturnType<typeof loadConfig>): Serving {
  const dataDir = join(folder, 'data');
  const own = { host: '127.0.0.1', loopback: true, engine: 'pglite', dataDir, drainSeconds: 0 } as const;
  const log = { ...createLog('error'), announce: () => {} };
  return { config: { ...config, ...own }, secrets: { ...secrets, databaseUrl: null }, overrides: { log } };
}

/** The tour as something that can be stopped at any moment and then leaves nothing running. */
function createVisit(folder: string) {
  const stopping = new AbortController();
  let source: Source | null = null;
  let over: Promise<void> = Promise.resolve();
  let error: unknown = null;
  const write = (text: string) => void process.stdout.write(text);
  const walk = async (url: string) => {
    const shell = createShell(url, write, stopping.signal);
    shell.say(`ringgate listens on ${url}, with an embedded database in ${folder} that goes when it ends.`);
    source = (await prometheusSource(folder, stopping.signal)) ?? recordedSource();
    await tour(shell, source, stopping.signal);
  };
  return {
    begin: (url: string, stopped: Promise<string>): Promise<string> => {
      over = walk(url).catch((reason: unknown) => {
        if (!stopping.signal.aborted) error = reason;
      });
      void stopped.then(() => stopping.abort());
      return over.then(() => (error === null ? stopped : 'the tour failed'));
    },
    failed: () => error !== null,
    end: async () => {
      stopping.abort();
      await over;
      await source?.stop();
      if (error !== null) process.stderr.write(`ringgate: ${error instanceof Error ? error.message : String(error)}\n`);
    },
  };
}

/** Making the database takes a while, and would be for nothing. */
async function requireFree(port: number): Promise<void> {
  const probe = createServer().listen(port, '127.0.0.1');
  await once(probe, 'listening');
  await once(probe.close(), 'close');
}

function isPortInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
