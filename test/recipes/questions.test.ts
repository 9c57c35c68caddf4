import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Front, Mishap } from '../support/front.ts';
import { type RecipeGate, startRecipeGate } from '../support/recipe-gate.ts';
import { aScene } from '../support/scene.ts';

/** What `gate.sh` believes and what it waits for, with a real gate behind something that behaves like real networks do. */
let gate: RecipeGate;

beforeAll(async () => {
  gate = await startRecipeGate();
});
afterAll(() => gate.stop());

const asked = (front: Front) => front.seen.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
const isQuestion = ({ path }: { path: string }) => path.startsWith('/gates/');
/** The first requests of a kind have it, the others reach the gate. */
function first(times: number, mishap: Mishap, kind: (request: { path: string }) => boolean): Front['mishap'] {
  let left = times;
  return (request) => {
    if (!kind(request) || left === 0) return null;
    left -= 1;
    return mishap;
  };
}

describe.concurrent('walk', () => {
  it.for([
    ['a version with a #', '1.0/canary#evil', 'canary'],
    ['a version with a # that leads to another ring', '1.0/early#9.9', 'canary'],
    ['a version with a query', '1.0?dryRun=false', 'canary'],
    ['a version with an escape', '1.0%23', 'canary'],
    ['a version with a blank', '1.0 canary', 'canary'],
    ['a version of two lines', '1.0\n2.0', 'canary'],
    ['a version that begins with a point', '.hidden', 'canary'],
    ['an empty version', '', 'canary'],
    ['a second @', '1.0@2.0', 'canary'],
    ['a ring with a path', '1.0', 'canary/../early'],
    ['a ring in capitals', '1.0', 'Canary'],
    ['an empty ring', '1.0', ''],
  ] as const)('never asks the gate about %s, and deploys nothing', async ([_, version, ring], { onTestFinished }) => {
    const { service, front, workspace, run } = await aScene(gate, onTestFinished);
    // What such a name could lead to has promoted.
    await gate.call('GET', `/gates/${service}@1.0/canary`);
    const ended = await run('walk "$RING"', version, { RING: ring });
    expect(ended.code).toBe(1);
    expect(ended.said).toContain('so nothing is asked');
    expect(asked(front)).toEqual([]);
    expect(workspace.deployments()).toEqual([]);
  });

  it('never believes a promote that was given to another question', async ({ onTestFinished }) => {
    const { service, front, workspace, run } = await aScene(gate, onTestFinished);
    await run('walk canary', '1.0');
    front.mishap = (request) => (isQuestion(request) ? { asks: `/gates/${service}@1.0/canary?stage=enter` } : null);
    const ended = await run('walk canary', '6.6');
    expect(ended.code).toBe(1);
    expect(ended.said).toContain(
      `about ${service}@6.6 canary enter, but the answer is about '${service}@1.0 canary enter'`,
    );
    expect(workspace.deployments()).toEqual([`${service}@1.0 to canary`]);
  });

  it.for<Mishap & string>([
    'answers 200 with a page',
    'redirects to a login page',
    'knows no such host',
    'has no back end',
    'hangs up',
    'is cut off',
  ])(
    'deploys nothing where something before the gate %s, and names the limit when it gives up',
    async (mishap, { onTestFinished }) => {
      const { front, workspace, run } = await aScene(gate, onTestFinished);
      front.mishap = () => mishap;
      const ended = await run('walk canary', '1.0', { GATE_TIMEOUT: '1' });
      expect(ended.code).toBe(1);
      expect(ended.said).toMatch(/gave up on \S+ canary enter after GATE_TIMEOUT=1 seconds: the gate is away/);
      expect(workspace.deployments()).toEqual([]);
    },
  );

  it.for<Mishap & string>([
    'hangs up',
    'is cut off',
    'is silent',
    'answers 200 with a page',
    'redirects to a login page',
    'knows no such host',
    'has no back end',
    'is busy',
  ])('goes on with what the gate says after something before it %s for a while', async (mishap, { onTestFinished }) => {
    const { service, front, run } = await aScene(gate, onTestFinished);
    front.mishap = first(2, mishap, isQuestion);
    const ended = await run('walk canary', '1.0', mishap === 'is silent' ? { GATE_ANSWER_TIMEOUT: '1' } : {});
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.said.match(/is away/g)).toHaveLength(2);
    expect(await gate.occupants(service)).toEqual([`${service}@1.0 proven`, 'null null', 'null null']);
  });

  it('waits for as long as Retry-After says, as a date too', async ({ onTestFinished }) => {
    const { front, run } = await aScene(gate, onTestFinished);
    front.mishap = first(1, 'is busy until an instant', isQuestion);
    const ended = await run('walk canary', '1.0', { GATE_PAUSE: '30' });
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.said).toContain('asking again in 2s');
  });

  it('asks once more at most where somebody has to act, and shows the answer', async ({ onTestFinished }) => {
    const { service, front, run } = await aScene(gate, onTestFinished);
    await gate.service(service, [{ name: 'canary', approvals: 1 }]);
    const ended = await run('walk canary', '1.0');
    expect(ended.code).toBe(1);
    expect(ended.said).toContain('approval-missing');
    expect(asked(front)).toEqual([`GET /gates/${service}@1.0/canary`]);
  });

  it.for<readonly [string, Record<string, string>, string]>([
    ['a service that the gate does not know', { RELEASE: 'nobody@1.0' }, 'not-found'],
    ['a token that the gate does not know', { GATE_TOKEN: 'made-up' }, 'unauthenticated'],
    ['an address that is none', { GATE: 'nothing://here' }, 'cannot be asked'],
    ['no gate at all', { GATE: '' }, 'GATE is not set'],
    ['limits that are no seconds', { GATE_TIMEOUT: '2h' }, 'whole seconds'],
  ])('ends at once for %s', async ([_, variables, said], { onTestFinished }) => {
    const { front, workspace, run } = await aScene(gate, onTestFinished);
    const ended = await run('walk canary', '1.0', { ...variables });
    expect(ended.code).toBe(1);
    expect(ended.said).toContain(said);
    expect(front.seen.length).toBeLessThanOrEqual(1);
    expect(workspace.deployments()).toEqual([]);
  });

  it('deploys nothing when the promise was recalled before it could begin', async ({ onTestFinished }) => {
    const { service, front, workspace, run } = await aScene(gate, onTestFinished);
    const freeze = {
      kind: 'freeze',
      scope: { services: [service], rings: ['*'] },
      timeZone: 'UTC',
      reason: 'Nobody is on call',
    };
    const span = { start: '2020-01-01T00:00:00', end: '2100-01-01T00:00:00' };
    front.mishap = async ({ path }) => {
      if (path.endsWith('/validity'))
        await gate.call('PUT', `/freezes/${service}`, { title: 'Now', ...freeze, ...span });
      return null;
    };
    const ended = await run('walk canary', '1.0');
    expect(ended.code).toBe(1);
    expect(ended.said).toContain('no longer stands, so nothing is deployed');
    expect(workspace.deployments()).toEqual([]);
  });

  it('tells the gate when it began, by the clock of the gate, and which artifact it was', async ({
    onTestFinished,
  }) => {
    const { service, front, run } = await aScene(gate, onTestFinished);
    const ARTIFACT = 'sha256:Zm9v+/==';
    expect(await run('walk canary', '1.0', { ARTIFACT })).toMatchObject({ code: 0 });
    const { items } = await gate.call('GET', `/audit/entries?kind=report&release=${service}@1.0`);
    const { items: promised } = await gate.call('GET', `/decisions?release=${service}@1.0&verdict=promote`);
    expect(items).toMatchObject([{ body: { state: 'deployed', ungated: false, artifact: ARTIFACT } }]);
    expect(items[0].body.startedAt >= promised.at(-1).decidedAt).toBe(true);
    expect(items[0].body.startedAt <= items[0].recordedAt).toBe(true);
    const questions = front.seen.filter(isQuestion);
    expect(questions.map(({ path }) => new URLSearchParams(path.split('?')[1]).get('artifact'))).toEqual([
      ARTIFACT,
      ARTIFACT,
    ]);
  });
});
