import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CurlAnswer, curl, curlExpecting } from '../support/curl.ts';
import { type EngineKind, engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { type Regions, regions } from '../support/regions.ts';

/** People and the calendar have a say: one release through a graph of rings, by curl alone, with a token for each person. */
const RELEASE = 'store@1.4.2';

describe.each(engineKinds)('A release that people and the calendar have a say in, on %s', (kind: EngineKind) => {
  let engine: TestEngine;
  let gate: Gate;
  let shop: Regions;
  const tokens: Record<string, string> = {};

  const call = (who: string, method: string, path: string, body?: unknown): Promise<CurlAnswer> =>
    curl(gate.url + path, { method, token: tokens[who] ?? '', ...(body === undefined ? {} : { body }) });
  const ask = (ring: string, stage = 'enter') =>
    call('ci', 'GET', `/gates/${RELEASE}/${ring}?stage=${stage}&actor=ada`);
  /** Asks, expects that verdict, and gives the document. */
  const told = async (verdict: string, ring: string, stage = 'enter'): Promise<CurlAnswer['body']> => {
    const answer = await ask(ring, stage);
    expect([ring, stage, answer.headers['gate-verdict'], answer.body.summary]).toEqual([
      ring,
      stage,
      verdict,
      expect.any(String),
    ]);
    return answer.body;
  };
  const deploy = (ring: string) =>
    curlExpecting([200], `${gate.url}/releases/${RELEASE}/rings/${ring}`, {
      method: 'PUT',
      token: tokens.ci ?? '',
      body: { state: 'deployed' },
    });
  const finding = (body: CurlAnswer['body'], check: string) =>
    body.findings.find(
      (each: { check: string; countedAs: string }) => each.check === check && each.countedAs !== 'promote',
    );
  /** The gate's clock, by an answer of it. */
  const now = async (): Promise<number> => Date.parse((await ask('canary')).body.decidedAt);

  beforeAll(async () => {
    engine = await openEngine(kind);
    gate = await startGate(engine);
    shop = await regions(gate);
    tokens.ci = await shop.token('store-pipeline', 'pipeline');
    tokens.conf = await shop.token('linus', 'configurator');
    for (const name of ['ada', 'grace', 'barbara']) tokens[name] = await shop.token(name, 'operator');
  });
  afterAll(async () => {
    await gate.stop();
    await shop.stop();
    await engine.destroy();
  });

  it('walks to the end, and its story tells it in order', async () => {
    await told('promote', 'canary');
    await deploy('canary');
    gate.minutes(16);
    await told('promote', 'canary', 'exit');

    // A freeze of one region ends during the walk; the ring beside it goes ahead.
    const local = (ms: number) => new Date(ms).toISOString().slice(0, 19);
    const at = await now();
    const until = local(at + 30 * 60_000);
    const freeze = {
      title: 'Election night',
      kind: 'freeze',
      scope: { services: ['*'], rings: ['*'], labels: { region: 'us', criticality: 'high' } },
      timeZone: 'UTC',
      start: local(at - 60_000),
      end: until,
      reason: 'nobody touches anything',
    };
    expect((await call('conf', 'PUT', '/freezes/election', freeze)).status).toBe(201);
    const frozen = await ask('us');
    expect(frozen.status).toBe(429);
    expect(finding(frozen.body, 'freeze')).toMatchObject({ cause: 'frozen', clearsAt: `${until}.000Z` });
    expect(frozen.body).toMatchObject({
      earliestPromoteAt: `${until}.000Z`,
      summary: expect.stringMatching(/election freezes store in us until .*: nobody touches anything/),
    });
    await told('promote', 'eu');
    await deploy('eu');
    gate.minutes(31);
    await told('promote', 'us');
    await deploy('us');

    // Somebody stops the line; somebody else lets it run again.
    const halt = { scope: { service: 'store' }, reason: 'the payment provider is down' };
    const stopped = await call('barbara', 'POST', '/halts', halt);
    expect(stopped.status).toBe(201);
    const held = await ask('eu', 'exit');
    expect(held.status).toBe(423);
    expect(held.body.summary).toBe(`barbara stopped store at ${stopped.body.at}: the payment provider is down`);
    expect((await call('grace', 'POST', `/halts/${stopped.body.id}/lift`, { reason: 'it is up again' })).status).toBe(
      200,
    );
    await told('promote', 'eu', 'exit');

    // Both regions have to be proven before the rest; one is too young, and one approval is missing.
    const early = await told('hold', 'global');
    expect(finding(early, 'bake')).toMatchObject({ ring: 'us', cause: 'baking' });
    expect(finding(early, 'approval')).toMatchObject({
      cause: 'approval-missing',
      evidence: { missing: '1', given: [] },
    });
    const approval = { release: RELEASE, ring: 'global', comment: 'seen the dashboards of both regions' };
    const own = await call('ada', 'POST', '/approvals', approval);
    expect([own.status, own.body.detail]).toEqual([403, expect.stringContaining('somebody else has to approve')]);
    expect((await call('grace', 'POST', '/approvals', approval)).status).toBe(201);
    expect((await call('grace', 'POST', '/approvals', approval)).status).toBe(409);

    // The glass is broken for what is left: the bake time of us, and nothing else.
    const expiresAt = new Date((await now()) + 10 * 60_000).toISOString();
    const broken = await call('barbara', 'POST', '/overrides', {
      release: RELEASE,
      rings: ['global'],
      checks: ['bake'],
      reason: 'the fix for the outage of the payment provider',
      incident: 'INC-4711',
      expiresAt,
    });
    expect(broken.status).toBe(201);
    const promoted = await told('promote', 'global');
    expect(promoted.validUntil).toBe(expiresAt);
    expect(promoted.findings.filter((each: { waivedBy?: string }) => each.waivedBy !== undefined)).toMatchObject([
      { check: 'bake', ring: 'us', verdict: 'hold', countedAs: 'promote', waivedBy: broken.body.id },
    ]);
    await deploy('global');
    expect((await call('barbara', 'DELETE', `/overrides/${broken.body.id}`)).status).toBe(204);
    gate.minutes(16);
    await told('promote', 'us', 'exit');
    await told('promote', 'global', 'exit');

    const story = (await call('ada', 'GET', `/releases/${RELEASE}/story`)).body;
    const lines = (ring: string) =>
      story.rings
        .find((each: { ring: string }) => each.ring === ring)
        .events.map((event: { what: string; by: string }) => `${event.what} by ${event.by}`);
    expect(story.rings.map((each: { ring: string }) => each.ring)).toEqual(['canary', 'eu', 'us', 'global']);
    expect(lines('canary')).toEqual(['promised by ada', 'deployed by store-pipeline', 'proven by ada']);
    expect(lines('eu')).toEqual([
      'promised by ada',
      'deployed by store-pipeline',
      'halted by barbara',
      'held by ada',
      'lifted by grace',
      'proven by ada',
    ]);
    expect(lines('us')).toEqual(['held by ada', 'promised by ada', 'deployed by store-pipeline', 'proven by ada']);
    expect(lines('global')).toEqual([
      'held by ada',
      'approved by grace',
      'override by barbara',
      'promised by ada',
      'overridden by ada',
      'deployed by store-pipeline',
      'override-withdrawn by barbara',
      'proven by ada',
    ]);
    const ats = story.rings.flatMap((each: { events: { at: string }[] }) => each.events.map(({ at: when }) => when));
    expect(ats.every((when: string) => !Number.isNaN(Date.parse(when)))).toBe(true);
    for (const { events } of story.rings) {
      for (const { entry, because } of events) {
        expect(because).toMatch(/^\S.*\.$/);
        expect((await curl(`${gate.url}/audit/entries/${entry}`, { token: gate.tokens.auditor })).status).toBe(200);
      }
    }
  });

  it('was measured in each region by the Prometheus of that region, with the labels of the ring', () => {
    const asked = (server: keyof Regions['prometheus'], text: string) =>
      shop.prometheus[server].requests.some(({ form }) => (form.get('query') ?? '').includes(text));
    const labels = (cohort: string, criticality: string, what: string) =>
      `version="1.4.2",cohort="${cohort}",criticality="${criticality}",function="${what}"`;
    expect(asked('eu', labels('staff', 'low', 'pilot'))).toBe(true);
    expect(asked('eu', labels('beta', 'high', 'store'))).toBe(true);
    expect(asked('us', labels('beta', 'high', 'store'))).toBe(true);
    expect(asked('rest', labels('everyone', 'medium', 'shop'))).toBe(true);
    expect(asked('us', 'cohort="staff"') || asked('rest', 'cohort="beta"')).toBe(false);
  });

  it('left a metric and a record of each thing that people did', async () => {
    const entries = await curl(`${gate.url}/audit/entries?release=${RELEASE}`, { token: gate.tokens.auditor });
    const kinds = entries.body.items
      .map((entry: { kind: string }) => entry.kind)
      .filter((each: string) => each !== 'decision');
    expect(kinds.reverse()).toEqual([
      'report',
      'report',
      'report',
      'approval-create',
      'override-create',
      'report',
      'override-withdraw',
    ]);
    const halts = await curl(`${gate.url}/audit/entries?kind=halt-create`, { token: gate.tokens.auditor });
    expect(halts.body.items).toMatchObject([{ body: { actor: 'barbara', service: 'store' } }]);
    const metrics = (await curl(`${gate.url}/metrics`)).body as string;
    expect(metrics).toMatch(/ringgate_override_uses_total\{check="bake"\} 1/);
    for (const each of ['halt-create', 'halt-lift', 'approval-create', 'override-create', 'override-withdraw']) {
      expect(metrics).toContain(`ringgate_changes_total{kind="${each}"} 1`);
    }
  });
});

describe('Two replicas on one PostgreSQL', () => {
  it('hold the very next ask at the one when a halt was posted at the other, and go on when it is lifted there', async () => {
    const engine = await openEngine('postgres');
    const one = await startGate(engine);
    const two = await startGate(engine, { tokens: one.tokens });
    const shop = await regions(one);
    try {
      for (const scope of [{ release: RELEASE }, { service: 'store' }, { everything: true }]) {
        for (const [here, there] of [
          [one, two],
          [two, one],
        ] as const) {
          const verdict = async () => (await there.call('GET', `/gates/${RELEASE}/canary`)).headers.get('gate-verdict');
          expect(await verdict()).toBe('promote');
          const { body } = await here.call('POST', '/halts', { as: 'operator', body: { scope, reason: 'wait' } });
          expect(await verdict()).toBe('hold');
          expect((await there.call('POST', `/halts/${body.id}/lift`, { as: 'operator' })).status).toBe(200);
        }
      }
    } finally {
      await two.stop();
      await one.stop();
      await shop.stop();
      await engine.destroy();
    }
  });

  it('let no promote through after the answer to a halt, however many ask meanwhile', async () => {
    const engine = await openEngine('postgres');
    const one = await startGate(engine);
    const two = await startGate(engine, { tokens: one.tokens });
    const shop = await regions(one);
    try {
      const verdicts: string[] = [];
      let stopped = 0;
      const asking = async (gate: Gate, n: number) => {
        for (let i = 0, after = 0; after < 3; i += 1, after += stopped) {
          const when = stopped === 1 ? 'after' : 'before';
          const answer = await gate.call('GET', `/gates/store@${n}.${i}/canary?dryRun=true`);
          verdicts.push(`${when} ${answer.headers.get('gate-verdict')}`);
        }
      };
      const herd = [1, 2, 3, 4].flatMap((n) => [asking(one, n), asking(two, n + 10)]);
      while (verdicts.length < 10) await new Promise((resolve) => setImmediate(resolve));
      await one.call('POST', '/halts', { as: 'operator', body: { scope: { everything: true }, reason: 'wait' } });
      stopped = 1;
      await Promise.all(herd);
      expect(verdicts).toContain('before promote');
      expect(verdicts).toContain('after hold');
      expect(verdicts).not.toContain('after promote');
    } finally {
      await two.stop();
      await one.stop();
      await shop.stop();
      await engine.destroy();
    }
  });
});
