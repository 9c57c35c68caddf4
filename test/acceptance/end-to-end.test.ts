import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/app/ports.ts';
import { aRule } from '../support/builders.ts';
import { type Call, type CurlAnswer, curl, curlExpecting } from '../support/curl.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { type GateProcess, runGate, startGate } from '../support/gate-process.ts';
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';
import { type Shop, startShop } from '../support/shop.ts';

/**
 * Nothing here is ours but the gate and the shop: a real Prometheus scrapes the shop, the gate is a process whose first token
 * is made on its command line, and every request is made by the real curl. Only time is shorter than in life: bakes are
 * seconds, and Prometheus is asked about instants that lie on whole ten seconds, so every ring takes about ten.
 */
const RINGS = ['pilot', 'early', 'global'] as const;
const PLAN = {
  deployments: 'reported',
  rings: RINGS.map((name, i) => ({ name, exposure: [0.01, 0.09, 0.9][i], bake: '4s' })),
};
const RULE = aRule({
  limits: { window: '20s', hold: { above: 0.02 }, rollback: { above: 0.2 }, for: '2s' },
  minEvents: 50,
});
const PATIENCE_MS = 45_000;
const STORY_MS = 120_000;

describe('A rollout with a real Prometheus and the real curl', () => {
  const tokens = new Map<Role, string>();
  /** Ids of all decisions that curl was told, oldest first. */
  const told: string[] = [];
  let engine: TestEngine;
  let shop: Shop;
  let prometheus: RunningPrometheus;
  let gate: GateProcess;
  let url: string;

  const as = (role: Role, call: Call = {}): Call => ({ ...call, token: tokens.get(role) ?? '' });
  const read = (path: string) => curlExpecting([200], url + path, as('auditor'));
  const put = async (path: string, body: unknown, role: Role) =>
    (await curlExpecting([200, 201], url + path, as(role, { method: 'PUT', body }))).body;

  /** Asks once. A verdict is only what says so itself. */
  async function ask(version: string, ring: string, stage: 'enter' | 'exit'): Promise<CurlAnswer> {
    const answer = await curl(`${url}/gates/checkout@${version}/${ring}?stage=${stage}`, as('pipeline'));
    expect(answer.headers['gate-verdict'], JSON.stringify(answer.body)).toBe(answer.body.verdict);
    told.push(answer.headers['gate-decision'] ?? '');
    if (answer.status === 429) {
      expect(answer.body.verdict).toBe('hold');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(5);
      expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(30);
    }
    return answer;
  }

  /** Asks for as long as the gate holds with something that can clear. It asks sooner than Retry-After says: that is allowed, and shows more holds. */
  async function askUntilTold(version: string, ring: string): Promise<CurlAnswer> {
    const end = performance.now() + PATIENCE_MS;
    let answer = await ask(version, ring, 'exit');
    while (answer.status === 429 && performance.now() < end) {
      await delay(1000);
      answer = await ask(version, ring, 'exit');
    }
    return answer;
  }

  const report = (version: string, ring: string, body: { state: string; reason?: string }) =>
    put(`/releases/checkout@${version}/rings/${ring}`, body, 'pipeline');

  async function enters(version: string, ring: string): Promise<void> {
    expect(statusAndSummary(await ask(version, ring, 'enter'))).toMatchObject({ status: 200 });
    shop.deploy(ring, version);
    expect(await report(version, ring, { state: 'deployed' })).toMatchObject({ ungated: false });
  }

  async function proves(version: string, ring: string): Promise<void> {
    expect(statusAndSummary(await askUntilTold(version, ring))).toMatchObject({ status: 200 });
  }

  beforeAll(async () => {
    shop = await startShop();
    shop.start();
    prometheus = await startPrometheus({ scrape: [{ job: 'shop', targets: [shop.url] }] });
    engine = await openEngine('embedded');
    const env = { DATA_DIR: engine.dataDir };
    const made = await runGate(['token', 'create', '--name', 'a-admin', '--role', 'admin', '--expires', '1h'], env);
    expect(made).toMatchObject({ code: 0 });
    tokens.set('admin', made.stdout.trim());
    gate = startGate([], env);
    url = String((await gate.logged('listening')).url);
    for (const role of ['pipeline', 'configurator', 'auditor'] as const) {
      const call = as('admin', { method: 'POST', body: { name: `a-${role}`, role, expires: '1h' } });
      tokens.set(role, (await curlExpecting([201], `${url}/tokens`, call)).body.token);
    }
    await put('/providers/main', { kind: 'prometheus', url: prometheus.url, delay: '0s' }, 'admin');
    await put('/services/checkout', PLAN, 'configurator');
    expect(await put('/services/checkout/rules/errors', RULE, 'configurator')).toMatchObject({ warnings: [] });
  }, STORY_MS);

  afterAll(async () => {
    gate?.child.kill('SIGKILL');
    await gate?.ended;
    await prometheus?.stop();
    await shop?.stop();
    await engine?.destroy();
  });

  it('proves a good release in every ring, the last one included', { timeout: STORY_MS }, async () => {
    expect((await curl(`${url}/gates/checkout@1.0/pilot`)).status).toBe(401);
    for (const ring of RINGS) {
      await enters('1.0', ring);
      await proves('1.0', ring);
    }
    const { body } = await read('/services/checkout/rollout');
    expect(body.rings).toMatchObject(RINGS.map((ring) => ({ ring, occupant: 'checkout@1.0', phase: 'proven' })));
  });

  it('rolls a bad release back in the pilot, where the old one comes back without asking', {
    timeout: STORY_MS,
  }, async () => {
    shop.setErrors('1.1', 0.5);
    await enters('1.1', 'pilot');
    const bad = await askUntilTold('1.1', 'pilot');
    expect(statusAndSummary(bad)).toMatchObject({ status: 409 });
    expect(bad.headers['gate-verdict']).toBe('rollback');
    expect(counted(bad, 'rollback')).toEqual(['objective-breached']);
    expect(bad.body.rollback).toEqual({ rings: ['pilot'], to: { pilot: 'checkout@1.0' } });
    for (const ring of bad.body.rollback.rings) {
      const old = bad.body.rollback.to[ring].split('@')[1];
      shop.deploy(ring, old);
      await report('1.1', ring, { state: 'rolled-back', reason: bad.body.summary });
      expect(await report(old, ring, { state: 'deployed' })).toMatchObject({
        ungated: false,
        life: { phase: 'proven', origin: 'restored' },
      });
    }
    const again = await ask('1.1', 'pilot', 'enter');
    expect(statusAndSummary(again)).toMatchObject({ status: 423 });
    expect(counted(again, 'hold')).toEqual(['rolled-back-earlier']);
  });

  it('rolls the fix forward through all rings, and holds in the middle for as long as Prometheus is away', {
    timeout: STORY_MS,
  }, async () => {
    await enters('1.2', 'pilot');
    await proves('1.2', 'pilot');
    await enters('1.2', 'early');
    await prometheus.halt();
    const blind = await ask('1.2', 'early', 'exit');
    expect(statusAndSummary(blind)).toMatchObject({ status: 429 });
    expect(counted(blind, 'hold')).toContain('provider-unavailable');
    await prometheus.restart();
    await proves('1.2', 'early');
    await enters('1.2', 'global');
    await proves('1.2', 'global');
    expect((await ask('1.1', 'pilot', 'enter')).status).toBe(423);
    const { body } = await read('/services/checkout/rollout');
    expect(body.rings).toMatchObject(RINGS.map((ring) => ({ ring, occupant: 'checkout@1.2', phase: 'proven' })));
  });

  it('has every decision on record, and each comes out again with the same verdict and the same bytes', {
    timeout: STORY_MS,
  }, async () => {
    const listed: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const from = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await read(`/decisions?limit=20${from}`);
      const ids: string[] = body.items.map((decision: { id: string }) => decision.id);
      const replays = await Promise.all(ids.map(async (id) => (await read(`/decisions/${id}/replay`)).body));
      expect(replays).toMatchObject(ids.map(() => ({ verdictIdentical: true, bytesIdentical: true })));
      listed.push(...ids);
      cursor = body.next;
    }
    expect(told.length).toBeGreaterThan(20);
    expect(listed).toEqual(told.toReversed());
  });

  it('tells the stories of the three releases in order', async () => {
    const passes = ['promised', 'deployed', 'proven'];
    expect(await storyOf('1.0')).toEqual({
      pilot: [...passes, 'superseded', 'restored', 'superseded'],
      early: [...passes, 'superseded'],
      global: [...passes, 'superseded'],
    });
    expect(await storyOf('1.1')).toEqual({
      pilot: ['promised', 'deployed', 'rollback', 'rolled-back'],
      early: [],
      global: [],
    });
    expect(await storyOf('1.2')).toEqual({ pilot: passes, early: passes, global: passes });
  });

  it('ends with 0 at SIGTERM', async () => {
    gate.child.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(gate.stderr()).toBe('');
  });

  /** What happened to a release in each ring, without the holds between. */
  async function storyOf(version: string): Promise<Record<string, string[]>> {
    const { body } = await read(`/releases/checkout@${version}/story`);
    const rings: { ring: string; events: { at: string; what: string; by: string | null; ungated: boolean }[] }[] =
      body.rings;
    const all = rings.flatMap(({ events }) => events);
    expect(all.filter(({ by, what }) => by !== 'a-pipeline' && what !== 'superseded')).toEqual([]);
    expect(all.filter(({ ungated }) => ungated)).toEqual([]);
    for (const { events } of rings) expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted());
    const told = rings.map(({ ring, events }) => [
      ring,
      events.map(({ what }) => what).filter((what) => what !== 'held'),
    ]);
    return Object.fromEntries(told);
  }
});

function counted(answer: CurlAnswer, verdict: string): string[] {
  const findings: { cause: string; countedAs: string | null }[] = answer.body.findings;
  return findings.filter((finding) => finding.countedAs === verdict).map((finding) => finding.cause);
}

/** For messages that say why a status was another one. */
function statusAndSummary({ status, body }: CurlAnswer) {
  return { status, summary: body.summary ?? body };
}
