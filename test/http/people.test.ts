import { describe, expect, it } from 'vitest';
import { testApp, tokenOf, withCheckout } from './http-context.ts';

const NOBODY = '0199f0c2-7a10-7b1c-9d3e-2f4a6b8c0d1e';
const halt = { scope: { service: 'checkout' }, reason: 'the payment provider is down' };
const override = {
  release: 'checkout@1.4.2',
  rings: ['early'],
  checks: ['bake'],
  reason: 'the fix for incident 4711 cannot wait',
  expiresAt: '2026-11-22T12:00:00Z',
};

const setUp = async () => {
  const test = await withCheckout(testApp());
  const ada = await tokenOf(test, 'operator');
  const post = (path: string, body: object) => test.request().post(path).set(ada).send(body);
  const get = (path: string) => test.request().get(path).set(ada);
  return { test, ada, post, get };
};

describe('What a person has to answer for', () => {
  it.each([
    ['/halts', halt],
    ['/approvals', { release: 'checkout@1.4.2', ring: 'early' }],
    ['/overrides', override],
    [`/halts/${NOBODY}/lift`, {}],
    [`/overrides/${NOBODY}/approvals`, {}],
  ])('is refused to the anonymous caller of %s, who is told how to become somebody', async (path, body) => {
    const test = await withCheckout(testApp());
    const answer = await test.request().post(path).send(body);
    expect(answer.status).toBe(403);
    expect(answer.body.detail).toContain('ringgate token create --name <who> --role operator');
  });
});

describe('/halts', () => {
  it('makes, shows, lists and lifts', async () => {
    const { post, get } = await setUp();
    const made = await post('/halts', halt);
    expect(made).toMatchObject({ status: 201, body: { ...halt, by: { name: 'a-operator' }, lifted: null } });
    const { id } = made.body;
    expect((await get(`/halts/${id}`)).body).toEqual(made.body);
    expect((await get('/halts')).body).toEqual({ items: [made.body], next: null });
    const lifted = await post(`/halts/${id}/lift`, { reason: 'up again' });
    expect(lifted).toMatchObject({ status: 200, body: { lifted: { by: { name: 'a-operator' }, reason: 'up again' } } });
    expect((await get('/halts')).body.items).toEqual([]);
    expect((await get('/halts?standing=false')).body.items).toEqual([lifted.body]);
    expect((await post(`/halts/${id}/lift`, {})).status).toBe(409);
  });

  it('is lifted without a body too', async () => {
    const { test, ada, post } = await setUp();
    const { body } = await post('/halts', { ...halt, scope: { everything: true } });
    expect((await test.request().post(`/halts/${body.id}/lift`).set(ada)).body.lifted.reason).toBeNull();
  });

  it('gives page after page, newest first', async () => {
    const { post, get } = await setUp();
    const ids: string[] = [];
    for (const reason of ['one', 'two', 'three']) ids.unshift((await post('/halts', { ...halt, reason })).body.id);
    const first = (await get('/halts?limit=2')).body;
    const second = (await get(`/halts?limit=2&cursor=${first.next}`)).body;
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
    expect(second.next).toBeNull();
  });

  it.each([
    ['no reason', { scope: { service: 'checkout' } }, '/reason'],
    ['a blank reason', { ...halt, reason: ' ' }, '/reason'],
    ['no scope', { reason: 'x' }, '/scope'],
    ['two scopes', { ...halt, scope: { service: 'checkout', everything: true } }, '/scope'],
    ['everything but not quite', { ...halt, scope: { everything: false } }, '/scope'],
  ])('refuses %s and names the field', async (_, body, pointer) => {
    const { post, get } = await setUp();
    const answer = await post('/halts', body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    expect((await get('/halts?standing=false')).body.items).toEqual([]);
  });

  it('says that a service or a halt is not there', async () => {
    const { post, get } = await setUp();
    expect((await post('/halts', { ...halt, scope: { service: 'cart' } })).status).toBe(404);
    expect((await get(`/halts/${NOBODY}`)).status).toBe(404);
    expect((await post(`/halts/${NOBODY}/lift`, {})).status).toBe(404);
  });
});

describe('/approvals', () => {
  it('refuses what needs none, and what is not there', async () => {
    const { test, ada, post } = await setUp();
    expect((await post('/approvals', { release: 'checkout@1.4.2', ring: 'early' })).status).toBe(409);
    expect((await post('/approvals', { release: 'checkout@1.4.2', ring: 'moon' })).status).toBe(404);
    expect((await post('/approvals', { release: 'checkout', ring: 'early' })).body.errors[0].pointer).toBe('/release');
    expect((await test.request().delete(`/approvals/${NOBODY}`).set(ada)).status).toBe(404);
  });
});

describe('/overrides', () => {
  it('makes, shows, lists and withdraws', async () => {
    const { test, ada, post, get } = await setUp();
    const made = await post('/overrides', override);
    expect(made).toMatchObject({ status: 201, body: { ...override, expiresAt: '2026-11-22T12:00:00.000Z' } });
    const { id } = made.body;
    expect((await get(`/overrides/${id}`)).body).toEqual(made.body);
    expect((await get('/overrides?release=checkout@1.4.2')).body.items).toEqual([made.body]);
    expect((await get('/overrides?release=checkout@1.4.3')).body.items).toEqual([]);
    expect((await test.request().delete(`/overrides/${id}`).set(ada)).status).toBe(204);
    expect((await get('/overrides')).body.items).toEqual([]);
    expect((await get(`/overrides/${id}`)).body.withdrawn).toMatchObject({ by: { name: 'a-operator' } });
    expect((await test.request().delete(`/overrides/${id}`).set(ada)).status).toBe(409);
  });

  it.each([
    ['a reason that explains nothing', { reason: 'because' }, '/reason'],
    ['a reason of mere space', { reason: `x${' '.repeat(30)}x`.slice(0, 30) }, '/reason'],
    ['an unknown check', { checks: ['bakes'] }, '/checks/0'],
    ['an unknown rule', { checks: ['rule/latency'] }, '/checks/0'],
    ['an unknown ring', { rings: ['early', 'moon'] }, '/rings/1'],
    ['more than a day', { expiresAt: '2026-11-24T12:00:00Z' }, '/expiresAt'],
    ['the past', { expiresAt: '2026-11-22T09:00:00Z' }, '/expiresAt'],
    ['no check', { checks: [] }, '/checks'],
  ])('refuses %s and names the field', async (_, change, pointer) => {
    const { post } = await setUp();
    const answer = await post('/overrides', { ...override, ...change });
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([pointer]);
  });

  it('are not approved by their maker', async () => {
    const { post } = await setUp();
    const { body } = await post('/overrides', { ...override, checks: ['measured'] });
    expect(body.lacksSecond).toBe(true);
    expect((await post(`/overrides/${body.id}/approvals`, {})).status).toBe(403);
  });
});

describe('A decision with a waived finding', () => {
  it('is told as documented, in JSON and in one line', async () => {
    const { test, post } = await setUp();
    const pipeline = await tokenOf(test, 'pipeline');
    const ask = () => test.request().get('/gates/checkout@1.4.2/early').set(pipeline);
    expect((await ask()).status).toBe(423);
    const { body } = await post('/overrides', { ...override, checks: ['*'] });
    const promoted = await ask();
    expect(promoted.status).toBe(200);
    expect(promoted.body.findings).toContainEqual(
      expect.objectContaining({ check: 'order', verdict: 'hold', countedAs: 'promote', waivedBy: body.id }),
    );
    await post('/halts', halt);
    await test
      .request()
      .delete(`/overrides/${body.id}`)
      .set(await tokenOf(test, 'operator'));
    const held = await ask().set('Accept', 'text/plain');
    expect(held.text).toMatch(
      /^hold checkout@1.4.2 early: a-operator stopped checkout at 2026-11-22T10:00:00.000Z: the payment provider is down/,
    );
  });
});
