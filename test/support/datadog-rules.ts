/** One rule for each way of asking Datadog, and the data that makes it say each verdict. */
import type { Indicator, RuleDocument } from '../../src/domain/rule.ts';
import type { FakeDatadog, FakeMonitor } from './fake-datadog.ts';

/** What there is to see of a release: fine, beyond `hold`, beyond `rollback`, nothing at all. */
export type State = 'good' | 'doubtful' | 'harmful' | 'silent';

export interface DatadogCase {
  readonly kind: string;
  readonly rule: RuleDocument;
  /** Makes it so from now on, for the version `1.0` of the service in `canary`. `at` is the gate's time in milliseconds. */
  set(fake: FakeDatadog, state: State, service: string, at: number): void;
  /** The paths that are asked. */
  readonly paths: readonly RegExp[];
}

export const SLO_ID = '0123456789abcdef0123456789abcdef';
export const MONITOR_ID = '4711';
const TAGS = 'service:${service},version:${version},ring:${ring}';
const LIMITS = { window: '10m', hold: { above: 0.01 }, rollback: { above: 0.05 }, for: '2m' };
const SHARE: Readonly<Record<State, number>> = { good: 0.001, doubtful: 0.02, harmful: 0.3, silent: 0 };
const SCALAR = /^\/api\/v2\/query\/scalar$/;
const TIMESERIES = /^\/api\/v2\/query\/timeseries$/;
const HISTORY = new RegExp(`^/api/v1/slo/${SLO_ID}/history\\?from_ts=\\d{10}&to_ts=\\d{10}$`);
const MONITOR = new RegExp(`^/api/v1/monitor/${MONITOR_ID}\\?group_states=all&with_downtimes=true$`);

function aRule(indicator: Indicator, limits: RuleDocument['limits'] = LIMITS): RuleDocument {
  return { indicator, limits };
}

/** Ten requests a second, in points of 10 s. */
function setEvents(fake: FakeDatadog, state: State, service: string): void {
  fake.series.length = 0;
  if (state === 'silent') return;
  const tags = { service, version: '1.0', ring: 'canary' };
  const metric = 'checkout.requests';
  fake.series.push({ metric, tags: { ...tags, status: 'error' }, at: () => 100 * SHARE[state] });
  fake.series.push({ metric, tags: { ...tags, status: 'fine' }, at: () => 100 * (1 - SHARE[state]) });
  fake.series.push({ metric: 'checkout.latency', tags, at: () => 10 * SHARE[state] });
}

const MONITOR_STATES: Readonly<Record<State, string>> = {
  good: 'OK',
  doubtful: 'Warn',
  harmful: 'Alert',
  silent: 'No Data',
};

function setMonitor(fake: FakeDatadog, state: State, _service: string, at: number): void {
  const since = at - 4 * 60_000;
  const group = { status: MONITOR_STATES[state], last_triggered_ts: Math.floor(since / 1000) };
  const monitor: FakeMonitor = {
    overall_state: MONITOR_STATES[state],
    overall_state_modified: new Date(since).toISOString(),
    state: { groups: { 'version:1.0,ring:canary': group, 'version:0.9,ring:canary': { status: 'OK' } } },
  };
  fake.monitors.set(MONITOR_ID, monitor);
}

export const DATADOG_CASES: readonly DatadogCase[] = [
  {
    kind: 'ratio',
    rule: aRule({
      kind: 'ratio',
      provider: 'datadog',
      bad: `sum:checkout.requests{${TAGS},status:error}.as_count()`,
      total: `sum:checkout.requests{${TAGS}}.as_count()`,
    }),
    set: setEvents,
    paths: [SCALAR, TIMESERIES],
  },
  {
    kind: 'threshold',
    rule: aRule(
      { kind: 'threshold', provider: 'datadog', query: `avg:checkout.latency{${TAGS}}` },
      { window: '10m', hold: { above: 0.1 }, rollback: { above: 1 }, for: '2m' },
    ),
    set: setEvents,
    paths: [SCALAR, TIMESERIES],
  },
  {
    kind: 'datadog-slo on metrics',
    rule: aRule({ kind: 'datadog-slo', provider: 'datadog', sloId: '${labels.slo}' }),
    set(fake, state) {
      const total = () => (state === 'silent' ? 0 : 100);
      fake.slos.set(SLO_ID, { type: 'metric', good: () => (1 - SHARE[state]) * total(), total });
    },
    paths: [HISTORY],
  },
  {
    kind: 'datadog-slo on time slices',
    rule: aRule({ kind: 'datadog-slo', provider: 'datadog', sloId: '${labels.slo}' }),
    set(fake, state) {
      const percent = () => (state === 'silent' ? null : 100 * (1 - SHARE[state]));
      fake.slos.set(SLO_ID, { type: 'time_slice', percent });
    },
    paths: [HISTORY],
  },
  {
    kind: 'datadog-monitor of a ring',
    rule: aRule(
      { kind: 'datadog-monitor', provider: 'datadog', monitorId: '${labels.monitor}' },
      { hold: { above: 0 }, rollback: { above: 1 }, for: '2m' },
    ),
    set: setMonitor,
    paths: [MONITOR],
  },
  {
    kind: 'datadog-monitor, one group',
    rule: aRule(
      {
        kind: 'datadog-monitor',
        provider: 'datadog',
        monitorId: Number(MONITOR_ID),
        group: 'ring:${ring},version:${version}',
      },
      { hold: { above: 0 }, rollback: { above: 1 }, for: '2m' },
    ),
    set: setMonitor,
    paths: [MONITOR],
  },
];
