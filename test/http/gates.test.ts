import { describe, expect, it } from 'vitest';
import type { Ports } from '../../src/app/ports.ts';
import { testApp, tokenOf, withCheckout } from './http-context.ts';

describe('asking the gate', () => {
  it('promotes with 200, holds with 429, and says so in a document, a line and headers', async () => {
    const test = await withCheckout(testApp());
    const entered = await test.request().get('/gates/checkout@1/canary');
    expect(entered.status).toBe(200);
    expect(entered.headers).toMatchObject({
      'gate-verdict': 'promote',
      'gate-question': 'checkout@1 canary enter',
      'gate-decision': entered.body.id,
      'cache-control': 'no-store',
    });
    const held = await test.request().get('/gates/checkout@1/early').set('Accept', 'text/plain');
    expect(held.status).toBe(429);
    expect(held.headers).toMatchObject({ 'gate-verdict': 'hold', 'content-type': 'text/plain; charset=utf-8' });
    expect(held.text).toMatch(/^hold checkout@1 early: canary has baked 0s of 15m \(ask again in 15m\)\n$/);
    expect(Number(held.headers['retry-after'])).toBe(30);
    const shown = await test.request().get('/gates/checkout@1/early?view=document');
    expect([shown.status, shown.headers['gate-verdict'], shown.body.verdict]).toEqual([200, 'hold', 'hold']);
  });

  it('takes the same fields as a body, and records the context', async () => {
    const test = await withCheckout(testApp());
    const body = { stage: 'exit', view: 'document', dryRun: true, actor: 'ada', context: { pipeline: 'main' } };
    const answer = await test.request().post('/gates/checkout@1/canary').send(body);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ stage: 'exit', dryRun: true, actor: 'ada', verdict: 'hold' });
    expect(test.ports.store.bodies().at(-1)).toMatchObject({ context: { pipeline: 'main' } });
    expect((await test.request().post('/gates/checkout@1/canary')).body.verdict).toBe('promote');
  });

  it('refuses a deadline in a body where it stands', async () => {
    const test = await withCheckout(testApp());
    const answer = await test.request().post('/gates/checkout@1/canary').send({ deadline: '1h' });
    expect(answer.body.errors).toEqual([{ pointer: '/deadline', message: 'must be more than 0s and at most 25s' }]);
  });

  it.each(['26s', '1h', '1m'])('refuses to wait for %s, in the query and in the body', async (wait) => {
    const test = await withCheckout(testApp());
    const message = 'must be at most 25s';
    const asked = await test.request().get(`/gates/checkout@1/early?wait=${wait}`);
    expect([asked.status, asked.body.errors]).toEqual([400, [{ pointer: '/query/wait', message }]]);
    const posted = await test.request().post('/gates/checkout@1/early').send({ wait });
    expect([posted.status, posted.body.errors]).toEqual([400, [{ pointer: '/wait', message }]]);
    expect((await test.request().get('/gates/checkout@1/early?wait=soon')).body.errors[0].pointer).toBe('/query/wait');
  });

  it('tells promote where the plan only advises, and the truth beside it', async () => {
    const test = await withCheckout(testApp(), 'advise');
    const answer = await test.request().get('/gates/checkout@1/early');
    const { 'gate-verdict': verdict, 'gate-enforced': enforced, 'gate-verdict-advised': advised } = answer.headers;
    expect([answer.status, verdict, enforced, advised]).toEqual([200, 'promote', 'false', 'hold']);
  });

  it('knows no other service and no other ring', async () => {
    const test = await withCheckout(testApp());
    expect((await test.request().get('/gates/nothing@1/canary')).status).toBe(404);
    const answer = await test.request().get('/gates/checkout@1/nowhere');
    expect(answer.status).toBe(404);
    expect(answer.body.detail).toContain('canary, early');
    expect(answer.headers).not.toHaveProperty('gate-verdict');
  });

  it('refuses a change class that the token may not claim, naming it', async () => {
    const test = await withCheckout(testApp());
    const answer = await test
      .request()
      .get('/gates/checkout@1/canary?change=emergency')
      .set(await tokenOf(test, 'pipeline'));
    expect(answer.status).toBe(403);
    expect(answer.body.detail).toContain('emergency');
  });
});

describe('a gate that cannot decide', () => {
  const away = async (header: Record<string, string> = {}, query = '') => {
    const test = await withCheckout(testApp());
    test.ports.store.fault = 'down';
    return test.request().get(`/gates/checkout@1/canary${query}`).set(header);
  };

  it('holds with 503 when the store is away, before it knows who asks', async () => {
    const answer = await away();
    expect(answer.status).toBe(503);
    expect(answer.headers).toMatchObject({ 'gate-verdict': 'hold', 'retry-after': '5', 'cache-control': 'no-store' });
    expect(answer.body).toMatchObject({ verdict: 'hold', audit: null, caller: { kind: 'unknown', id: null } });
    expect(answer.body.findings).toMatchObject([{ cause: 'gate-unavailable' }]);
  });

  it('is 200 in the document view, and a line for who wants one', async () => {
    const shown = await away({}, '?view=document');
    expect([shown.status, shown.body.verdict, shown.headers['gate-verdict']]).toEqual([200, 'hold', 'hold']);
    expect((await away({ Accept: 'text/plain' })).text).toMatch(/^hold checkout@1 canary: .+ \(ask again in 5s\)\n$/);
  });

  it('still refuses what is wrong in itself', async () => {
    const wrong = await away({}, '?stage=leave');
    expect([wrong.status, wrong.headers['gate-verdict']]).toEqual([400, undefined]);
  });

  it('reads the body of a POST also then', async () => {
    const test = await withCheckout(testApp());
    test.ports.store.fault = 'down';
    const answer = await test.request().post('/gates/checkout@1/canary').send({ view: 'document', stage: 'exit' });
    expect([answer.status, answer.body.stage]).toEqual([200, 'exit']);
  });

  it.each(['lost-before', 'lost-after'] as const)('holds when its record is %s', async (fault) => {
    const test = await withCheckout(testApp());
    test.ports.store.fault = fault;
    const answer = await test.request().get('/gates/checkout@1/canary');
    expect([answer.status, answer.headers['gate-verdict']]).toEqual([503, 'hold']);
  });

  it.each(['gateState', 'append', 'anyToken'] as const)(
    'holds, and tells nothing, when %s fails in an unforeseen way',
    async (method) => {
      const test = await withCheckout(testApp());
      const secret = 'postgres://user:secret@10.1.2.3';
      Object.defineProperty(test.ports.store, method, { value: () => Promise.reject(new TypeError(secret)) });
      const answer = await test.request().get('/gates/checkout@1/canary');
      expect([answer.status, answer.headers['gate-verdict']]).toEqual([503, 'hold']);
      expect(answer.text).not.toContain('secret');
      expect(test.lines.find(({ level }) => level === 'error')?.obj).toMatchObject({ err: { message: secret } });
    },
  );

  it('never says 409 but for a rollback', async () => {
    const test = await withCheckout(testApp());
    const store: Ports['store'] = test.ports.store;
    Object.defineProperty(store, 'append', { value: async () => 'state-changed' });
    const answer = await test.request().get('/gates/checkout@1/canary');
    expect([answer.status, answer.headers['gate-verdict']]).not.toContain(409);
    expect(answer.headers['gate-verdict']).toBe('hold');
  });

  it('leaves other operations to their problems', async () => {
    const test = await withCheckout(testApp());
    test.ports.store.fault = 'down';
    const answer = await test.request().get('/releases');
    expect([answer.status, answer.type, answer.headers['retry-after']]).toEqual([503, 'application/problem+json', '5']);
    expect(answer.headers).not.toHaveProperty('gate-verdict');
  });
});

describe('a gate that stops', () => {
  it.each(['/gates/checkout@1/early', '/gates/checkout@1/early?view=document'])(
    'tells whoever holds on %s to ask again in 5 s',
    async (path) => {
      const test = await withCheckout(testApp());
      await test.request().get('/gates/checkout@1/canary');
      const usual = await test.request().get(path);
      expect(usual.headers['retry-after']).not.toBe('5');
      test.draining = true;
      const stopping = await test.request().get(path);
      expect(stopping.headers).toMatchObject({ 'gate-verdict': 'hold', 'retry-after': '5' });
      expect((await test.request().get('/gates/checkout@1/canary')).headers).not.toHaveProperty('retry-after');
    },
  );
});

describe('a request that is repeated', () => {
  const key = { 'Idempotency-Key': 'build-812' };

  it.each(['status', 'document'])('gets the promote again in the view %s, and is told so', async (view) => {
    const test = await withCheckout(testApp());
    const path = `/gates/checkout@1/canary?view=${view}`;
    const first = await test.request().get(path).set(key);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    const second = await test.request().post('/gates/checkout@1/canary').send({ view }).set(key);
    expect(second.headers).toMatchObject({ 'idempotency-replayed': 'true', 'gate-decision': first.body.id });
    expect(second.body).toEqual(first.body);
  });

  it('is refused with 422 for another question, without a verdict', async () => {
    const test = await withCheckout(testApp());
    await test.request().get('/gates/checkout@1/canary').set(key);
    const other = await test.request().get('/gates/checkout@1/canary?build=https://ci/2').set(key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-mismatch']);
    expect(other.headers).not.toHaveProperty('gate-verdict');
  });

  it.each([
    ['nothing', ''],
    ['more than 255 characters', 'k'.repeat(256)],
    ['a tab', 'a\tb'],
  ])('is refused for a key of %s', async (_, bad) => {
    const test = await withCheckout(testApp());
    const answer = await test.request().get('/gates/checkout@1/canary').set('Idempotency-Key', bad);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([400, '/header/Idempotency-Key']);
  });

  it('holds with 503 when the store is away, with a key as without', async () => {
    const test = await withCheckout(testApp());
    test.ports.store.fault = 'down';
    const answer = await test.request().get('/gates/checkout@1/canary').set(key);
    expect([answer.status, answer.headers['gate-verdict']]).toEqual([503, 'hold']);
  });
});

describe('GET /decisions/{id}/validity', () => {
  it('says whether a promote still stands', async () => {
    const test = await withCheckout(testApp());
    const { body } = await test.request().get('/gates/checkout@1/canary');
    const stands = await test.request().get(`/decisions/${body.id}/validity`);
    expect([stands.status, stands.body]).toEqual([
      200,
      {
        stands: true,
        verdict: 'promote',
        because: 'checkout@1 may enter canary.',
        validUntil: body.validUntil,
        checkedAt: body.decidedAt,
      },
    ]);
    test.ports.store.advance(15 * 60_000);
    const over = await test.request().get(`/decisions/${body.id}/validity`);
    expect(over.body).toMatchObject({ stands: false, because: `It stood until ${body.validUntil}.` });
    expect((await test.request().get('/decisions/0190a000-0000-7000-8000-00000000ffff/validity')).status).toBe(404);
  });
});
