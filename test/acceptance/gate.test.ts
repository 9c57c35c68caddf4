import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRule, aService } from '../support/builders.ts';
import { type EngineKind, engineKinds, openEngine, runSql, type TestEngine } from '../support/engines.ts';
import {
  apiError,
  drip,
  empty,
  type FakeAnswer,
  hangUp,
  json,
  redirect,
  severalSeries,
  silent,
  text,
  vector,
} from '../support/fake-prometheus.ts';
import { type Answer, type Gate, request, startGate } from '../support/gate.ts';
import { aPipeline, type Pipeline } from '../support/pipeline.ts';

const counted = (answer: Answer, as: string): string[] =>
  answer.body.findings.filter((f: { countedAs: string }) => f.countedAs === as).map((f: { cause: string }) => f.cause);

describe.each(engineKinds)('The gate on %s', (kind: EngineKind) => {
  let engine: TestEngine;
  let gate: Gate;
  let shop: Pipeline;

  beforeAll(async () => {
    engine = await openEngine(kind);
    gate = await startGate(engine);
    shop = await aPipeline(gate);
    await shop.expect('promote', '1.0', 'canary');
    await shop.report('1.0', 'canary', { state: 'deployed' });
    gate.minutes(20);
  });
  afterAll(async () => {
    await gate.stop();
    await shop.stop();
    await engine.destroy();
  });
  const exit = (query: Record<string, string> = {}) =>
    shop.ask('1.0', 'canary', { stage: 'exit', dryRun: 'true', ...query });

  it('tells a promote with its headers, evidence and record', async () => {
    const answer = await exit();
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'gate-verdict': 'promote',
      'gate-question': `${shop.service}@1.0 canary exit`,
      'gate-decision': answer.body.id,
      'cache-control': 'no-store',
    });
    const rule = answer.body.findings.find((f: { rule?: string }) => f.rule === 'errors');
    expect(rule).toMatchObject({
      cause: 'objective-met',
      evidence: { windows: [{ window: '10m', bad: '0', total: '1000', ratio: '0' }] },
    });
    expect(rule.evidence.queries.bad).toContain(`service="${shop.service}",version="1.0",ring="canary"`);
    expect(answer.body.audit.leafHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('gives one line of text to those who prefer text', async () => {
    const headers = { accept: 'text/plain' };
    const ask = (ring: string) => gate.call('GET', `/gates/${shop.service}@1.0/${ring}?dryRun=true`, { headers });
    const promoted = await ask('early');
    expect(promoted.headers.get('content-type')).toContain('text/plain');
    expect(promoted.body).toBe(`promote ${shop.service}@1.0 early: ${shop.service}@1.0 may enter early\n`);
    const second = await aPipeline(gate);
    await second.expect('promote', '1.0', 'canary');
    const held = await gate.call('GET', `/gates/${second.service}@1.0/early`, { headers });
    expect(held.body).toMatch(/^hold shop-\d+@1\.0 early: canary has baked 0s of 15m \(ask again in 15m\)\n$/);
    await second.stop();
  });

  it('answers 200 with the whole document to clients that read it, whatever the verdict', async () => {
    const answer = await shop.ask('9.9', 'global', { view: 'document', dryRun: 'true' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ verdict: 'hold' });
    expect(answer.headers.get('gate-verdict')).toBe('hold');
  });

  it('takes the same question by POST, with a context for the record', async () => {
    const body = {
      stage: 'exit',
      dryRun: true,
      build: 'https://ci.example/42',
      actor: 'ada',
      context: { commit: 'abc' },
    };
    const answer = await gate.call('POST', `/gates/${shop.service}@1.0/canary`, { body });
    expect(answer.body).toMatchObject({ verdict: 'promote', actor: 'ada', build: 'https://ci.example/42' });
    const entry = await gate.call('GET', `/audit/entries/${answer.body.id}`, { as: 'auditor' });
    expect(entry.body.body).toMatchObject({ actor: 'ada', context: { commit: 'abc' } });
  });

  it.each<[string, FakeAnswer, string]>([
    ['nothing at all', empty(), 'no-data'],
    ['zero events', vector('0'), 'no-data'],
    ['NaN', vector('NaN'), 'not-a-number'],
    ['+Inf', vector('+Inf'), 'not-a-number'],
    ['two series', severalSeries(['1000', '2']), 'too-many-series'],
    ['a warning', vector('1000', { warnings: ['some store did not answer'] }), 'partial-data'],
    ['isPartial', vector('1000', { isPartial: true }), 'partial-data'],
    ['a refused query', apiError('bad_data', 'parse error'), 'query-rejected'],
    ['an error of its own', apiError('internal', 'oops', 500), 'provider-unavailable'],
    ['overload', text('Too Many Requests', 429), 'provider-unavailable'],
    ['a login page', text('<html>', 200, 'text/html'), 'provider-unavailable'],
    [
      'half a document',
      { status: 200, headers: { 'content-type': 'application/json' }, body: '{"status":"succ' },
      'provider-unavailable',
    ],
    ['another document', json({ hello: 'world' }), 'provider-unavailable'],
    ['a redirect to the metadata address', redirect('http://169.254.169.254/latest'), 'provider-unavailable'],
    ['a connection that breaks', hangUp, 'provider-unavailable'],
  ])('holds when the provider answers with %s', async (_what, answer, cause) => {
    await shop.answers(() => answer);
    const held = await exit();
    expect(held.headers.get('gate-verdict')).toBe('hold');
    expect(counted(held, 'hold')).toContain(cause);
    expect(counted(held, 'rollback')).toEqual([]);
  });

  it.each<[string, FakeAnswer]>([
    ['never answers', silent],
    ['sends a byte now and then', drip()],
  ])('answers within its deadline when the provider %s', async (_what, answer) => {
    await shop.answers(() => answer);
    const held = await exit({ deadline: '900ms' });
    expect(counted(held, 'hold')).toContain('deadline-exceeded');
    expect(held.status).toBe(429);
  });

  it('holds for data that is too old, and for nothing newer to be found', async () => {
    await shop.answers((query) => vector(query.startsWith('time()') ? '301' : query.includes('5..') ? '0' : '1000'));
    expect(counted(await exit(), 'hold')).toContain('stale-data');
    await shop.answers((query) =>
      query.startsWith('time()') ? empty() : vector(query.includes('5..') ? '0' : '1000'),
    );
    expect(counted(await exit(), 'hold')).toContain('stale-data');
  });

  it('counts an absent error series as zero only while the total is there', async () => {
    await shop.answers((query) =>
      query.startsWith('time()') ? vector('1') : query.includes('5..') ? empty() : vector('1000'),
    );
    expect((await exit()).headers.get('gate-verdict')).toBe('promote');
  });

  it('says how many events are missing and how long that takes', async () => {
    shop.counts(0, 60);
    const held = await exit();
    const rule = held.body.findings.find((f: { cause: string }) => f.cause === 'too-few-events');
    expect(rule).toMatchObject({ clears: 'by-data', needs: expect.stringMatching(/^40 more events/) });
    shop.counts(0, 1000);
  });

  it('asks every query of a decision at one instant, on the bucket', async () => {
    const answer = await exit();
    const recorded = await gate.call('GET', `/decisions/${answer.body.id}`, { as: 'auditor' });
    const asked: { at: string; id: string }[] = recorded.body.facts.measurements;
    const now = new Date(Math.floor(Date.parse(answer.body.decidedAt) / 10_000) * 10_000).toISOString();
    expect(new Set(asked.filter((m) => m.id.endsWith('/0')).map((m) => m.at))).toEqual(new Set([now]));
  });

  it.each([
    ['an unknown service', '/gates/nobody@1.0/canary', 404],
    ['an unknown ring', '/gates/SERVICE@1.0/moon', 404],
    ['a release without version', '/gates/SERVICE/canary', 400],
    ['an encoded slash', '/gates/SERVICE@1%2F0/canary', 400],
    ['an unknown parameter', '/gates/SERVICE@1.0/canary?stagee=exit', 400],
    ['a repeated parameter', '/gates/SERVICE@1.0/canary?stage=exit&stage=enter', 400],
    ['a deadline beyond the limit', '/gates/SERVICE@1.0/canary?deadline=26s', 400],
    ['a change class it may not claim', '/gates/SERVICE@1.0/canary?change=emergency', 403],
  ])('refuses %s without a verdict', async (_what, path, status) => {
    const answer = await gate.call('GET', path.replace('SERVICE', shop.service));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('gate-verdict')).toBeNull();
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('refuses who is unknown, who may not ask, and every other method', async () => {
    const path = `/gates/${shop.service}@1.0/canary`;
    expect((await request(gate.url, 'GET', path)).status).toBe(401);
    const token = gate.tokens.pipeline;
    const mistyped = `${token.slice(0, -1)}${token.endsWith('x') ? 'y' : 'x'}`;
    expect((await request(gate.url, 'GET', path, { token: mistyped })).status).toBe(401);
    expect((await gate.call('GET', path, { as: 'auditor' })).status).toBe(403);
    for (const method of ['HEAD', 'PUT', 'DELETE']) {
      const answer = await gate.call(method, path);
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('GET, POST');
    }
  });

  it('lets an operator ask without starting a lease', async () => {
    const other = await aPipeline(gate);
    const asked = await gate.call('GET', `/gates/${other.service}@1.0/canary`, { as: 'operator' });
    expect(asked.body).toMatchObject({ verdict: 'promote', validUntil: null });
    expect((await other.report('1.0', 'canary', { state: 'deployed' })).body.ungated).toBe(true);
    await other.stop();
  });

  it('keeps decisions, and finds them by what they were about', async () => {
    const held = await gate.call('GET', `/decisions?service=${shop.service}&verdict=hold&cause=too-few-events`, {
      as: 'auditor',
    });
    expect(held.body.items.length).toBeGreaterThan(0);
    const replay = await gate.call('GET', `/decisions/${held.body.items[0].id}/replay`, { as: 'auditor' });
    expect(replay.body).toMatchObject({ verdictIdentical: true, bytesIdentical: true });
    const byRing = await gate.call('GET', `/decisions?release=${shop.service}@9.9&ring=global&limit=1`, {
      as: 'auditor',
    });
    expect(byRing.body.items).toHaveLength(1);
    expect(byRing.body.items[0].ring).toBe('global');
  });

  it('records what was configured, with before and after, and who minted which token', async () => {
    const path = `/services/${shop.service}/rules/errors`;
    const before = (await gate.call('GET', path, { as: 'auditor' })).body;
    await gate.call('PUT', `${path}?reason=stricter`, { body: { ...before, minEvents: 50 }, as: 'configurator' });
    const entries = await gate.call('GET', `/audit/entries?kind=rule-put&service=${shop.service}&limit=1`, {
      as: 'auditor',
    });
    expect(entries.body.items[0].body).toMatchObject({
      before,
      after: { minEvents: 50 },
      reason: 'stricter',
      caller: { name: 'a-configurator' },
    });
    const minted = await gate.call('GET', '/audit/entries?kind=token-create', { as: 'auditor' });
    expect(minted.body.items).toHaveLength(5);
    const theirs = await gate.call('GET', '/audit/entries?caller=A-Configurator&limit=500', { as: 'auditor' });
    expect(theirs.body.items.map((one: { body: { caller: { name: string } } }) => one.body.caller.name)).toEqual(
      theirs.body.items.map(() => 'a-configurator'),
    );
    expect(theirs.body.items.map((one: { id: string }) => one.id)).toContain(entries.body.items[0].id);
    const nobody = await gate.call('GET', '/audit/entries?caller=a-config', { as: 'auditor' });
    expect(nobody.body.items).toEqual([]);
    expect((await gate.call('GET', '/audit/entries?kind=rules-put', { as: 'auditor' })).status).toBe(400);
    expect(JSON.stringify(minted.body)).not.toContain(gate.tokens.operator);
    const reports = await gate.call('GET', `/audit/entries?kind=report&release=${shop.service}@1.0`, { as: 'auditor' });
    expect(reports.body.items[0].body.after.lives[0]).toMatchObject({ phase: 'live', ring: 'canary' });
  });

  it('lets many callers ask at once: all are answered, each with its own record, and one release gets the ring', async () => {
    const other = await aPipeline(gate);
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => other.ask(`1.${i % 8}`, 'canary')));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(40);
    const promoted = answers.filter((answer) => answer.status === 200).map((answer) => answer.body.release);
    expect(new Set(promoted).size).toBe(1);
    await other.stop();
  });

  it('warns of a ring that no rule measures, when it is configured and when asked', async () => {
    const body = { ...aService(), title: 'unmeasured' };
    const put = await gate.call('PUT', '/services/unmeasured', { body, as: 'configurator' });
    expect(put.body.warnings).toHaveLength(3);
    const asked = await gate.call('GET', '/services/unmeasured/warnings', { as: 'auditor' });
    expect(asked.body).toEqual({ items: put.body.warnings, next: null });
    expect((await gate.call('GET', '/services/unmeasured', { as: 'auditor' })).body).toEqual(body);
  });

  it('refuses configuration that cannot work, naming the field', async () => {
    const at = `/services/${shop.service}`;
    const rule = { ...aRule(), indicator: { ...aRule().indicator, provider: 'nowhere' } };
    const unknown = await gate.call('PUT', `${at}/rules/x`, { body: rule, as: 'configurator' });
    expect(unknown.body.errors).toContainEqual(expect.objectContaining({ pointer: '/indicator/provider' }));
    const removed = await gate.call('PUT', at, {
      body: aService({ rings: [{ name: 'early', bake: '1h' }] }),
      as: 'configurator',
    });
    expect(removed.status).toBe(409);
    expect(removed.body.detail).toContain(`${shop.service}@1.0`);
    const future = await gate.call('PUT', at, { body: { ...aService(), approvalz: 1 }, as: 'configurator' });
    expect(future.status).toBe(400);
    expect(JSON.stringify(future.body.errors)).toContain('approvalz');
  });
});

describe('The gate without its database', () => {
  it('answers 503 and hold before it looks at the caller, and 200 and hold to those who read the document', async () => {
    const engine = await openEngine('postgres');
    const gate = await startGate(engine);
    const shop = await aPipeline(gate);
    const url = new URL(engine.databaseUrl ?? '');
    const name = url.pathname.slice(1);
    url.pathname = '/postgres';
    await runSql(url.href, `alter database ${name} allow_connections false`);
    await runSql(url.href, 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    const path = `/gates/${shop.service}@1.0/canary`;
    for (const token of ['garbage', gate.tokens.pipeline]) {
      const away = await request(gate.url, 'GET', path, { token });
      if (token === 'garbage') expect([401, 503]).toContain(away.status);
      else expect(away.status).toBe(503);
      if (away.status === 503) expect(away.headers.get('gate-verdict')).toBe('hold');
    }
    const document = await gate.call('GET', `${path}?view=document`);
    expect(document.status).toBe(200);
    expect(document.body).toMatchObject({ verdict: 'hold', audit: null, findings: [{ cause: 'gate-unavailable' }] });
    const metrics = String((await request(gate.url, 'GET', '/metrics')).body);
    expect(metrics).toMatch(/ringgate_decisions_total\{[^}]*cause="gate-unavailable"[^}]*\} [1-9]/);
    expect((await request(gate.url, 'GET', '/livez')).status).toBe(200);
    expect((await request(gate.url, 'GET', '/readyz')).status).toBe(503);
    await runSql(url.href, `alter database ${name} allow_connections true`);
    await expect.poll(async () => (await shop.ask('1.0', 'canary')).status, { timeout: 10_000 }).toBe(200);
    await gate.stop();
    await shop.stop();
    await engine.destroy();
  });
});
