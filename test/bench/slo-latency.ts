import { setTimeout as sleep } from 'node:timers/promises';
import { aBurnRule } from '../support/builders.ts';
import { gateBesidePrometheus } from './beside-prometheus.ts';
import { Connection } from './connection.ts';
import { cpuTimeMs } from './cpu-time.ts';
import type { GateSetUp } from './gate-set-up.ts';
import type { Options } from './options.ts';
import { median } from './statistics.ts';
import { ms, printTable, ratio, whole } from './table.ts';
import { direct, putProvider, type Query, timed } from './timed-asking.ts';

const RINGS = ['canary', 'early', 'global'];
const RULES = 10;
/** As many queries as ringgate has under way at one provider. */
const AT_ONCE = 8;
const BURN_RATES = [
  { long: '1h', short: '5m', factor: 14.4, verdict: 'hold' },
  { long: '6h', short: '30m', factor: 6, verdict: 'hold' },
] as const;
const PATH = '/gates/broad@1.0.0/global?stage=exit&deadline=25s';

/**
 * A gate over many objectives: ten rules with four windows each, in three rings. Beside it the same
 * queries, fired at Prometheus as many at a time as ringgate does.
 */
export async function sloLatency(options: Options): Promise<void> {
  const services = RINGS.map((ring) => ({ service: 'broad', ring, pods: options.short ? 10 : 200 }));
  const { prometheus, ringgate, gate } = await gateBesidePrometheus(services);
  await setUp(gate, prometheus.url);
  const queries = await gate.queriesOf(String((await gate.ask(PATH, 'promote')).id));
  const requests = queries.map((query: Query) => direct(prometheus.port, query));
  const asking = new Connection(ringgate.port);
  const firing = Array.from({ length: AT_ONCE }, () => new Connection(prometheus.port));
  const times = { gate: [] as number[], direct: [] as number[], ratio: [] as number[], cpu: [] as number[] };
  const [warmUp, runs] = options.short ? [0, 1] : [8, 12];
  for (let run = -warmUp; run < runs; run += 1) {
    await putProvider(gate, prometheus.url, run);
    const cpu = cpuTimeMs(ringgate.pid);
    const one = await timed(asking, gate.request(PATH), 'promote');
    const used = cpuTimeMs(ringgate.pid) - cpu;
    const other = await fired(firing, requests);
    if (run < 0) continue;
    times.gate.push(one);
    times.direct.push(other);
    times.ratio.push(one / other);
    times.cpu.push(used);
  }
  for (const connection of [...firing, asking]) connection.close();
  const row = [
    String(queries.length),
    ms(median(times.gate)),
    ms(median(times.direct)),
    ratio(median(times.ratio)),
    whole(median(times.cpu)),
  ];
  printTable(`${RULES} rules × 4 windows × ${RINGS.length} rings, a real Prometheus; medians in ms`, HEAD, [row]);
}

const HEAD = ['queries', 'gate', `the same queries, ${AT_ONCE} at a time`, 'ratio', 'processor time of the gate'];

async function setUp(gate: GateSetUp, url: string): Promise<void> {
  await putProvider(gate, url, -1000);
  await gate.put('/services/broad', { rings: RINGS.map((name) => ({ name, exposure: 0.1, bake: '1s', after: [] })) });
  for (let i = 0; i < RULES; i += 1) await gate.put(`/services/broad/rules/slo-${i}`, ruleNumber(i));
  for (const ring of RINGS) await gate.ask(`/gates/broad@1.0.0/${ring}`, 'promote');
  for (const ring of RINGS) await gate.put(`/releases/broad@1.0.0/rings/${ring}`, { state: 'deployed' });
  await sleep(1500);
}

/** Rules that measure the same with different queries, so that none of them shares an answer. */
function ruleNumber(i: number): object {
  const { indicator, ...rest } = aBurnRule({ objective: { target: 0.99 }, burnRates: BURN_RATES });
  const text = JSON.stringify(indicator).replaceAll('{service=', `{pod!=\\"none-${i}\\",service=`);
  return { ...rest, indicator: JSON.parse(text) as object };
}

/** Milliseconds until all requests are answered, each connection taking the next one. */
async function fired(connections: readonly Connection[], requests: readonly string[]): Promise<number> {
  const left = requests.values();
  const begun = performance.now();
  await Promise.all(
    connections.map(async (connection) => {
      for (const request of left) await timed(connection, request, null);
    }),
  );
  return performance.now() - begun;
}
