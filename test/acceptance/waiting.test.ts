import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { aRule } from '../support/builders.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { type FakePrometheus, startFakePrometheus, vector } from '../support/fake-prometheus.ts';
import { type Answer, ROLES, request } from '../support/gate.ts';
import { type GateProcess, startGate } from '../support/gate-process.ts';
import { slowdown } from '../support/slowdown.ts';
import { metricOf, seat, type Told } from '../support/waiters.ts';

/** Processes of their own on a machine that other test files use too. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const RELEASES = 50;
const WAITERS = 1000;
/** What is promised is 2 s. */
const PROMISED_MS = 2000;
const BUCKET_MS = 10_000;

interface Crowd {
  readonly gate: GateProcess;
  readonly url: string;
  readonly prometheus: FakePrometheus;
  /** Of 1000 requests of every release that so many fail. */
  errors: number;
  call(role: (typeof ROLES)[number], method: string, path: string, body?: unknown): Promise<Answer>;
  /** Callers of all releases that wait to enter `early`. */
  waiting(count: number, persistent: boolean): Promise<readonly Promise<Told>[]>;
  stop(): Promise<void>;
}

async function aCrowd(engine: TestEngine, releases: number): Promise<Crowd> {
  const prometheus = await startFakePrometheus();
  const gate = startGate([], {
    DATA_DIR: engine.dataDir,
    LOG_LEVEL: 'warn',
    ...(engine.databaseUrl === null ? {} : { DATABASE_URL: engine.databaseUrl }),
  });
  const url = String((await gate.logged('listening')).url);
  const tokens: Record<string, string> = {};
  for (const role of ROLES) {
    const token = tokens.admin === undefined ? {} : { token: tokens.admin };
    tokens[role] = (await request(url, 'POST', '/tokens', { body: { name: role, role }, ...token })).body.token;
  }
  const crowd: Crowd = {
    ...{ gate, url, prometheus, errors: 0 },
    call: (role, method, path, body) => request(url, method, path, { token: tokens[role] ?? '', body }),
    waiting(count, persistent) {
      const paths = Array.from({ length: count }, (_, i) => `/gates/shop-${i % releases}@1/early?wait=25s`);
      return seat({ url, token: tokens.pipeline ?? '', paths, persistent });
    },
    async stop() {
      gate.child.kill('SIGKILL');
      await gate.ended;
      await prometheus.stop();
    },
  };
  prometheus.answer((form) => {
    const query = form.get('query') ?? '';
    if (query.startsWith('time()')) return vector('1');
    return vector(String(query.includes('5..') ? crowd.errors : 1000));
  });
  await prepare(crowd, releases);
  return crowd;
}

/** Every release is live in canary, which needs no bake time, so that only metrics and people keep it from early. */
async function prepare({ call, prometheus }: Crowd, releases: number): Promise<void> {
  const rings = [
    { name: 'canary', bake: '0s' },
    { name: 'early', bake: '1h' },
  ];
  const { indicator, ...rest } = aRule({ limits: { window: '10m', hold: { above: 0.01 } } });
  const expectOk = async (answer: Promise<{ status: number; body: unknown }>) =>
    expect((await answer).status).toBeLessThan(300);
  await expectOk(call('admin', 'PUT', '/providers/main', { kind: 'prometheus', url: prometheus.url }));
  for (let i = 0; i < releases; i += 1) {
    const path = `/services/shop-${i}`;
    await expectOk(call('configurator', 'PUT', path, { rings }));
    await expectOk(call('configurator', 'PUT', `${path}/rules/errors`, { ...rest, indicator }));
    await expectOk(call('pipeline', 'GET', `/gates/shop-${i}@1/canary`));
    await expectOk(call('pipeline', 'PUT', `/releases/shop-${i}@1/rings/canary`, { state: 'deployed' }));
  }
}

/** How many answers came after so many milliseconds at the latest. */
function summary(told: readonly Told[], since: number): string {
  const took = told.map(({ at }) => at - since).sort((a, b) => a - b);
  const at = (share: number) => Math.round(took[Math.ceil(took.length * share) - 1] ?? 0);
  return `${told.length} answers: half within ${at(0.5)} ms, 99 % within ${at(0.99)} ms, all within ${at(1)} ms`;
}

/** Within twice the time that is promised, on a machine that has the time. */
function expectSoon(told: readonly Told[], since: number): void {
  const slower = slowdown();
  report(`the machine takes ${slower.toFixed(1)} times as long as an idle one`);
  expect(Math.max(...told.map(({ at }) => at)) - since).toBeLessThan(2 * PROMISED_MS * slower);
}

/** For each query about bad events and each evaluation instant: how often it was asked. */
function querySets(prometheus: FakePrometheus): readonly number[] {
  const counts = new Map<string, number>();
  for (const { form } of prometheus.requests) {
    const query = form.get('query') ?? '';
    if (!query.includes('5..')) continue;
    const key = `${query} ${form.get('time')}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts.values()];
}

const nextBucket = () => Math.ceil((Date.now() + 1) / BUCKET_MS) * BUCKET_MS;
const report = (line: string) => process.stdout.write(`waiting: ${line}\n`);

describe('a thousand callers that wait for fifty releases', () => {
  let engine: TestEngine;
  let crowd: Crowd;
  beforeAll(async () => {
    engine = await openEngine('postgres');
    crowd = await aCrowd(engine, RELEASES);
  });
  afterAll(async () => {
    await crowd.stop();
    await engine.destroy();
  });

  it('are all answered soon after a halt is lifted, and take little memory', async () => {
    const { call, url } = crowd;
    const halted = await call('operator', 'POST', '/halts', { scope: { everything: true }, reason: 'looking into it' });
    expect(halted.status).toBe(201);
    const rss = await metricOf(url, 'process_resident_memory_bytes');
    const waiting = await crowd.waiting(WAITERS, true);
    const each = ((await metricOf(url, 'process_resident_memory_bytes')) - rss) / WAITERS;
    report(`${Math.round(each / 1024)} KiB of resident memory for each of ${WAITERS} waiters`);
    const cpu = await metricOf(url, 'process_cpu_seconds_total');
    const lifted = performance.now();
    await call('operator', 'POST', `/halts/${halted.body.id}/lift`, { reason: 'all is well' });
    const told = await Promise.all(waiting);
    const spent = (await metricOf(url, 'process_cpu_seconds_total')) - cpu;
    report(`a halt was lifted: ${summary(told, lifted)}; ${spent.toFixed(1)} s of processor time`);
    expect(new Set(told.map(({ status, verdict }) => `${status} ${verdict}`))).toEqual(new Set(['200 promote']));
    expectSoon(told, lifted);
    expect(each).toBeLessThan(500 * 1024);
  });

  it('are all answered soon after the bucket in which metrics turn, with one set of queries for each release and bucket', async () => {
    crowd.errors = 20;
    // What was answered before is kept for its bucket, and would let everybody in at once.
    await delay(nextBucket() - Date.now() + 100);
    crowd.prometheus.requests.splice(0);
    const waiting = await crowd.waiting(WAITERS, true);
    crowd.errors = 0;
    const turned = performance.now() + (nextBucket() - Date.now());
    const told = await Promise.all(waiting);
    report(`metrics turned: ${summary(told, turned)} of the bucket`);
    expect(new Set(told.map(({ verdict }) => verdict))).toEqual(new Set(['promote']));
    expectSoon(told, turned);
    const sets = querySets(crowd.prometheus);
    report(`${sets.length} queries and buckets were asked about, each ${Math.max(...sets)} times at most`);
    expect(sets.length).toBeGreaterThanOrEqual(RELEASES);
    expect(Math.max(...sets)).toBe(1);
  });
});

describe.each(['embedded', 'postgres'] as const)('callers that wait at a process on %s', (kind) => {
  it('are told at SIGTERM to ask another one in 5 s, and the process ends with 0', async () => {
    const engine = await openEngine(kind);
    const crowd = await aCrowd(engine, 5);
    try {
      crowd.errors = 20;
      const waiting = await crowd.waiting(100, false);
      const stopped = performance.now();
      crowd.gate.child.kill('SIGTERM');
      const told = await Promise.all(waiting);
      report(`SIGTERM on ${kind}: ${summary(told, stopped)}`);
      const seen = new Set(told.map(({ status, verdict, retryAfter }) => `${status} ${verdict} ${retryAfter}`));
      expect(seen).toEqual(new Set(['429 hold 5']));
      expect(await crowd.gate.ended).toBe(0);
      expectSoon(told, stopped);
    } finally {
      await crowd.stop();
      await engine.destroy();
    }
  });
});
