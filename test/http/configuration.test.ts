import { describe, expect, it } from 'vitest';
import { testApp } from './http-context.ts';

const service = { title: 'Checkout API', rings: [{ name: 'canary', bake: '15m', labels: { region: 'eu' } }] };
const rule = {
  indicator: { kind: 'threshold', provider: 'main', query: 'latency{version="${version}"}' },
  limits: { hold: { above: 0.5 } },
};
const freeze = {
  title: 'Weekend',
  kind: 'freeze',
  scope: { services: ['*'], rings: ['global'], labels: { tier: '1' } },
  timeZone: 'Europe/Berlin',
  start: '2026-01-02T18:00:00',
  recurrence: { rrule: 'FREQ=WEEKLY;BYDAY=FR' },
  end: { weekday: 'MO', time: '08:00' },
  exempt: ['security'],
  reason: 'Nobody is on call',
};

const github = {
  appId: '12345',
  privateKey: { file: '/run/secrets/github.pem' },
  webhookSecret: { env: 'GATE_SECRET_GITHUB' },
  environments: [
    { repository: 'octo/checkout', environment: 'canary', service: 'checkout', ring: 'canary', version: 'ref' },
  ],
};

async function configured() {
  const test = testApp();
  await test.request().put('/providers/main').send({ kind: 'recorded' }).expect(201);
  await test.request().put('/services/checkout').send(service).expect(201);
  await test.request().put('/services/checkout/rules/latency').send(rule).expect(201);
  await test.request().put('/freezes/weekend').send(freeze).expect(201);
  await test.request().put('/github/octo').send(github).expect(201);
  return test;
}

describe.each([
  ['/providers/main', { kind: 'recorded' }, '/providers', 'main'],
  ['/services/checkout', service, '/services', 'checkout'],
  ['/services/checkout/rules/latency', rule, '/services/checkout/rules', 'latency'],
  ['/freezes/weekend', freeze, '/freezes', 'weekend'],
  ['/github/octo', github, '/github', 'octo'],
])('a document at %s', (path, document, list, name) => {
  it('is given back exactly as it was put, with its tag and date in headers', async () => {
    const test = await configured();
    const read = await test.request().get(path);
    expect(read.body).toEqual(document);
    expect(read.headers.etag).toMatch(/^"[0-9a-f]{64}"$/);
    expect(read.headers['last-modified']).toBe('Sun, 22 Nov 2026 10:00:00 GMT');
    const again = await test
      .request()
      .get(path)
      .set('If-None-Match', read.headers.etag as string);
    expect(again.status).toBe(200);
  });

  it('is listed with its name', async () => {
    const listed = await (await configured()).request().get(list);
    expect(listed.body).toEqual({ items: [{ name, ...document }], next: null });
  });

  it('is 201 with its place when it is new, 200 when it is replaced, and says what is doubtful', async () => {
    const test = await configured();
    const replaced = await test.request().put(path).send(document);
    expect(replaced.status).toBe(200);
    expect(replaced.body).toEqual({ ...document, warnings: expect.any(Array) });
    expect(replaced.headers).not.toHaveProperty('location');
    const created = await test.request().put(path.replace(name, 'another')).send(document);
    expect([created.status, created.headers.location]).toEqual([201, path.replace(name, 'another')]);
  });

  it('is changed and deleted only under the conditions that were sent', async () => {
    const test = await configured();
    const { etag } = (await test.request().get(path)).headers as { etag: string };
    const attempt = async (header: Record<string, string>) =>
      (await test.request().put(path).set(header).send(document)).status;
    expect(await attempt({ 'If-None-Match': '*' })).toBe(412);
    expect(await attempt({ 'If-Match': '"0"' })).toBe(412);
    expect(await attempt({ 'If-Match': `W/${etag}` })).toBe(412);
    expect(await attempt({ 'If-Match': '' })).toBe(400);
    expect(await attempt({ 'If-Match': etag })).toBe(200);
    expect(await attempt({ 'If-Match': '*' })).toBe(200);
    expect((await test.request().delete(path).set('If-Match', '"0"')).status).toBe(412);
  });
});

describe('deleting', () => {
  it('is a 204 with nothing in it, and then a 404', async () => {
    const test = await configured();
    const deleted = await test.request().delete('/services/checkout/rules/latency?reason=not%20needed');
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect((await test.request().get('/services/checkout/rules/latency')).status).toBe(404);
    expect(test.ports.store.bodies().at(-1)).toMatchObject({ kind: 'rule-delete', reason: 'not needed' });
  });

  it('names who still needs it', async () => {
    const answer = await (await configured()).request().delete('/providers/main');
    expect([answer.status, answer.body.code]).toEqual([409, 'in-use']);
    expect(answer.body.detail).toContain('checkout/latency');
  });
});

describe('a reason', () => {
  it.each([
    ['reason=Raised%20after%20incident%204711', 200],
    ['reason=', 400],
    ['reason=%20', 400],
    ['reason=a%00b', 400],
    [`reason=${'a'.repeat(2001)}`, 400],
  ])('in the form %s is a %i', async (query, status) => {
    const test = await configured();
    expect((await test.request().put(`/services/checkout?${query}`).send(service)).status).toBe(status);
  });
});

describe('tokens over the API', () => {
  it('are shown once, and listed without themselves or their hash', async () => {
    const test = testApp();
    const created = await test.request().post('/tokens').send({ name: 'ops', role: 'admin', expires: '1d' });
    expect(created.body).toMatchObject({
      name: 'ops',
      role: 'admin',
      changes: ['standard'],
      expiresAt: '2026-11-23T10:00:00.000Z',
    });
    const listed = await test.request().get('/tokens').set('Authorization', `Bearer ${created.body.token}`);
    const { token, ...shown } = created.body;
    expect(listed.body).toEqual({ items: [shown], next: null });
    expect(listed.text).not.toContain(token);
  });
});
