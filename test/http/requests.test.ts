import { describe, expect, it } from 'vitest';
import { sendRaw, testApp, withCheckout } from './http-context.ts';

/** Applications that these requests leave as they were. */
const shared = testApp();
const checkout = await withCheckout(testApp());
const errorsOf = (body: { errors?: readonly { pointer: string }[] }) => body.errors?.map(({ pointer }) => pointer);

describe('a query', () => {
  it.each([
    ['an unknown parameter', 'stages=exit', ['/query/stages']],
    ['a repeated parameter', 'stage=exit&stage=enter', ['/query/stage']],
    ['the same parameter twice with one value', 'stage=exit&stage=exit', ['/query/stage']],
    ['a parameter in brackets', 'stage[]=exit', ['/query/stage[]']],
    ['a parameter with marks of a pointer', 'a~b/c=1', ['/query/a~0b~1c']],
    ['__proto__', '__proto__=1', ['/query/__proto__']],
    ['an unknown value', 'stage=leave', ['/query/stage']],
    ['an empty value', 'stage=', ['/query/stage']],
    ['a boolean that is none', 'dryRun=1', ['/query/dryRun']],
    ['an unknown change class', 'change=hotfix', ['/query/change']],
    ['a view that there is not', 'view=flagger', ['/query/view']],
    ['a wait that is too long', 'wait=26s', ['/query/wait']],
    ['a deadline that is no duration', 'deadline=6', ['/query/deadline']],
    ['a deadline that is too long', 'deadline=26s', ['/query/deadline']],
    ['a deadline of nothing', 'deadline=0s', ['/query/deadline']],
    ['an artifact that is no digest', 'artifact=latest', ['/query/artifact']],
    ['a build that is no web address', 'build=javascript:alert(1)', ['/query/build']],
    ['an actor with a line feed', 'actor=ada%0aforged', ['/query/actor']],
    ['an actor with a NUL', 'actor=%00', ['/query/actor']],
    ['an actor that is too long', `actor=${'a'.repeat(201)}`, ['/query/actor']],
    ['several of them at once', 'stage=x&dryRun=2', ['/query/stage', '/query/dryRun']],
  ])('with %s is refused, naming it', async (_, query, pointers) => {
    const answer = await shared.request().get(`/gates/checkout@1/canary?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.type).toBe('application/problem+json');
    expect(errorsOf(answer.body)).toEqual(pointers);
    expect(answer.headers).not.toHaveProperty('gate-verdict');
  });

  it.each([
    ['limit=0', 400],
    ['limit=501', 400],
    ['limit=1e2', 400],
    ['limit=1.5', 400],
    ['limit=500', 200],
    ['cursor=nonsense', 400],
    ['service=Checkout', 400],
  ])('of a list with %s is a %i', async (query, status) => {
    expect((await shared.request().get(`/releases?${query}`)).status).toBe(status);
  });

  it.each([
    ['from=2026-11-22T10:00:00Z', 200],
    ['from=2026-11-22T10:00:00.123%2B01:00', 200],
    ['from=2026-11-22', 400],
    ['from=2026-11-22T10:00:00', 400],
    ['from=2026-11-22%2010:00:00Z', 400],
    ['from=2026-13-22T10:00:00Z', 400],
    ['from=2026-11-22T23:59:60Z', 400],
    ['cause=baking', 200],
    ['cause=boredom', 400],
    ['kind=decision', 400],
  ])('of decisions with %s is a %i', async (query, status) => {
    expect((await shared.request().get(`/decisions?${query}`)).status).toBe(status);
  });

  it('may hold an unencoded colon and slash', async () => {
    const path = '/gates/checkout@1/canary?build=https://ci.example/builds/812&artifact=sha256:abc&dryRun=true';
    const answer = await checkout.request().get(path);
    expect(answer.body).toMatchObject({ verdict: 'promote', build: 'https://ci.example/builds/812' });
  });

  it.each(['token=x', 'access_token=x', 'api_key=x', 'authorization=Bearer%20x', 'password=x'])(
    'with a credential (%s) is refused with advice',
    async (query) => {
      const answer = await shared.request().get(`/releases?${query}`);
      expect(answer.status).toBe(400);
      expect(answer.body.detail).toContain('header Authorization');
    },
  );

  it('with a real token under any name is refused without repeating it', async () => {
    const test = testApp();
    const created = await test.request().post('/tokens').send({ name: 'ada', role: 'admin' });
    const answer = await test.request().get(`/releases?service=${created.body.token}`);
    expect(answer.status).toBe(400);
    expect(JSON.stringify([answer.body, test.lines])).not.toContain(created.body.token);
    expect(answer.body.detail).toContain('should be replaced');
  });
});

describe('a path', () => {
  it.each([
    ['/gates/checkout/canary', '/path/release'],
    ['/gates/Checkout@1/canary', '/path/release'],
    ['/gates/checkout@/canary', '/path/release'],
    ['/gates/checkout@-1/canary', '/path/release'],
    ['/gates/checkout@1@2/canary', '/path/release'],
    ['/gates/checkout@1%2F..%2F2/canary', '/path/release'],
    ['/gates/checkout%2Fx@1/canary', '/path/release'],
    ['/gates/checkout@1%00/canary', '/path/release'],
    ['/gates/checkout@1%0a/canary', '/path/release'],
    ['/gates/checkout@%22%7D/canary', '/path/release'],
    [`/gates/checkout@${'1'.repeat(129)}/canary`, '/path/release'],
    ['/gates/checkout@1/Canary', '/path/ring'],
    ['/gates/checkout@1/-canary', '/path/ring'],
    [`/gates/checkout@1/${'c'.repeat(64)}`, '/path/ring'],
    ['/gates/checkout@1/%252e', '/path/ring'],
    ['/services/a%2Fb', '/path/service'],
    ['/decisions/1', '/path/id'],
    ['/decisions/0199F0C2-7A10-7B1C-9D3E-2F4A6B8C0D1E', '/path/id'],
    ['/gates/%zz/canary', '/path'],
  ])('%s is refused, naming %s', async (path, pointer) => {
    const answer = await shared.request().get(path);
    expect(answer.status).toBe(400);
    expect(errorsOf(answer.body)).toEqual([pointer]);
  });

  it('takes the whole range of versions, with a plus sign as itself', async () => {
    const test = await withCheckout(testApp());
    const answer = await test.request().get('/gates/checkout@1.4.2-rc.1+build_7/canary');
    expect(answer.body).toMatchObject({ release: 'checkout@1.4.2-rc.1+build_7', verdict: 'promote' });
  });

  it.each([
    '/',
    '/gates',
    '/gates/checkout@1',
    '/gates/checkout@1/canary/',
    '/livez/',
    '/gates//canary',
    '/Gates/checkout@1/canary',
    '/docs/',
  ])('%s is no path of the contract', async (path) => {
    const answer = await shared.request().get(path);
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({
      code: 'not-found',
      detail: 'There is nothing at this path; GET /docs shows what there is.',
    });
  });
});

describe('a method', () => {
  it.each([
    ['HEAD', '/gates/checkout@1/canary', 'GET, POST'],
    ['OPTIONS', '/gates/checkout@1/canary', 'GET, POST'],
    ['TRACE', '/gates/checkout@1/canary', 'GET, POST'],
    ['DELETE', '/gates/checkout@1/canary', 'GET, POST'],
    ['PATCH', '/services/checkout', 'GET, PUT, DELETE'],
    ['HEAD', '/livez', 'GET'],
    ['HEAD', '/services/checkout', 'GET, PUT, DELETE'],
    ['GET', '/releases/checkout@1/rollback/clear', 'POST'],
  ])('%s %s is a 405 that says %s', async (method, path, allow) => {
    const recorded = checkout.ports.store.commits.length;
    const answer = await sendRaw(checkout, method, path);
    expect(answer).toMatchObject({ status: 405, allow });
    expect(checkout.ports.store.commits.length).toBe(recorded);
  });
});

describe('what is accepted as an answer', () => {
  it.each([
    ['*/*', 200, 'application/json'],
    ['application/json', 200, 'application/json'],
    ['text/plain', 200, 'text/plain'],
    ['text/plain;q=0.5, application/json', 200, 'application/json'],
    ['application/xml', 406, 'application/problem+json'],
  ])('%s gives %i %s', async (accept, status, type) => {
    const answer = await checkout.request().get('/gates/checkout@1/canary').set('Accept', accept);
    expect([answer.status, answer.type]).toEqual([status, type]);
  });
});
