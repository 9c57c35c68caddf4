import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { requireBinary } from '../support/binaries.ts';
import { openEngine, runSql, type TestEngine } from '../support/engines.ts';
import { type Answer, request } from '../support/gate.ts';
import { type GateProcess, startGate } from '../support/gate-process.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const MINUTE = 60_000;
const started: GateProcess[] = [];

/** What is compared between a service whose clock is right and one whose clock is not. */
interface Judged {
  readonly ring: string;
  readonly status: number;
  readonly findings: readonly unknown[];
  readonly earliestPromoteAt: string | null;
  readonly lease: string | null;
}

/** The library that `faketime` loads; loaded by us, so that signals reach the service and not a wrapper around it. */
function fakeTimeLibrary(): string {
  return execFileSync(requireBinary('faketime'), ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim();
}

/** The service itself with a clock of its own. The monotonic clock is left alone, as it is when a clock jumps. */
async function startedAt(engine: TestEngine, offset: string): Promise<{ gate: GateProcess; url: string }> {
  const gate = startGate([], {
    ...{ DATA_DIR: engine.dataDir, DATABASE_URL: engine.databaseUrl ?? '' },
    ...{ LD_PRELOAD: fakeTimeLibrary(), FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' },
  });
  started.push(gate);
  return { gate, url: String((await gate.logged('listening')).url) };
}

async function stopped(gate: GateProcess): Promise<void> {
  gate.child.kill('SIGTERM');
  expect(await gate.ended).toBe(0);
}

async function databaseNow(engine: TestEngine): Promise<number> {
  const [row] = await runSql(engine.databaseUrl ?? '', 'select rfc3339(clock_timestamp()) as now');
  return Date.parse(String(row?.now));
}

/** One ring for each case; all of the first two begin and end around the database's present instant. */
async function configure(url: string, now: number): Promise<void> {
  const rings = ['frozen', 'soon', 'over', 'allowed', 'shut'].map((name) => ({ name, bake: '0s', after: [] }));
  const local = (minutes: number) => new Date(now + minutes * MINUTE).toISOString().slice(0, 19);
  const freeze = async (name: string, ring: string, kind: 'freeze' | 'allow', from: number, to: number) => {
    const scope = { services: ['*'], rings: [ring] };
    const body = { kind, scope, timeZone: 'UTC', start: local(from), end: local(to) };
    expect((await request(url, 'PUT', `/freezes/${name}`, { body })).status).toBe(201);
  };
  const plan = { allowUnmeasured: true, rings };
  expect((await request(url, 'PUT', '/services/shop', { body: plan })).status).toBe(201);
  await freeze('now', 'frozen', 'freeze', -30, 30);
  await freeze('later', 'soon', 'freeze', 10, 90);
  await freeze('before', 'over', 'freeze', -90, -10);
  await freeze('open', 'allowed', 'allow', -30, 30);
  await freeze('closed', 'shut', 'allow', 60, 120);
}

async function judge(url: string): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  for (const ring of ['frozen', 'soon', 'over', 'allowed', 'shut']) {
    const { status, body } = await request(url, 'GET', `/gates/shop@1/${ring}?dryRun=true`);
    judged.push({ ring, status, ...aboutFreezes(body), lease: null });
  }
  const { status, body } = await request(url, 'GET', '/gates/shop@1/soon');
  return [...judged, { ring: 'soon', status, ...aboutFreezes(body), lease: body.validUntil }];
}

function aboutFreezes(body: Answer['body']): Pick<Judged, 'findings' | 'earliestPromoteAt'> {
  const findings = body.findings.filter(({ check }: { check: string }) => check === 'freeze');
  return { findings, earliestPromoteAt: body.earliestPromoteAt };
}

describe('a service whose clock has jumped, on a database whose clock is right', () => {
  let engine: TestEngine;
  let right: readonly Judged[];
  beforeAll(async () => {
    engine = await openEngine('postgres');
    const { gate, url } = await startedAt(engine, '+0');
    await configure(url, await databaseNow(engine));
    right = await judge(url);
    await stopped(gate);
  });
  afterAll(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await engine.destroy();
  });

  it('is compared with what the windows mean', () => {
    expect(right.map(({ ring, status }) => `${ring} ${status}`)).toEqual([
      'frozen 429',
      'soon 200',
      'over 200',
      'allowed 200',
      'shut 429',
      'soon 200',
    ]);
  });

  it.each(['-1d', '-1h', '+1h', '+1d'])(
    'by %s decides about freezes as before, waits as long as it is asked to, and lets in when the database says that a freeze ends',
    async (offset) => {
      const { gate, url } = await startedAt(engine, offset);
      const log = await gate.logged('listening');
      const off = Math.abs(Date.parse(String(log.time)) - Date.now());
      expect(off).toBeGreaterThan(59 * MINUTE);
      expect(await judge(url)).toEqual(right);
      const began = performance.now();
      const { body } = await request(url, 'GET', '/gates/shop@1/frozen?wait=2s');
      const tookMs = performance.now() - began;
      expect(body.verdict).toBe('hold');
      expect(tookMs).toBeGreaterThanOrEqual(2000);
      expect(tookMs).toBeLessThan(20_000);
      expect(Math.abs(Date.parse(body.decidedAt) - (await databaseNow(engine)))).toBeLessThan(MINUTE);
      if (offset.endsWith('d')) await expectEntryWhenFreezeEnds(engine, url);
      await stopped(gate);
      const lines = gate
        .stdout()
        .split('\n')
        .filter((line) => line.startsWith('{'));
      const durations = lines.flatMap((line) =>
        [...line.matchAll(/"(?:ms|durationMs)":(-?[\d.]+)/g)].map(([, ms]) => Number(ms)),
      );
      expect(durations.length).toBeGreaterThan(5);
      expect(Math.min(...durations)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...durations)).toBeLessThan(30_000);
    },
  );
});

/** Whoever waits enters when the freeze ends by the clock of the database. Leaves no freeze behind. */
async function expectEntryWhenFreezeEnds(engine: TestEngine, url: string): Promise<void> {
  const ends = (await databaseNow(engine)) + 6000;
  const body = {
    ...{ kind: 'freeze', timeZone: 'UTC', scope: { services: ['*'], rings: ['over'] } },
    ...{ start: '2020-01-01T00:00:00', end: new Date(ends).toISOString().slice(0, 19) },
  };
  expect((await request(url, 'PUT', '/freezes/ending', { body })).status).toBeLessThan(300);
  expect((await request(url, 'GET', '/gates/shop@1/over?dryRun=true')).body.verdict).toBe('hold');
  const answer = await request(url, 'GET', '/gates/shop@1/over?wait=20s&dryRun=true');
  expect(answer.body.verdict).toBe('promote');
  const late = Date.parse(answer.body.decidedAt) - Math.floor(ends / 1000) * 1000;
  expect(late).toBeGreaterThanOrEqual(0);
  // Long before the time is over that it would have waited for.
  expect(late).toBeLessThan(10_000);
  expect((await request(url, 'DELETE', '/freezes/ending')).status).toBe(204);
}
