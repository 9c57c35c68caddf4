import { afterAll, describe, expect, it } from 'vitest';
import { SHA } from '../support/fake-github.ts';
import { githubDeployments } from '../support/github-deployments.ts';
import type { Pipeline } from '../support/pipeline.ts';

const deployments = await githubDeployments();
const { gates, github, map, aShop, sweep, seconds, told, entriesOf, decisionsOf, aRun } = deployments;
afterAll(deployments.stop);

const OTHER = '2'.repeat(40);

/** Approved for canary by GitHub, and proven there by its job, which states the commit as well. */
async function proven(shop: Pipeline, environment: string, ref: string) {
  const payload = await aRun(environment, { ref });
  await sweep();
  expect(told(payload)).toMatchObject([{ state: 'approved' }]);
  const artifact = `commit:${SHA}`;
  await shop.report('1.4.2', 'canary', { state: 'deployed', artifact });
  gates[0].minutes(61);
  await shop.expect('promote', '1.4.2', 'canary', { stage: 'exit', artifact });
}

/** What GitHub was told of one run at last. */
async function answerTo(environment: string, run: { ref: string; sha?: string }) {
  const payload = await aRun(environment, run);
  await sweep();
  return { payload, review: told(payload).at(-1) };
}

describe('what a deployment at GitHub is', () => {
  it('waits while GitHub does not say whether there is such a tag, and asks again as late as it wants', async () => {
    const shop = await aShop();
    const sha = '3'.repeat(40);
    github.tags.set('2.0.0', sha);
    const payload = await aRun(await map(shop, 'canary'), { ref: '2.0.0', sha });
    for (const [as, headers, pause] of [
      [500, {}, 10],
      ['reset', {}, 20],
      [403, { 'retry-after': '120' }, 120],
    ] as const) {
      github.failNext({ on: 'tags', as, headers });
      expect(await sweep()).toBe(1);
      expect(told(payload)).toEqual([]);
      seconds(pause * 0.4);
      expect([as, await sweep()]).toEqual([as, 0]);
      seconds(pause * 0.7);
    }
    github.failNext({ on: 'tags', as: 404 });
    await sweep();
    expect(told(payload)).toMatchObject([{ state: null, comment: expect.stringContaining('404') }]);
    seconds(61);
    await sweep();
    expect(told(payload).map(({ state }) => state)).toEqual([null, 'approved']);
  });

  it.each(['1.4.2', 'refs/tags/1.4.2'])('is the commit of the tag %s, on record with the ref in full', async (ref) => {
    const shop = await aShop();
    await proven(shop, await map(shop, 'canary'), ref);
    const { review, payload } = await answerTo(await map(shop, 'early'), { ref });
    expect(review).toMatchObject({ state: 'approved' });
    const release = `${shop.service}@1.4.2`;
    expect((await gates[0].call('GET', `/releases/${release}`)).body).toMatchObject({ artifact: `commit:${SHA}` });
    const [decision] = await decisionsOf(release);
    expect(decision).toMatchObject({ artifact: `commit:${SHA}` });
    const entry = await gates[0].call('GET', `/audit/entries?release=${release}&kind=decision`, { as: 'auditor' });
    expect(entry.body.items[0].body.context.github).toMatchObject({ ref: 'refs/tags/1.4.2', sha: SHA });
    expect((await entriesOf(payload))[0]?.github).toMatchObject({ ref, sha: SHA });
  });

  it('is never approved for another commit under the name of a proven tag', async () => {
    const shop = await aShop();
    await proven(shop, await map(shop, 'canary'), '1.4.2');
    const early = await map(shop, 'early');
    const branch = await answerTo(early, { ref: '1.4.2', sha: OTHER });
    expect(branch.review).toMatchObject({ state: 'rejected', comment: expect.stringContaining('"version": "sha"') });
    expect(branch.review?.comment).toContain(SHA);
    github.tags.set('1.4.2', OTHER);
    const moved = await answerTo(early, { ref: '1.4.2', sha: OTHER });
    expect(moved.review).toMatchObject({ state: null, comment: expect.stringContaining(`commit:${OTHER}`) });
    const named = await answerTo(early, { ref: 'refs/heads/1.4.2' });
    expect(named.review).toMatchObject({ state: 'rejected' });
    github.tags.set('1.4.2', SHA);
    expect((await answerTo(early, { ref: '1.4.2' })).review).toMatchObject({ state: 'approved' });
  });

  it.each(['main', 'refs/heads/main', 'feature/x'])(
    'is rejected as the branch %s with the way out, and goes on with it',
    async (ref) => {
      const shop = await aShop();
      const byRef = await answerTo(await map(shop, 'canary'), { ref });
      expect(byRef.review).toMatchObject({ state: 'rejected', comment: expect.stringContaining('"version": "sha"') });
      expect((await entriesOf(byRef.payload)).at(-1)).toMatchObject({ told: 'rejected', decision: null });
      expect(await decisionsOf(`${shop.service}@main`)).toEqual([]);
      const bySha = await answerTo(await map(shop, 'canary', 'sha'), { ref });
      expect(bySha.review).toMatchObject({ state: 'approved' });
      expect(await decisionsOf(`${shop.service}@${SHA}`)).toMatchObject([{ artifact: `commit:${SHA}` }]);
    },
  );

  it('is found among any number of tags up to three thousand', async () => {
    const shop = await aShop();
    const canary = await map(shop, 'canary');
    for (let i = 0; i < 250; i += 1) github.tags.set(`0.${i}`, OTHER);
    github.tags.set('1.5.0', SHA);
    expect((await answerTo(canary, { ref: '1.5.0' })).review).toMatchObject({ state: 'approved' });
    for (let i = 250; i < 3000; i += 1) github.tags.set(`0.${i}`, OTHER);
    github.tags.delete('1.5.1');
    const beyond = await answerTo(canary, { ref: '1.5.1' });
    expect(beyond.review).toMatchObject({ state: null, comment: expect.stringContaining('"version": "sha"') });
    for (const name of github.tags.keys()) if (name.startsWith('0.')) github.tags.delete(name);
  });
});
