import { setTimeout as sleep } from 'node:timers/promises';
import { aRule, aServiceRule } from '../support/builders.ts';
import { gateBesidePrometheus } from './beside-prometheus.ts';
import { Connection } from './connection.ts';
import type { GateSetUp } from './gate-set-up.ts';
import type { Options } from './options.ts';
import { median } from './statistics.ts';
import { ms, printTable, ratio } from './table.ts';
import { direct, putProvider, timed } from './timed-asking.ts';

interface Case {
  readonly name: string;
  readonly path: string;
}

/**
 * The gate's latency beside what Prometheus takes for the gate's own queries: the slowest of them alone,
 * and all of them at once, which is what a decision cannot be faster than.
 */
export async function prometheusLatency(options: Options): Promise<void> {
  const { prometheus, ringgate, gate } = await gateBesidePrometheus([
    { service: 'heavy', ring: 'canary', pods: options.short ? 50 : 4000 },
    { service: 'light', ring: 'canary', pods: 50 },
  ]);
  const rows: string[][] = [];
  const cases = await setUp(gate, prometheus.url);
  await warmUp(options, { gate, port: ringgate.port, prometheus }, cases.at(-1)?.path ?? '');
  for (const one of cases) {
    rows.push(await measure(options, { gate, port: ringgate.port, prometheus }, one));
    process.stderr.write(`${rows.at(-1)?.join('  ')}\n`);
  }
  printTable('One caller, a real Prometheus; medians in ms', HEAD, rows);
}

const HEAD = [
  'rule',
  'queries',
  'gate',
  'slowest query alone',
  'gate beside it',
  'all queries at once',
  'gate, answers known',
];

async function setUp(gate: GateSetUp, url: string): Promise<readonly Case[]> {
  await putProvider(gate, url, 0);
  for (const service of ['heavy', 'light', 'wide']) {
    await gate.put(`/services/${service}`, { rings: [{ name: 'canary', exposure: 0.1, bake: '1s' }] });
  }
  await gate.put('/services/heavy/rules/errors', aRule());
  await gate.put('/services/light/rules/errors', aRule());
  await gate.put('/services/wide/rules/availability', ofHeavy());
  for (const service of ['heavy', 'light']) {
    await gate.ask(`/gates/${service}@1.0.0/canary`, 'promote');
    await gate.ask(`/gates/${service}@1.0.0/canary?stage=exit`, 'hold');
  }
  await sleep(1500);
  return [
    { name: 'service-wide, large', path: '/gates/wide@1.0.0/canary' },
    { name: 'release, may roll back, large', path: '/gates/heavy@1.0.0/canary?stage=exit' },
    { name: 'release, may roll back, small', path: '/gates/light@1.0.0/canary?stage=exit' },
  ];
}

function ofHeavy() {
  const text = JSON.stringify(aServiceRule()).replaceAll('${service}', 'heavy');
  return JSON.parse(text) as object;
}

/** A server that has just started runs its code slowly; what is wanted is how one that has run for a while answers. */
async function warmUp(options: Options, { gate, prometheus }: Servers, path: string): Promise<void> {
  for (let run = 1; run <= (options.short ? 1 : 300); run += 1) {
    await putProvider(gate, prometheus.url, -run);
    await gate.ask(path, 'promote');
  }
}

interface Servers {
  readonly gate: GateSetUp;
  readonly port: number;
  readonly prometheus: { readonly url: string; readonly port: number };
}

async function measure(options: Options, servers: Servers, { name, path }: Case): Promise<string[]> {
  const { gate, port, prometheus } = servers;
  const answer = await gate.ask(path, 'promote');
  const queries = await gate.queriesOf(String(answer.id));
  const times = {
    gate: [] as number[],
    known: [] as number[],
    all: [] as number[],
    each: queries.map(() => [] as number[]),
  };
  const connections = queries.map(() => new Connection(prometheus.port));
  const asking = new Connection(port);
  for (let run = 1; run <= (options.short ? 2 : 15); run += 1) {
    await putProvider(gate, prometheus.url, run);
    times.gate.push(await timed(asking, gate.request(path), 'promote'));
    times.known.push(await timed(asking, gate.request(path), 'promote'));
    for (const [i, query] of queries.entries()) {
      times.each[i]?.push(await timed(connections[i], direct(prometheus.port, query), null));
    }
    const begun = performance.now();
    await Promise.all(queries.map((query, i) => timed(connections[i], direct(prometheus.port, query), null)));
    times.all.push(performance.now() - begun);
  }
  for (const connection of [...connections, asking]) connection.close();
  const slowest = Math.max(...times.each.map(median));
  const beside = `${ratio(median(times.gate) / slowest)}, +${ms(median(times.gate) - slowest)}`;
  return [
    name,
    String(queries.length),
    ms(median(times.gate)),
    ms(slowest),
    beside,
    ms(median(times.all)),
    ms(median(times.known)),
  ];
}
