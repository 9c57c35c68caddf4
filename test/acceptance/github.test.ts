import { afterAll, describe, expect, it } from 'vitest';
import { deliver, type FakeGithub, SHA, signatureOf } from '../support/fake-github.ts';
import { githubDeployments } from '../support/github-deployments.ts';

const deployments = await githubDeployments();
const { gates, github, environments, map, putApp, aShop, send, sweep, seconds } = deployments;
const { runOf, told, entriesOf, decisionsOf, aRun } = deployments;
afterAll(deployments.stop);

describe('deployments that wait at GitHub, with two replicas on one PostgreSQL', () => {
  it('are approved by a promote that is on record, once, whoever works on them', async () => {
    const shop = await aShop();
    const payload = await aRun(await map(shop, 'canary'), { ref: 'refs/tags/1.4.2' });
    expect(await decisionsOf(`${shop.service}@1.4.2`)).toEqual([]);
    expect((await Promise.all(gates.map(sweep))).sort()).toEqual([0, 1]);
    expect(told(payload)).toMatchObject([{ state: 'approved' }]);
    const items = await decisionsOf(`${shop.service}@1.4.2`);
    const build = `https://github.com/octo/checkout/actions/runs/${runOf(payload)}`;
    const caller = { kind: 'github', id: 'octo' };
    expect(items).toMatchObject([{ verdict: 'promote', dryRun: false, actor: 'ada', build, caller }]);
    expect(told(payload)[0]?.comment).toContain(items[0]?.id);
    expect(await entriesOf(payload)).toMatchObject([
      { kind: 'github-request', actor: 'ada', caller: { kind: 'github', id: 'octo' } },
      { kind: 'github-review', told: 'approved', release: `${shop.service}@1.4.2`, decision: items[0]?.id },
    ]);
    const story = await gates[0].call('GET', `/releases/${shop.service}@1.4.2/story`);
    expect(story.body.rings[0].events).toMatchObject([{ what: 'promised' }, { what: 'approved', by: 'ada' }]);
    seconds(600);
    expect(await sweep()).toBe(0);
    expect(told(payload)).toHaveLength(1);
  });

  it('are one request for the same signed bytes, at both replicas at once and under another name of the delivery', async () => {
    const shop = await aShop();
    const payload = github.waits({ environment: await map(shop, 'canary') });
    const sent = await Promise.all(gates.flatMap((gate) => [send(payload, {}, gate), send(payload, {}, gate)]));
    expect(sent.map(({ body }) => body.received).sort()).toEqual(['known', 'known', 'known', 'stored']);
    await Promise.all(gates.map(sweep));
    expect(await send(payload)).toMatchObject({ status: 202, body: { received: 'known' } });
    await sweep();
    expect(told(payload)).toHaveLength(1);
    expect(await decisionsOf(`${shop.service}@1.4.2`)).toHaveLength(1);
  });

  it('are taken from nobody who has not signed exactly these bytes with the secret', async () => {
    const shop = await aShop();
    const payload = github.waits({ environment: await map(shop, 'canary') });
    const text = JSON.stringify(payload);
    const wrong = [
      undefined,
      '',
      'sha256=',
      signatureOf(text, 'another secret'),
      signatureOf(text, ''),
      signatureOf(`${text} `, github.webhookSecret),
      signatureOf(text, github.webhookSecret).toUpperCase(),
      signatureOf(text, github.webhookSecret).replace('sha256=', 'sha1='),
    ];
    for (const signature of wrong) {
      const sent = await send(payload, { 'x-hub-signature-256': signature });
      expect([signature, sent.status, sent.body.code]).toEqual([signature, 401, 'unauthenticated']);
    }
    expect((await deliver(`${gates[0].url}/github/other/webhook`, payload, github.webhookSecret)).status).toBe(401);
    expect(await sweep()).toBe(0);
    expect(await entriesOf(payload)).toEqual([]);
    const metrics = await gates[0].call('GET', '/metrics');
    expect(metrics.body).toMatch(/ringgate_refusals_total 9\b/);
    expect((await send(payload)).status).toBe(202);
    await sweep();
  });

  it('are nothing else that GitHub tells', async () => {
    const ping = await send({ zen: 'Keep it simple' }, { 'x-github-event': 'ping' });
    expect(ping).toMatchObject({ status: 200, body: { received: 'ping' } });
    const push = await send({ action: 'requested' }, { 'x-github-event': 'push' });
    expect(push).toMatchObject({ status: 202, body: { received: 'ignored' } });
    const other = await send({ ...github.waits(), action: 'completed' });
    expect(other).toMatchObject({ status: 202, body: { received: 'ignored' } });
    expect(await sweep()).toBe(0);
  });

  it('are refused when they want to be answered anywhere else, or lack what is needed', async () => {
    const payload = github.waits();
    const own = String(payload.deployment_callback_url);
    const elsewhere = [
      own.replace('127.0.0.1', 'localhost'),
      own.replace('octo/checkout', 'octo/other'),
      own.replace('/actions/', '/../../admin/actions/'),
      own.replace('http:', 'https:'),
      own.replace('http://', 'http://somebody@'),
      `${own}?to=elsewhere`,
      'http://169.254.169.254/repos/octo/checkout/actions/runs/1/deployment_protection_rule',
    ];
    for (const url of elsewhere) {
      const sent = await send({ ...payload, deployment_callback_url: url });
      expect([url, sent.status, sent.body.errors]).toMatchObject([url, 400, [{ pointer: '/deployment_callback_url' }]]);
    }
    const lacking = await send({ ...payload, sender: {}, installation: { id: '99' }, environment: 7 });
    const pointers = (lacking.body.errors as { pointer: string }[]).map(({ pointer }) => pointer);
    expect([lacking.status, pointers]).toEqual([400, ['/environment', '/sender/login', '/installation/id']]);
    for (const body of ['[]', 'null', '{"action"', '1'])
      expect((await send(body)).status).toBe(body === '[]' ? 202 : 400);
    expect(await sweep()).toBe(0);
  });

  it('wait through a hold, report it only when its causes change, and are approved when it is over', async () => {
    const shop = await aShop();
    const payload = await aRun(await map(shop, 'early'));
    await sweep();
    expect(told(payload)).toMatchObject([{ state: null, comment: expect.stringContaining('canary') }]);
    for (let looks = 0; looks < 3; looks += 1) {
      seconds(60);
      expect(await sweep(gates[looks % 2])).toBe(1);
    }
    expect(told(payload)).toHaveLength(1);
    await shop.expect('promote', '1.4.2', 'canary');
    await shop.report('1.4.2', 'canary', { state: 'deployed' });
    seconds(60);
    await sweep();
    expect(told(payload).map(({ state }) => state)).toEqual([null, null]);
    expect(told(payload)[1]?.comment).toContain('baked');
    gates[0].minutes(61);
    await shop.expect('promote', '1.4.2', 'canary', { stage: 'exit' });
    await sweep();
    expect(told(payload).map(({ state }) => state)).toEqual([null, null, 'approved']);
    expect((await entriesOf(payload)).map((record) => record.told)).toEqual([
      undefined,
      'reported',
      'reported',
      'approved',
    ]);
  });

  it('are rejected by a rollback, with its reason', async () => {
    const shop = await aShop();
    const environment = await map(shop, 'early');
    await shop.expect('promote', '1.4.2', 'canary');
    await shop.report('1.4.2', 'canary', { state: 'deployed' });
    await shop.report('1.4.2', 'canary', { state: 'failed', reason: 'does not start' });
    const payload = await aRun(environment);
    await sweep();
    expect(told(payload)).toMatchObject([{ state: 'rejected', comment: expect.stringContaining('fail') }]);
    seconds(600);
    expect(await sweep()).toBe(0);
  });

  it('wait for somebody who says what they are, and then go on by themselves', async () => {
    const shop = await aShop();
    const unmapped = await aRun(`${shop.service} canary by sha`, { ref: 'feature/x' });
    await sweep();
    expect(told(unmapped)).toMatchObject([{ state: null, comment: expect.stringContaining('PUT /github/octo') }]);
    github.tags.set('release/1', SHA);
    const tag = await aRun(await map(shop, 'canary'), { ref: 'release/1' });
    await sweep();
    expect(told(tag)).toMatchObject([{ state: null, comment: expect.stringContaining('"version": "sha"') }]);
    seconds(60);
    await sweep();
    expect(told(unmapped)).toHaveLength(1);
    Object.assign(environments.at(-1) ?? {}, { version: 'sha' });
    await map(shop, 'canary', 'sha');
    seconds(60);
    await sweep();
    for (const payload of [unmapped, tag]) expect(told(payload).map(({ state }) => state)).toEqual([null, 'approved']);
    expect(await decisionsOf(`${shop.service}@${SHA}`)).toHaveLength(2);
  });

  it('are answered after all when GitHub fails for a while, as late as it asks for', async () => {
    const shop = await aShop();
    const payload = await aRun(await map(shop, 'canary'));
    const fails: [Parameters<FakeGithub['failNext']>[0], number][] = [
      [{ on: 'review', as: 500 }, 10],
      [{ on: 'review', as: 'reset' }, 20],
      [{ on: 'review', as: 429, headers: { 'retry-after': '120' } }, 120],
      [{ on: 'review', as: 401 }, 80],
      [{ on: 'sign-in', as: 502 }, 160],
    ];
    for (const [failure, pauseSeconds] of fails) {
      github.failNext(failure);
      expect(await sweep()).toBe(1);
      expect(told(payload)).toEqual([]);
      seconds(pauseSeconds * 0.4);
      expect([failure, await sweep()]).toEqual([failure, 0]);
      seconds(pauseSeconds * 0.7);
    }
    await sweep();
    expect(told(payload)).toMatchObject([{ state: 'approved' }]);
    expect(await decisionsOf(`${shop.service}@1.4.2`)).toHaveLength(5);
  });

  it('are decided again when the promise is over before GitHub has heard of it', async () => {
    const shop = await aShop();
    const payload = await aRun(await map(shop, 'canary'));
    github.failNext({ on: 'review', as: 503 });
    await sweep();
    gates[0].minutes(16);
    await sweep();
    const decisions = await decisionsOf(`${shop.service}@1.4.2`);
    expect(decisions.map(({ verdict }) => verdict)).toEqual(['promote', 'promote']);
    expect(told(payload)).toMatchObject([
      { state: 'approved', comment: expect.stringContaining(String(decisions[0]?.id)) },
    ]);
  });

  it('are not approved on a promote that a halt has overtaken', async () => {
    const shop = await aShop();
    const payload = await aRun(await map(shop, 'canary'));
    github.failNext({ on: 'review', as: 503 });
    await sweep();
    const scope = { service: shop.service };
    const halt = await gates[1].call('POST', '/halts', { as: 'operator', body: { scope, reason: 'looking into it' } });
    seconds(11);
    await sweep();
    expect(told(payload)).toMatchObject([{ state: null, comment: expect.stringContaining('looking into it') }]);
    await gates[1].call('POST', `/halts/${halt.body.id}/lift`, { as: 'operator', body: { reason: 'fine' } });
    seconds(61);
    await sweep();
    expect(told(payload).map(({ state }) => state)).toEqual([null, 'approved']);
  });

  it('are taken over when the replica that works on them dies', async () => {
    const shop = await aShop();
    const payload = await aRun(await map(shop, 'canary'));
    const { store } = gates[0].context.ports;
    const now = await store.now();
    const until = new Date(Date.parse(now) + 60_000).toISOString();
    expect(await store.claimGithub({ now, until, limit: 10 })).toHaveLength(1);
    expect(await sweep(gates[1])).toBe(0);
    seconds(61);
    expect(await sweep(gates[1])).toBe(1);
    expect(told(payload)).toMatchObject([{ state: 'approved' }]);
  });

  it('are given up, on record, when nothing at GitHub waits any more', async () => {
    const shop = await aShop();
    const environment = await map(shop, 'canary');
    const cancelled = await aRun(environment);
    github.cancel(cancelled);
    await sweep();
    expect((await entriesOf(cancelled)).at(-1)).toMatchObject({
      told: 'unanswerable',
      reason: expect.stringContaining('422'),
    });
    const unheard = await aRun(environment);
    github.failNext({ on: 'review', as: 'taken' });
    await sweep();
    seconds(11);
    await sweep();
    expect(told(unheard)).toMatchObject([{ state: 'approved' }]);
    expect((await entriesOf(unheard)).at(-1)).toMatchObject({ told: 'unanswerable' });
    seconds(6000);
    expect(await sweep()).toBe(0);
  });

  it('wait while the app is deleted, and no longer than GitHub does', async () => {
    const shop = await aShop();
    const environment = await map(shop, 'canary');
    const [first, second] = [await aRun(environment), await aRun(environment)];
    expect((await gates[0].call('DELETE', '/github/octo', { as: 'admin' })).status).toBe(204);
    expect(await sweep()).toBe(2);
    expect((await putApp()).status).toBe(201);
    seconds(31 * 86_400);
    await sweep();
    for (const payload of [first, second]) {
      expect((await entriesOf(payload)).at(-1)).toMatchObject({ told: 'expired' });
      expect(told(payload)).toEqual([]);
    }
  });
});
