import { createPrivateKey } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GithubAppDocument, GithubRequest, SecretReference } from '../../src/app/ports.ts';
import { createGithubApi } from '../../src/providers/github.ts';
import { tagsIn } from '../../src/providers/github-tags.ts';
import { type FakeGithub, SHA, startFakeGithub } from '../support/fake-github.ts';

describe('the REST API of GitHub', () => {
  let github: FakeGithub;
  let key: string;
  let nowMs = Date.now();

  beforeAll(async () => {
    github = await startFakeGithub();
    key = github.privateKey;
  });
  afterAll(() => github.stop());

  const readSecret = async (reference: SecretReference) => {
    if ('env' in reference && reference.env === 'GATE_SECRET_KEY') return key;
    if ('env' in reference && reference.env === 'GATE_SECRET_HOOK') return 'hook\n';
    throw new Error('not there');
  };
  const anApp = (more: Partial<GithubAppDocument> = {}): GithubAppDocument => ({
    url: github.url,
    appId: github.appId,
    privateKey: { env: 'GATE_SECRET_KEY' },
    webhookSecret: { env: 'GATE_SECRET_HOOK' },
    environments: [],
    ...more,
  });
  const api = () => createGithubApi({ readSecret, nowMs: () => nowMs });
  const aRequest = (payload = github.waits()): GithubRequest =>
    ({
      repository: 'octo/checkout',
      environment: payload.environment,
      run: /runs\/(\d+)/.exec(String(payload.deployment_callback_url))?.[1],
    }) as GithubRequest;
  const approve = { state: 'approved', comment: 'fine' } as const;
  const signIns = () => github.seen.filter((line) => line.endsWith('/access_tokens')).length;

  it('is signed in to with the key of the app, in either form of PEM, and told what was decided', async () => {
    const session = await api().connect(anApp(), 99);
    if (session.kind === 'failed') throw new Error(session.detail);
    const request = aRequest();
    expect(await session.review(request, { state: null, comment: 'wait' })).toEqual({ kind: 'taken' });
    expect(await session.review(request, approve)).toEqual({ kind: 'taken' });
    const { run } = request;
    expect(github.reviews.slice(-2)).toEqual([
      { run, environment: 'canary', state: null, comment: 'wait' },
      { run, environment: 'canary', state: 'approved', comment: 'fine' },
    ]);
    key = createPrivateKey(github.privateKey).export({ type: 'pkcs8', format: 'pem' }) as string;
    expect(await api().connect(anApp(), 99)).toMatchObject({ kind: 'session' });
    key = github.privateKey;
  });

  it('is signed in to once in an hour for each installation, and again when the token is refused', async () => {
    const one = api();
    const before = signIns();
    await one.connect(anApp(), 99);
    const session = await one.connect(anApp(), 99);
    expect(signIns() - before).toBe(1);
    expect(await one.connect(anApp(), 7)).toMatchObject({ kind: 'failed', status: 404 });
    nowMs += 56 * 60_000;
    // The stand-in's clock stays: a token from the future of the service would be refused.
    expect(await one.connect(anApp(), 99)).toMatchObject({ kind: 'failed', status: 401 });
    nowMs -= 56 * 60_000;
    if (session.kind === 'failed') throw new Error(session.detail);
    github.failNext({ on: 'review', as: 401 });
    expect(await session.review(aRequest(), approve)).toMatchObject({ kind: 'failed', status: 401 });
    await one.connect(anApp(), 99);
    expect(signIns() - before).toBe(4);
  });

  it.each([
    ['a status', { as: 500 as const }, { status: 500, detail: 'GitHub refused the answer with 500' }],
    ['a rate limit', { as: 403 as const, headers: { 'retry-after': '60' } }, { status: 403, pauseMs: 60_000 }],
    ['a redirect', { as: 302 as const, headers: { location: 'http://127.0.0.1:1/' } }, { status: 302 }],
    ['another success', { as: 200 as const }, { status: 200 }],
    ['a lost connection', { as: 'reset' as const }, { status: null, detail: 'the connection was reset' }],
  ])('that gives %s has not taken the answer', async (_, failure, told) => {
    const session = await api().connect(anApp(), 99);
    if (session.kind === 'failed') throw new Error(session.detail);
    github.failNext({ on: 'review', ...failure });
    expect(await session.review(aRequest(), approve)).toMatchObject({ kind: 'failed', ...told });
  });

  it.each([
    [
      'a key that is not there',
      { privateKey: { env: 'GATE_SECRET_NONE' } },
      'the secret GATE_SECRET_NONE cannot be read',
    ],
    ['a key that is none', { privateKey: { env: 'GATE_SECRET_HOOK' } }, 'the private key of the app is no PEM'],
    ['the id of another app', { appId: '999' }, 'GitHub refused the sign-in of the app with 401'],
    ['an address that is always refused', { url: 'http://169.254.169.254' }, 'always refused'],
    ['nobody there', { url: 'http://127.0.0.1:1' }, 'the connection was refused'],
  ])('is not reached with %s', async (_, more, detail) => {
    const failure = await api().connect(anApp(more), 99);
    expect(failure).toMatchObject({ kind: 'failed', detail: expect.stringContaining(detail) });
  });

  it('that answers the sign-in with something else is no GitHub', async () => {
    const answers = [
      '{}',
      'null',
      '<html>',
      '{"token":"a b","expires_at":"2030-01-01T00:00:00Z"}',
      '{"token":"x","expires_at":"soon"}',
    ];
    const server = createServer((_, response) => void response.writeHead(201).end(answers.shift()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const answer of [...answers]) {
      const failure = await api().connect(anApp({ url }), 99);
      expect([answer, failure]).toMatchObject([
        answer,
        { kind: 'failed', detail: expect.stringContaining('no token') },
      ]);
    }
    server.close();
    server.closeAllConnections();
  });

  it.each(['null', '{}', '<html>', '[null]', '[{"name":"1.4.2"}]', '[{"name":"1.4.2","commit":{"sha":1}}]'])(
    'that answers with %s instead of its tags has not said where one is',
    (body) => {
      expect(tagsIn(body)).toBe(null);
    },
  );

  it('is asked where a tag is until it was seen at the commit, and from then on no more', async () => {
    const session = await api().connect(anApp(), 99);
    if (session.kind === 'failed') throw new Error(session.detail);
    const asked = () => github.seen.filter((line) => line.startsWith('GET ')).length;
    const request = { ...aRequest(), sha: SHA };
    expect(await session.findTag(request, '1.4.3')).toEqual({ kind: 'found', commit: null });
    expect(await session.findTag(request, '1.4.2')).toEqual({ kind: 'found', commit: SHA });
    const before = asked();
    expect(await session.findTag(request, '1.4.2')).toEqual({ kind: 'found', commit: SHA });
    expect(asked()).toBe(before);
    const other = await session.findTag({ ...request, sha: '2'.repeat(40) }, '1.4.2');
    expect([other, asked()]).toEqual([{ kind: 'found', commit: SHA }, before + 1]);
  });

  it('has a webhook whose secret is read without the end of its line', async () => {
    expect(await api().webhookSecret(anApp())).toBe('hook');
  });
});
