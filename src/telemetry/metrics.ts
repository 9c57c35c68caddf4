import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What `GET /metrics` says. Labels are closed lists or names that an administrator gave, so the series stay few. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  request(operationId: string, status: number, seconds: number): void;
  decided(verdict: string, cause: string, seconds: number): void;
  asked(provider: string, outcome: string, source: string, seconds: number): void;
  circuit(provider: string, state: keyof typeof CIRCUIT): void;
  changed(kind: string): void;
  /** `check` without the name of a rule. */
  overridden(check: string): void;
  refused(): void;
  /** What became of deployments that wait at GitHub. */
  github(app: string, outcome: string): void;
  committed(size: number): void;
  /** Where the pool's numbers come from, once there is a store. */
  watchPool(stats: () => PoolStats): void;
  /** Where the number of those who wait for a verdict comes from. */
  watchWaiting(count: () => number): void;
}

export interface PoolStats {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

const CIRCUIT = { closed: 0, 'half-open': 1, open: 2 };
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 6, 10, 25];
const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256];

export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  gauge(registry, 'info', 'The running version.', ['version']).set({ version }, 1);
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    ...requestMetrics(registry),
    ...eventMetrics(registry),
    ...providerMetrics(registry),
    watchPool: (stats) => poolGauge(registry, stats),
    watchWaiting: (count) => waitingGauge(registry, count),
  };
}

function requestMetrics(registry: Registry): Pick<Metrics, 'request' | 'committed'> {
  const count = counter(registry, 'http_requests_total', 'Answered requests.', ['operation', 'status']);
  const time = histogram(registry, 'http_request_duration_seconds', 'Time to answer a request.', ['operation']);
  const batch = histogram(registry, 'commit_batch_size', 'Records that shared one transaction.', [], BATCH_SIZES);
  return {
    request(operation, status, seconds) {
      count.inc({ operation, status });
      time.observe({ operation }, seconds);
    },
    committed: (size) => batch.observe(size),
  };
}

function eventMetrics(registry: Registry): Pick<Metrics, 'decided' | 'changed' | 'overridden' | 'refused' | 'github'> {
  const decisions = counter(registry, 'decisions_total', 'Decisions by verdict and cause.', ['verdict', 'cause']);
  const decisionTime = histogram(registry, 'decision_duration_seconds', 'Time to decide and record.', ['verdict']);
  const changes = counter(registry, 'changes_total', 'Recorded changes by kind.', ['kind']);
  const overrides = counter(registry, 'override_uses_total', 'Checks that overrides have waived in decisions.', [
    'check',
  ]);
  const answers = counter(registry, 'github_requests_total', 'What became of deployments that wait at GitHub.', [
    'app',
    'outcome',
  ]);
  const refusals = counter(
    registry,
    'refusals_total',
    'Requests refused for their credential or for the page that sent them.',
    [],
  );
  return {
    decided(verdict, cause, seconds) {
      decisions.inc({ verdict, cause });
      decisionTime.observe({ verdict }, seconds);
    },
    changed: (kind) => changes.inc({ kind }),
    overridden: (check) => overrides.inc({ check }),
    refused: () => refusals.inc(),
    github: (app, outcome) => answers.inc({ app, outcome }),
  };
}

function providerMetrics(registry: Registry): Pick<Metrics, 'asked' | 'circuit'> {
  const labels = ['provider', 'outcome', 'source'];
  const queries = counter(
    registry,
    'provider_queries_total',
    'Questions to providers, and what answered them.',
    labels,
  );
  const seconds = 'provider_query_duration_seconds';
  const queryTime = histogram(registry, seconds, 'Time of a provider to answer a query.', ['provider']);
  const help = '0: asked as usual; 1: tried with one query; 2: left alone after failing.';
  const circuits = gauge(registry, 'provider_circuit', help, ['provider']);
  return {
    asked(provider, outcome, source, seconds) {
      queries.inc({ provider, outcome, source });
      if (source === 'asked') queryTime.observe({ provider }, seconds);
    },
    circuit: (provider, state) => circuits.set({ provider }, CIRCUIT[state]),
  };
}

function counter<T extends string>(registry: Registry, name: string, help: string, labelNames: T[]) {
  return new Counter({ name: `ringgate_${name}`, help, labelNames, registers: [registry] });
}

function histogram<T extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: T[],
  buckets = SECONDS,
) {
  return new Histogram({ name: `ringgate_${name}`, help, labelNames, buckets, registers: [registry] });
}

function gauge<T extends string>(registry: Registry, name: string, help: string, labelNames: T[]) {
  return new Gauge({ name: `ringgate_${name}`, help, labelNames, registers: [registry] });
}

function poolGauge(registry: Registry, stats: () => PoolStats): void {
  new Gauge({
    name: 'ringgate_pool_connections',
    help: 'Connections to the database; waiting counts callers without one.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(stats())) this.set({ state }, count);
    },
  });
}

function waitingGauge(registry: Registry, count: () => number): void {
  new Gauge({
    name: 'ringgate_waiting_asks',
    help: 'Callers that wait for a hold to turn.',
    registers: [registry],
    collect() {
      this.set(count());
    },
  });
}
