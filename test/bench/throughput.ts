import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase, runSql } from '../support/databases.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import { atEnd } from './cleanups.ts';
import { requestText } from './connection.ts';
import { cpuTimeMs } from './cpu-time.ts';
import { newFolder } from './folder.ts';
import { GateSetUp } from './gate-set-up.ts';
import { type Job, type Load, type Measure, startLoad } from './measure.ts';
import type { Options } from './options.ts';
import { type Scenario, setUpScenarios } from './scenarios.ts';
import { type ServerProcess, startRinggate, startServer } from './server-process.ts';
import { median } from './statistics.ts';
import { ms, printTable, ratio, whole } from './table.ts';

/**
 * Decisions per second beside a bare handler. Both use the same PostgreSQL and are asked in turn by the
 * same process, round by round, so that whatever else the machine does meets both.
 */
export async function throughput(options: Options): Promise<void> {
  const server = await startPostgresServer();
  atEnd(() => server.stop());
  const [gateDatabase, bareDatabase] = [await createDatabase(server.url), await createDatabase(server.url)];
  const ringgate = await startRinggate({ DATABASE_URL: gateDatabase.url });
  const measure = startLoad();
  const anonymous = new GateSetUp(ringgate.port);
  const scenarios = await setUpScenarios(anonymous, options.services);
  const rest = ringgate.memory().now;
  const rows: string[][] = [];
  const compare = async (gate: GateSetUp, scenario: Scenario) => {
    const bare = await startBare(bareDatabase.url, await payloadOf(gate, gateDatabase.url, scenario));
    rows.push(...(await compareAll(options, measure, { ringgate, bare, gate, scenario, database: server.pid })));
    await bare.stop();
  };
  const [first] = scenarios;
  if (first !== undefined) await compare(anonymous, { ...first, name: `${first.name}, no tokens` });
  const pipeline = await tokenOf(anonymous, ringgate.port);
  for (const scenario of scenarios) await compare(pipeline, scenario);
  printTable('Decisions with recorded measurements (ringgate / bare handler)', HEAD, rows);
  const { now, most } = ringgate.memory();
  printTable('Memory with PostgreSQL, MiB', ['at rest', 'after the load', 'most'], [[rest, now, most].map(whole)]);
}

/** From the first token on nobody is anonymous. */
async function tokenOf(anonymous: GateSetUp, port: number): Promise<GateSetUp> {
  const admin = new GateSetUp(port, await anonymous.newToken('admin'));
  return new GateSetUp(port, await admin.newToken('pipeline'));
}

/** Of this scenario: the record of a decision as it is stored, and the answer as it is told. */
async function payloadOf(gate: GateSetUp, databaseUrl: string, { paths, verdict }: Scenario) {
  const answer = await gate.ask(paths[0] ?? '', verdict);
  const [row] = await runSql(databaseUrl, 'select body from audit.entry where id = $1', [answer.id]);
  return { record: row?.body, answer };
}

function startBare(databaseUrl: string, payload: object): Promise<ServerProcess> {
  const file = join(newFolder(), 'payload.json');
  writeFileSync(file, JSON.stringify(payload));
  return startServer(['test/bench/bare-handler.ts'], { DATABASE_URL: databaseUrl, PAYLOAD: file });
}

interface Pair {
  readonly ringgate: ServerProcess;
  readonly bare: ServerProcess;
  readonly gate: GateSetUp;
  readonly scenario: Scenario;
  /** Process id of the database server. */
  readonly database: number;
}

interface Costs extends Load {
  /** Microseconds of processor time per answer: the server's and the database's. */
  readonly serverUs: number;
  readonly databaseUs: number;
}

const HEAD = [
  'scenario',
  'callers',
  'per second',
  'ratio',
  'p50 ms',
  'p99 ms',
  'server µs',
  'database µs',
  'answer bytes',
  'refused',
];

async function compareAll(options: Options, measure: Measure, pair: Pair): Promise<string[][]> {
  const rows: string[][] = [];
  await measureBoth({ ...options, warmUpMs: options.startUpMs }, measure, pair, 32);
  for (const callers of options.callers) {
    const loads: { ringgate: Costs; bare: Costs }[] = [];
    for (let round = 0; round < options.rounds; round += 1)
      loads.push(await measureBoth(options, measure, pair, callers));
    rows.push([pair.scenario.name, String(callers), ...cellsOf(loads)]);
    process.stderr.write(`${rows.at(-1)?.join('  ')}\n`);
  }
  return rows;
}

async function measureBoth(options: Options, measure: Measure, pair: Pair, callers: number) {
  const { scenario, gate, ringgate, bare } = pair;
  const times = { callers, warmUpMs: options.warmUpMs, measureMs: options.measureMs };
  const { verdict, status } = scenario;
  const requests = scenario.paths.map((path) => gate.request(path));
  const plain = [requestText({ port: bare.port, path: '/' })];
  const cost = async (server: ServerProcess, job: Job): Promise<Costs> => {
    const before = [cpuTimeMs(server.pid), cpuTimeMs(pair.database)] as const;
    const load = await measure(job);
    const us = (pid: number, from: number) => ((cpuTimeMs(pid) - from) * 1000) / load.answered;
    return { ...load, serverUs: us(server.pid, before[0]), databaseUs: us(pair.database, before[1]) };
  };
  return {
    ringgate: await cost(ringgate, { ...times, port: ringgate.port, requests, verdict, status }),
    bare: await cost(bare, { ...times, port: bare.port, requests: plain, verdict: null, status: 200 }),
  };
}

/** Medians over the rounds; the ratio is the median of the rounds' own ratios. */
function cellsOf(loads: readonly { ringgate: Costs; bare: Costs }[]): string[] {
  const both = (of: (load: Costs) => number, text: (value: number) => string) =>
    `${text(median(loads.map(({ ringgate }) => of(ringgate))))} / ${text(median(loads.map(({ bare }) => of(bare))))}`;
  return [
    both(({ perSecond }) => perSecond, whole),
    ratio(median(loads.map(({ ringgate, bare }) => ringgate.perSecond / bare.perSecond))),
    both(({ p50 }) => p50, ms),
    both(({ p99 }) => p99, ms),
    both(({ serverUs }) => serverUs, whole),
    both(({ databaseUs }) => databaseUs, whole),
    both(({ bytes }) => bytes, whole),
    String(loads.reduce((sum, { ringgate, bare }) => sum + ringgate.refused + bare.refused, 0)),
  ];
}
