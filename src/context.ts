import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Express } from 'express';
import { createDesk } from './app/desk.ts';
import { rememberWindows, windowsAt } from './app/freeze-windows.ts';
import type { Events, GithubApi, MetricProviders, Ports, Runtime } from './app/ports.ts';
import { RecentHolds } from './app/repeated-hold.ts';
import { GITHUB_SWEEP, sweepGithub } from './app/sweep-github.ts';
import { type Config, gateVersion, type Secrets } from './config.ts';
import { GateError } from './domain/errors.ts';
import { createApp } from './http/app.ts';
import { type Contract, loadContract } from './http/contract.ts';
import { createGithubApi } from './providers/github.ts';
import { createInspector } from './providers/inspect.ts';
import { createProviders } from './providers/registry.ts';
import { type OpenedStore, openStore } from './storage/store.ts';
import { createEvents } from './telemetry/events.ts';
import { createLog, type Log } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { createWorker, type Worker } from './worker.ts';

/** More than anybody has freezes. */
const CALENDARS = 2000;
/** GitHub waits for weeks, but people watch. */
const SWEEP_MS = 2000;

/** Everything that a running gate consists of. */
export interface Context {
  readonly config: Config;
  readonly ports: Ports;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly app: Express;
  /** What is done beside answering requests. Whoever serves starts it; draining stops it. */
  readonly worker: Worker;
  /** From now on not ready: load balancers send nobody new, and whoever waits is answered at once. */
  drain(): void;
  close(): Promise<void>;
}

/** Parts that a test or a sub-command brings itself instead of those the configuration asks for. */
export interface Overrides {
  readonly store?: OpenedStore;
  readonly providers?: MetricProviders;
  readonly github?: GithubApi;
  readonly events?: Events;
  readonly runtime?: Runtime;
  readonly log?: Log;
  readonly contract?: Contract;
  /** An answer that openapi.yaml does not describe becomes a loud 500. */
  readonly checkResponses?: boolean;
}

/** The composition root: the only file that knows every folder. Opens the store, so it migrates the database. */
export async function createContext(options: {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly overrides?: Overrides;
}): Promise<Context> {
  const { config, overrides = {} } = options;
  const log = overrides.log ?? createLog(config.logLevel);
  const metrics = createMetrics(gateVersion);
  const ports = await connect(options, metrics, log);
  let draining = false;
  const app = createApp({
    ports,
    log,
    metrics,
    contract: overrides.contract ?? loadContract(fileURLToPath(new URL('../openapi.yaml', import.meta.url))),
    boundHost: config.host,
    trustProxy: config.trustProxy,
    isDraining: () => draining,
    checkResponses: overrides.checkResponses ?? false,
  });
  const worker = createWorker({
    everyMs: SWEEP_MS,
    after: ports.runtime.after,
    run: async () => (await sweepGithub(ports)) === GITHUB_SWEEP,
    failed: (err) => sweepFailed(log, err),
  });
  const drain = () => {
    draining = true;
    ports.desk.watch.release();
    void worker.stop();
  };
  const close = async () => {
    await worker.stop();
    await ports.store.close();
  };
  return { config, ports, log, metrics, app, worker, drain, close };
}

/** While the store is away, whoever asks is told and counted; every two seconds more would say nothing new. */
function sweepFailed(log: Log, err: unknown): void {
  const away = err instanceof GateError && err.code === 'unavailable';
  if (away) log.debug({ err }, 'deployments at GitHub wait for the store');
  else log.error({ err }, 'a deployment at GitHub could not be worked on');
}

/** What the use cases reach: the store, the providers and what stands between them. */
async function connect(
  { config, secrets, overrides = {} }: Parameters<typeof createContext>[0],
  metrics: Metrics,
  log: Log,
): Promise<Ports> {
  const events = overrides.events ?? createEvents(metrics, log);
  const runtime = overrides.runtime ?? systemRuntime();
  const { monotonicMs } = runtime;
  const sources = { readSecret: secrets.read, events, nowMs: Date.now, monotonicMs, random: Math.random };
  const providers = overrides.providers ?? createProviders(sources);
  const github = overrides.github ?? createGithubApi(sources);
  const holds = new RecentHolds();
  const heard = { onBatch: metrics.committed, onForget: () => holds.forget() };
  const store = overrides.store ?? (await openStore({ ...storeOptions(config, secrets, runtime), ...heard }));
  const inspector = createInspector({ readSecret: secrets.read, nowMs: Date.now });
  const desk = createDesk(store, runtime, holds);
  metrics.watchPool(() => store.poolStats());
  metrics.watchWaiting(() => desk.watch.size);
  const named = { origin: config.origin, gateVersion, anonymousAllowed: config.loopback };
  return {
    store,
    providers,
    github,
    inspector,
    events,
    runtime,
    desk,
    windowsAt: rememberWindows(windowsAt, CALENDARS),
    ...named,
  };
}

/** Where the store is and what it needs from outside; the embedded one when there is no URL. */
export function storeOptions(config: Config, secrets: Secrets, runtime: Runtime = systemRuntime()) {
  return {
    databaseUrl: secrets.databaseUrl,
    dataDir: config.dataDir,
    newId: runtime.newId,
    monotonicMs: runtime.monotonicMs,
  };
}

/** The clock for durations and ids. Instants that decide anything come from the database. */
export function systemRuntime(): Runtime {
  let last = 0;
  let sequence = 0;
  const newId = () => {
    const now = Date.now();
    sequence = now > last ? 0 : sequence + 1;
    // 4,096 ids fit into one millisecond; more of them borrow from the next one.
    last = Math.max(last, now) + (sequence > 0xfff ? 1 : 0);
    sequence %= 0x1000;
    return uuidV7(last, sequence);
  };
  const after = (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  };
  return { monotonicMs: () => performance.now(), after, newId, wallClock: () => new Date().toISOString() };
}

/**
 * RFC 9562 §5.7: 48 bits of Unix milliseconds, then 12 bits that we count up so that ids of one process sort by birth.
 * The 62 random bits, and the variant before them, are those of a random UUID, which Node makes many of at once.
 */
function uuidV7(ms: number, sequence: number): string {
  const time = ms.toString(16).padStart(12, '0');
  const counted = sequence.toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counted}${randomUUID().slice(18)}`;
}
