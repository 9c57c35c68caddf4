import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { recipeFile } from './support/readme.ts';
import { type RecipeGate, RINGS, startRecipeGate } from './support/recipe-gate.ts';
import { githubSteps, gitlabSteps, jenkinsSteps, type RecipeStep } from './support/recipes.ts';
import { aWorkspace, DEPLOY, type Workspace } from './support/workspace.ts';

/**
 * The recipes for three kinds of CI: their shell steps are taken out as they stand and run in the order
 * and under the conditions that the CI would apply, against a real gate. Only the deployment is a stub.
 */
const RECIPES = [
  { name: 'Jenkins', steps: jenkinsSteps(recipeFile('jenkins/shell.Jenkinsfile')) },
  { name: 'GitLab', steps: gitlabSteps(recipeFile('gitlab/gitlab-ci.yml'), recipeFile('gitlab/ringgate.yml')) },
  { name: 'GitHub', steps: githubSteps(recipeFile('github/rollout.yml'), recipeFile('github/action.yml')) },
];

let gate: RecipeGate;
let workspace: Workspace;
let counted = 0;

beforeAll(async () => {
  gate = await startRecipeGate();
  await gate.service('checkout');
});
afterAll(() => gate.stop());
beforeEach(() => {
  workspace = aWorkspace(gate.url);
  counted += 1;
  return () => workspace.remove();
});

interface Run {
  /** `name: exit code` of each step that ran. */
  readonly ran: readonly string[];
  readonly deployments: readonly string[];
  readonly said: string;
}

/** Runs a recipe for a version as its CI does: a step runs while nothing has failed, or once something has. */
async function run(steps: readonly RecipeStep[], version: string): Promise<Run> {
  const before = workspace.deployments().length;
  const ran: string[] = [];
  let code = 0;
  let said = '';
  for (const { name, kind, command, script, when, env } of steps) {
    if (!when(code)) continue;
    const ended = await workspace.run(script, { ...env(version), GATE: gate.url }, command);
    ran.push(`${name}: ${ended.code}`);
    said += ended.said;
    if (kind === 'ring') code = Number(ended.code);
  }
  return { ran, said, deployments: workspace.deployments().slice(before) };
}

const all = (version: string) => RINGS.map(() => `checkout@${version} proven`);

describe.each(RECIPES)('The recipe for $name', ({ steps }) => {
  const rings = RINGS.map((ring) => `${ring}: 0`);

  it('takes a good release through every ring, the last one included', async () => {
    const version = `${counted}.0`;
    const done = await run(steps, version);
    expect(done).toMatchObject({ ran: rings, deployments: RINGS.map((ring) => `checkout@${version} to ${ring}`) });
    expect(await gate.occupants('checkout')).toEqual(all(version));
  });

  it('goes to the rollback stage with 20 for a bad one, and puts the old one back without asking', async () => {
    const [good, bad] = [`${counted}.0`, `${counted}.1-bad`];
    await run(steps, good);
    const done = await run(steps, bad);
    expect(done.said).not.toMatch(/not found|syntax/i);
    expect(done).toMatchObject({
      ran: ['canary: 20', 'roll back: 0'],
      deployments: [`checkout@${bad} to canary`, `checkout@${good} to canary`],
    });
    expect(await gate.occupants('checkout')).toEqual(all(good));
    const { items } = await gate.call('GET', '/audit/entries?kind=report&limit=2');
    expect(items.map(({ body }: { body: object }) => body)).toMatchObject([
      { release: `checkout@${good}`, ring: 'canary', state: 'deployed', ungated: false },
      { release: `checkout@${bad}`, ring: 'canary', state: 'rolled-back' },
    ]);
  });

  it('puts the old one back in every ring that a release has reached before it turned bad', async () => {
    const [good, late] = [`${counted}.0`, `${counted}.1-late`];
    await run(steps, good);
    const done = await run(steps, late);
    expect(done.ran).toEqual(['canary: 0', 'early: 20', 'roll back: 0']);
    expect(done.deployments.slice(2)).toEqual([`checkout@${good} to canary`, `checkout@${good} to early`]);
    expect(await gate.occupants('checkout')).toEqual(all(good));
  });

  it('reports a deployment that fails, and rolls it back as well', async () => {
    const [good, broken] = [`${counted}.0`, `${counted}.1-broken`];
    await run(steps, good);
    const done = await run(steps, broken);
    expect(done.ran).toEqual(['canary: 20', 'roll back: 0']);
    expect(await gate.occupants('checkout')).toEqual(all(good));
  });

  it('stops with another code, and puts nothing back, when the gate wants somebody', async () => {
    const [good, bad] = [`${counted}.0`, `${counted}.1-bad`];
    await run(steps, good);
    await run(steps, bad);
    const again = await run(steps, bad);
    expect(again.ran[0]).toBe('canary: 1');
    expect(again.deployments).toEqual([]);
    expect(again.said).toContain('rolled-back-earlier');
  });
});

describe('The action for GitHub', () => {
  it('writes no input into its script, where it would be run', () => {
    const { runs } = parse(recipeFile('github/action.yml')) as { runs: { steps: { run: string }[] } };
    expect(runs.steps.map(({ run: script }) => script.includes('${{'))).toEqual([false]);
  });
});

describe('A first release whose deployment fails', () => {
  it('is put back by nobody, and its pipeline runs again after the report that it was told of', async () => {
    await gate.service('cart');
    const step = (script: string) => workspace.run(`. ./gate.sh; ${script}`, { RELEASE: 'cart@1' });
    workspace.deploysWith('#!/bin/sh\nexit 3\n');
    expect((await step('walk canary')).code).toBe(20);
    const stuck = await step('roll_back');
    expect(stuck.code).toBe(1);
    const [advised = ''] = /report cart@1 canary rolled-back/.exec(stuck.said) ?? [];
    workspace.deploysWith(DEPLOY);
    expect(await step('walk canary')).toMatchObject({ code: 20 });
    expect(await step(advised)).toMatchObject({ code: 0 });
    expect(await step('walk canary')).toMatchObject({ code: 0 });
  });
});
