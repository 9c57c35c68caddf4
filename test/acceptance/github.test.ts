import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweepGithub } from '../../src/app/sweep-github.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { deliver, type FakeGithub, startFakeGithub } from '../support/fake-github.ts';
import { type Answer, type Gate, startGate } from '../support/gate.ts';
import { aPipeline, type Pipeline } from '../support/pipeline.ts';

describe('deployments that wait at GitHub, with two replicas on one PostgreSQL', () => {
  const clock = { offsetMs: 0 };
  let engine: TestEngine;
  let gates: readonly [Gate, Gate];
  let github: FakeGithub;
  let shop: Pipeline;
  let version = 0;

  beforeAll(async () => {
    github = await startFakeGithub();
    engine = await openEngine('postgres');
    const env = { GATE_SECRET_KEY: github.privateKey, GATE_SECRET_HOOK: github.webhookSecret };
    const first = await startGate(engine, { clock, env });
    gates = [first, await startGate(engine, { clock, env, tokens: first.tokens })];
    shop = await aPipeline(first);
    expect((await putApp()).status).toBe(201);
  });
  afterAll(async () => {
    await shop.stop();
    for (const gate of gates) await gate.stop();
    await engine.destroy();
    await github.stop();
  });

  const environment = (name: string, more: object = {}) => ({
    repository: 'octo/checkout',
    environment: name,
    service: shop.service,
    ring: name,
    version: 'ref',
    ...more,
  });
  const putApp = (more: object = {}): Promise<Answer> =>
    gates[0].call('PUT', '/github/octo', {
      as: 'admin',
      body: {
        url: github.url,
        appId: github.appId,
        privateKey: { env: 'GATE_SECRET_KEY' },
        webhookSecret: { env: 'GATE_SECRET_HOOK' },
        environments: [environment('canary'), environment('early')],
        ...more,
      },
    });
  const webhook = (gate = gates[0]) => `${gate.url}/github/octo/webhook`;
  const send = (payload: unknown, headers: Record<string, string | undefined> = {}, gate = gates[0]) =>
    deliver(webhook(gate), payload, github.webhookSecret, headers);
  /** A release that was never seen. */
  const aTag = () => {
    version += 1;
    return `${version}.0.0`;
  };
  const sweep = () => Promise.all(gates.map((gate) => sweepGithub(gate.context.ports)));
  const runOf = (payload: Record<string, unknown>) =>
    /runs\/(\d+)\//.exec(String(payload.deployment_callback_url))?.[1];
  const told = (payload: Record<string, unknown>) => github.reviews.filter(({ run }) => run === runOf(payload));
  it('are approved by a promote that is on record, once, whoever works on them', async () => {
    const tag = aTag();
    const payload = github.waits({ ref: `refs/tags/${tag}` });
    const sent = await send(payload);
    expect(sent).toMatchObject({ status: 202, body: { received: 'stored' } });
    expect(told(payload)).toEqual([]);
    await sweep();
    expect(told(payload)).toMatchObject([{ environment: 'canary', state: 'approved' }]);
    const { items } = (await gates[0].call('GET', `/decisions?release=${shop.service}@${tag}`)).body;
    expect(items).toMatchObject([
      {
        verdict: 'promote',
        dryRun: false,
        actor: 'ada',
        build: `https://github.com/octo/checkout/actions/runs/${runOf(payload)}`,
        caller: { kind: 'github', id: 'octo' },
      },
    ]);
    expect(told(payload)[0]?.comment).toContain(items[0].id);
    clock.offsetMs += 600_000;
    await sweep();
    expect(told(payload)).toHaveLength(1);
  });
});
