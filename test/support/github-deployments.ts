/** Deployments that wait at a stand-in for GitHub, with two replicas of the gate on one PostgreSQL. The clock is the test's. */
import { expect } from 'vitest';
import { sweepGithub } from '../../src/app/sweep-github.ts';
import { openEngine } from './engines.ts';
import { deliver, startFakeGithub } from './fake-github.ts';
import { type Answer, type Gate, startGate } from './gate.ts';
import { aPipeline, type Pipeline } from './pipeline.ts';

type Payload = Record<string, unknown>;
type Run = { readonly ref?: string; readonly sha?: string };

export async function githubDeployments() {
  const clock = { offsetMs: 0 };
  const shops: Pipeline[] = [];
  const environments: object[] = [];
  const github = await startFakeGithub();
  const engine = await openEngine('postgres');
  const env = { GATE_SECRET_KEY: github.privateKey, GATE_SECRET_HOOK: github.webhookSecret };
  const first = await startGate(engine, { clock, env });
  const gates: readonly [Gate, Gate] = [first, await startGate(engine, { clock, env, tokens: first.tokens })];

  const putApp = (): Promise<Answer> =>
    first.call('PUT', '/github/octo', {
      as: 'admin',
      body: {
        url: github.url,
        appId: github.appId,
        privateKey: { env: 'GATE_SECRET_KEY' },
        webhookSecret: { env: 'GATE_SECRET_HOOK' },
        environments,
      },
    });
  const map = async (shop: Pipeline, ring: string, version = 'ref') => {
    const environment = `${shop.service} ${ring} by ${version}`;
    environments.push({ repository: 'Octo/Checkout', environment, service: shop.service, ring, version });
    expect((await putApp()).body.warnings).toEqual([]);
    return environment;
  };
  const webhook = (gate = first) => `${gate.url}/github/octo/webhook`;
  const send = (payload: unknown, headers: Record<string, string | undefined> = {}, gate = first) =>
    deliver(webhook(gate), payload, github.webhookSecret, headers);
  const runOf = (payload: Payload) => /runs\/(\d+)\//.exec(String(payload.deployment_callback_url))?.[1];

  expect((await putApp()).status).toBe(201);
  return {
    gates,
    github,
    environments,
    putApp,
    map,
    webhook,
    send,
    runOf,
    async aShop() {
      const shop = await aPipeline(first);
      shops.push(shop);
      return shop;
    },
    sweep: (gate = first) => sweepGithub(gate.context.ports),
    seconds(count: number) {
      clock.offsetMs += count * 1000;
    },
    /** What GitHub has heard about this run. */
    told: (payload: Payload) => github.reviews.filter(({ run }) => run === runOf(payload)),
    async entriesOf(payload: Payload) {
      const { body } = await gates[1].call('GET', '/audit/entries?limit=500', { as: 'auditor' });
      const records = (body.items as { body: Payload & { github?: { run: string } } }[]).map((item) => item.body);
      return records.filter((record) => record.github?.run === runOf(payload)).reverse();
    },
    decisionsOf: async (release: string) =>
      (await first.call('GET', `/decisions?release=${release}`)).body.items as Payload[],
    /** A run that waits, delivered. */
    async aRun(environment: string, run: Run = {}) {
      const payload = github.waits({ environment, ...run });
      expect(await send(payload)).toMatchObject({ status: 202, body: { received: 'stored' } });
      return payload;
    },
    async stop() {
      for (const shop of shops) await shop.stop();
      for (const gate of gates) await gate.stop();
      await engine.destroy();
      await github.stop();
    },
  };
}
