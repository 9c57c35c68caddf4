import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordStart } from './app/lifecycle.ts';
import { run } from './cli.ts';
import { type Config, gateVersion, loadConfig, type Secrets } from './config.ts';
import { type Context, createContext, type Overrides } from './context.ts';
import { canonicalJson, sha256Hex } from './domain/audit/canonical.ts';
import { createGateServer } from './http/server.ts';

/**
 * Starts, serves until a signal, ends. The exit code is set and the process ends by itself, so that nothing that
 * was acknowledged is cut off; only the hard stop ends it by force, within the 30 s that orchestrators grant.
 */
const GRACE_MS = 25_000;
const HARD_STOP_MS = 29_000;

/** What a command brings itself instead of reading the environment, and what it does beside the service. */
export interface Serving {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly overrides?: Overrides;
  /** Begins when the service listens and is told when a signal stops it. The service ends when this does, and says why. */
  readonly beside?: (url: string, stopped: Promise<string>) => Promise<string>;
}

process.exitCode = await run(process.argv.slice(2), serve);

async function serve({ config, secrets, overrides = {}, beside }: Serving = loadConfig()): Promise<number> {
  const stop = stopSignal();
  const context = await createContext({ config, secrets, overrides });
  try {
    if (!config.loopback && !(await context.ports.store.anyToken())) return refuse(context);
    await recordStart(context.ports, startDetails(config));
    const server = await listen(context);
    context.worker.start();
    context.log.announce({ url: urlOf(server), version: gateVersion, engine: config.engine }, 'listening');
    const signal = await Promise.race([stop, beside?.(urlOf(server), stop) ?? stop]);
    context.drain();
    context.log.announce({ signal }, 'stopping');
    await finish(server, config.drainSeconds);
    return 0;
  } finally {
    await context.close();
  }
}

function startDetails(config: Config) {
  const { host, port, engine } = config;
  return { host, port, engine, configHash: sha256Hex(canonicalJson(config)) };
}

/** `on`, not `once`: a signal to the whole process group arrives twice, and the second must not kill us. */
function stopSignal(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => resolve(name));
  return promise;
}

function refuse({ config }: Context): number {
  process.stderr.write(
    `ringgate: HOST is ${config.host}, which others can reach, and there is no token yet, so anybody could decide.\n` +
      'Create one with `ringgate token create --name … --role admin --expires 90d`, or set HOST=127.0.0.1.\n',
  );
  return 1;
}

async function listen(context: Context): Promise<Server> {
  const server = createGateServer(context);
  server.listen(context.config.port, context.config.host);
  await once(server, 'listening');
  return server;
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** New requests come in until load balancers have noticed, then no more; running ones finish; whoever takes longer than the grace is cut off. */
async function finish(server: Server, drainSeconds: number): Promise<void> {
  setTimeout(() => process.exit(1), HARD_STOP_MS).unref();
  const grace = setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
  await sleep(drainSeconds * 1000);
  const closed = once(server, 'close');
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  await closed;
  clearInterval(idle);
  clearTimeout(grace);
}
