import { describe, expect, it } from 'vitest';
import { answerGithub } from '../../src/app/answer-github.ts';
import type { GithubApi, GithubRequest, GithubReview } from '../../src/app/ports.ts';
import { receiveGithub } from '../../src/app/receive-github.ts';
import { sweepGithub } from '../../src/app/sweep-github.ts';
import { aService } from '../support/builders.ts';
import { signatureOf } from '../support/fake-github.ts';
import { requestBy } from '../support/memory-ports.ts';
import { aWorld, type World } from '../support/world.ts';

const SECRET = 'the secret of the webhook';
const PAYLOAD = {
  action: 'requested',
  environment: 'canary',
  deployment_callback_url: 'https://api.github.com/repos/octo/checkout/actions/runs/812/deployment_protection_rule',
  deployment: { ref: '1.4.2', sha: '6dcb09b5b57875f334f61aebed695e2e4193db5e' },
  repository: { full_name: 'octo/checkout' },
  installation: { id: 99 },
  sender: { login: 'ada' },
};

interface Scene extends World {
  readonly reviews: GithubReview[];
  /** Runs whenever GitHub is told something. */
  onReview: () => void;
}

/** A deployment that waits, and a GitHub that takes one answer. */
async function aScene(): Promise<Scene> {
  const reviews: GithubReview[] = [];
  const heard = { onReview: () => {} };
  const github: GithubApi = {
    webhookSecret: async () => SECRET,
    connect: async () => ({
      kind: 'session',
      findTag: async ({ sha }) => ({ kind: 'found', commit: sha }),
      async review(_request: GithubRequest, review: GithubReview) {
        heard.onReview();
        if (reviews.some(({ state }) => state !== null))
          return { kind: 'failed', status: 422, detail: 'over', pauseMs: 0 };
        reviews.push(review);
        return { kind: 'taken' };
      },
    }),
  };
  const world = await aWorld(aService(), {}, undefined, { github });
  const environments = [
    { repository: 'octo/checkout', environment: 'canary', service: 'checkout', ring: 'canary', version: 'ref' },
  ];
  const secrets = { privateKey: { env: 'GATE_SECRET_KEY' }, webhookSecret: { env: 'GATE_SECRET_HOOK' } };
  await world.put('github', 'octo', { appId: '1', ...secrets, environments });
  const bytes = Buffer.from(JSON.stringify(PAYLOAD));
  const sent = {
    app: 'octo',
    event: 'deployment_protection_rule',
    delivery: 'd',
    signature: signatureOf(bytes, SECRET),
  };
  await receiveGithub(world.ports, requestBy('pipeline'), { ...sent, bytes });
  return Object.assign(heard, world, { reviews });
}

const bodiesOf = ({ ports }: World, kind: string) => ports.store.bodies().filter((body) => body.kind === kind);

describe('the answer to a deployment that waits at GitHub', () => {
  it.each([
    ['the decision', 1, 'lost-before'],
    ['the decision', 1, 'lost-after'],
    ['what was told', 2, 'lost-before'],
    ['what was told', 2, 'lost-after'],
  ] as const)(
    'is not lost with the record of %s (append %i, %s), and never given without a promote on record',
    async (_, n, fault) => {
      const scene = await aScene();
      const { store } = scene.ports;
      scene.onReview = () => {
        const promotes = bodiesOf(scene, 'decision').filter(({ verdict }) => verdict === 'promote');
        expect(promotes.length).toBeGreaterThan(0);
      };
      let appends = 0;
      const strike = async () => {
        appends += 1;
        if (appends === n) store.fault = fault;
        else store.beforeAppend = strike;
      };
      store.beforeAppend = strike;
      await expect(sweepGithub(scene.ports)).rejects.toThrow('connection was lost');
      expect(await sweepGithub(scene.ports)).toBe(0);
      scene.minutes(1);
      await sweepGithub(scene.ports);
      scene.minutes(60);
      expect(await sweepGithub(scene.ports)).toBe(0);
      expect(scene.reviews.map(({ state }) => state)).toEqual(['approved']);
      expect(bodiesOf(scene, 'github-review')).toHaveLength(1);
    },
  );

  it('is not given while the store is away', async () => {
    const scene = await aScene();
    scene.ports.store.fault = 'down';
    await expect(sweepGithub(scene.ports)).rejects.toThrow('does not answer');
    expect(scene.reviews).toEqual([]);
  });

  it('is recorded once when two replicas have worked on it', async () => {
    const scene = await aScene();
    const { store } = scene.ports;
    const claim = { now: await store.now(), until: await store.now(), limit: 1 };
    const [first] = await store.claimGithub(claim);
    const [second] = await store.claimGithub(claim);
    if (first === undefined || second === undefined) throw new Error('nothing waits');
    await answerGithub(scene.ports, first);
    await answerGithub(scene.ports, second);
    expect(bodiesOf(scene, 'github-review')).toMatchObject([{ told: 'approved' }]);
  });
});
