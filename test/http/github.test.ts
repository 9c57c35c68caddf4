import { describe, expect, it } from 'vitest';
import { signatureOf } from '../support/fake-github.ts';
import { testApp } from './http-context.ts';

const environment = {
  repository: 'octo/checkout',
  environment: 'canary',
  service: 'checkout',
  ring: 'canary',
  version: 'ref',
};
const app = {
  appId: '12345',
  privateKey: { file: '/run/secrets/github.pem' },
  webhookSecret: { env: 'GATE_SECRET_GITHUB' },
  environments: [environment],
};

/** Refusals leave nothing behind, so that they can share one. */
const refusing = testApp();

describe('a GitHub App', () => {
  it.each([
    ['an address that is none of ours', { url: 'https://somebody:secret@github.example/api/v3' }, '/url'],
    ['an address with a query', { url: 'https://github.example/?to=elsewhere' }, '/url'],
    ['a secret as a value', { webhookSecret: 'hunter2' }, '/webhookSecret'],
    ['a file that climbs', { privateKey: { file: '/run/secrets/../key' } }, '/privateKey/file'],
    ['another variable', { webhookSecret: { env: 'PATH' } }, '/webhookSecret/env'],
    [
      'a repository without an owner',
      { environments: [{ ...environment, repository: 'checkout' }] },
      '/environments/0/repository',
    ],
    [
      'the same environment twice',
      { environments: [environment, { ...environment, environment: 'CANARY', ring: 'early' }] },
      '/environments/1',
    ],
    ['another kind of version', { environments: [{ ...environment, version: 'tag' }] }, '/environments/0/version'],
    ['a field that nobody knows', { approve: 'always' }, '/approve'],
  ])('is refused with %s', async (_, more, pointer) => {
    const answer = await refusing
      .request()
      .put('/github/octo')
      .send({ ...app, ...more });
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    expect(answer.text).not.toContain('hunter2');
  });

  it('is warned of environments whose service or ring is not there', async () => {
    const test = testApp();
    const without = await test.request().put('/github/octo').send(app);
    expect(without.body.warnings).toEqual([
      'Deployments to canary of octo/checkout are held, because there is no service checkout.',
    ]);
    await test
      .request()
      .put('/services/checkout')
      .send({ rings: [{ name: 'early', bake: '1h' }] });
    const other = await test.request().put('/github/octo').send(app);
    expect(other.body.warnings).toEqual([
      'Deployments to canary of octo/checkout are held, because the service checkout has no ring canary.',
    ]);
  });
});

describe('the webhook of a GitHub App', () => {
  const secret = 'a secret of the webhook';
  const send = (test: ReturnType<typeof testApp>, body: string, type = 'application/json') =>
    test
      .request()
      .post('/github/octo/webhook')
      .set('Content-Type', type)
      .set('X-GitHub-Event', 'ping')
      .set('X-Hub-Signature-256', signatureOf(body, secret))
      .send(body);

  it('looks at the signature of the bytes before it looks at what they say', async () => {
    const test = testApp();
    await test.request().put('/github/octo').send(app).expect(201);
    const body = ' {"zen":\t"ü"}\r\n';
    expect((await send(test, body)).body).toEqual({ received: 'ping', request: null });
    const unsigned = await send(test, '{').set('X-Hub-Signature-256', signatureOf('{}', secret));
    expect([unsigned.status, unsigned.body.code]).toEqual([401, 'unauthenticated']);
    expect(test.refusals).toEqual(['unauthenticated']);
  });

  it('takes JSON only, a body at all, and not too much of it', async () => {
    expect((await send(refusing, 'payload={}', 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await send(refusing, '')).status).toBe(400);
    expect((await send(refusing, `"${'x'.repeat(1_048_576)}"`)).status).toBe(413);
  });

  it('takes nothing while its secret cannot be read, and tells only the operator why', async () => {
    const test = testApp();
    await test.request().put('/github/octo').send(app).expect(201);
    const webhookSecret = () => Promise.reject(new Error('the secret GATE_SECRET_GITHUB cannot be read'));
    const reasons: (string | null)[] = [];
    Object.assign(test.ports.github, { webhookSecret });
    Object.assign(test.ports.events, { github: ({ reason }: { reason: string | null }) => void reasons.push(reason) });
    const answer = await send(test, '{}');
    expect(answer.status).toBe(401);
    expect(answer.text).not.toContain('GATE_SECRET');
    expect(reasons).toEqual(['the secret GATE_SECRET_GITHUB cannot be read']);
  });
});
