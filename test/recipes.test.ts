import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { copyTemplate } from './support/embedded-template.ts';
import { type GateProcess, startGate } from './support/gate-process.ts';
import { recipeFile } from './support/readme.ts';
import { githubSteps, gitlabSteps, jenkinsSteps, RECIPE_PROVIDER, type RecipeStep } from './support/recipes.ts';

/**
 * The recipes for three kinds of CI: their shell steps are taken out as they stand and run in the order
 * and under the conditions that the CI would apply, against a real gate. Only the deployment is a stub.
 */
const PLAN = {
  rings: [
    { name: 'canary', exposure: 0.01, bake: '0s' },
    { name: 'early', exposure: 0.09, bake: '0s' },
    { name: 'global', exposure: 0.9, bake: '0s' },
  ],
};
const RULE = {
  indicator: {
    kind: 'ratio',
    provider: 'main',
    bad: 'sum(increase(http_requests_total{version="${version}",ring="${ring}",code=~"5.."}[${window}]))',
    total: 'sum(increase(http_requests_total{version="${version}",ring="${ring}"}[${window}]))',
  },
  limits: { window: '10m', hold: { above: 0.01 }, rollback: { above: 0.05 } },
};
/** Notes what it was asked to do; fails for a version that says so. */
const DEPLOY = '#!/bin/sh\necho "$1 to $2" >> deployments\ncase "$1" in *-broken) exit 3 ;; esac\n';
const RINGS = ['canary', 'early', 'global'];

const RECIPES = [
  { name: 'Jenkins', steps: jenkinsSteps(recipeFile('jenkins/shell.Jenkinsfile')) },
  { name: 'GitLab', steps: gitlabSteps(recipeFile('gitlab/gitlab-ci.yml'), recipeFile('gitlab/ringgate.yml')) },
  { name: 'GitHub', steps: githubSteps(recipeFile('github/rollout.yml'), recipeFile('github/action.yml')) },
];

let gate: GateProcess;
let url: string;
let folder: string;
const data = mkdtempSync(join(tmpdir(), 'ringgate-recipes-data-'));
let counted = 0;

beforeAll(async () => {
  await copyTemplate(data);
  gate = startGate([], { DATA_DIR: data });
  url = String((await gate.logged('listening')).url);
  await call('PUT', '/providers/main', RECIPE_PROVIDER);
  await call('PUT', '/services/checkout', PLAN);
  await call('PUT', '/services/checkout/rules/errors', RULE);
});
afterAll(async () => {
  gate.child.kill('SIGTERM');
  await gate.ended;
  rmSync(data, { recursive: true, force: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringgate-recipe-'));
  writeFileSync(join(folder, 'gate.sh'), recipeFile('gate.sh'));
  writeFileSync(join(folder, 'deploy.sh'), DEPLOY, { mode: 0o755 });
  counted += 1;
  return () => rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: unknown) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(url + path, { method, headers: { 'content-type': 'application/json' }, ...sent });
  const told = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(told)}`);
  return told;
}

interface Run {
  /** `name: exit code` of each step that ran. */
  readonly ran: readonly string[];
  readonly deployments: readonly string[];
  readonly said: string;
}

/** Runs a recipe for a version as its CI does: a step runs while nothing has failed, or once something has. */
async function run(steps: readonly RecipeStep[], version: string): Promise<Run> {
  rmSync(join(folder, 'deployments'), { force: true });
  const ran: string[] = [];
  let code = 0;
  let said = '';
  for (const step of steps) {
    if (!step.when(code)) continue;
    const ended = await shell(step, version);
    ran.push(`${step.name}: ${ended.code}`);
    said += ended.said;
    if (step.kind === 'ring') code = ended.code;
  }
  const file = join(folder, 'deployments');
  return { ran, said, deployments: existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [] };
}

async function shell({ command, script, env }: RecipeStep, version: string) {
  const [program = 'sh', ...args] = command;
  const path = { PATH: process.env.PATH ?? '', HOME: folder };
  const variables = { ...path, ...env(version), GATE: url };
  const child = spawn(program, [...args, script], { cwd: folder, env: variables, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number>((resolve) => child.on('close', (ended) => resolve(ended ?? -1))),
  ]);
  return { code, said: out + err };
}

const occupants = async () => {
  const { rings } = (await call('GET', '/services/checkout/rollout')) as {
    rings: { occupant: string; phase: string }[];
  };
  return rings.map(({ occupant, phase }) => `${occupant} ${phase}`);
};
const all = (version: string) => RINGS.map(() => `checkout@${version} proven`);

describe.each(RECIPES)('The recipe for $name', ({ steps }) => {
  const rings = RINGS.map((ring) => `${ring}: 0`);

  it('takes a good release through every ring, the last one included', async () => {
    const version = `${counted}.0`;
    const done = await run(steps, version);
    expect(done).toMatchObject({ ran: rings, deployments: RINGS.map((ring) => `checkout@${version} to ${ring}`) });
    expect(await occupants()).toEqual(all(version));
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
    expect(await occupants()).toEqual(all(good));
    const reports = (await call('GET', `/audit/entries?kind=report&limit=2`)) as { items: { body: object }[] };
    expect(reports.items.map(({ body }) => body)).toMatchObject([
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
    expect(await occupants()).toEqual(all(good));
  });

  it('reports a deployment that fails, and rolls it back as well', async () => {
    const [good, broken] = [`${counted}.0`, `${counted}.1-broken`];
    await run(steps, good);
    const done = await run(steps, broken);
    expect(done.ran).toEqual(['canary: 20', 'roll back: 0']);
    expect(await occupants()).toEqual(all(good));
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
    await call('PUT', '/services/cart', PLAN);
    await call('PUT', '/services/cart/rules/errors', RULE);
    const step = (script: string) =>
      shell(
        {
          name: 'by hand',
          kind: 'ring',
          command: ['sh', '-c'],
          script: `. ./gate.sh; ${script}`,
          when: () => true,
          env: () => ({ RELEASE: 'cart@1' }),
        },
        '',
      );
    writeFileSync(join(folder, 'deploy.sh'), '#!/bin/sh\nexit 3\n');
    expect((await step('walk canary')).code).toBe(20);
    const stuck = await step('roll_back');
    expect(stuck.code).toBe(1);
    const [advised = ''] = /report cart@1 canary rolled-back/.exec(stuck.said) ?? [];
    writeFileSync(join(folder, 'deploy.sh'), DEPLOY);
    expect(await step('walk canary')).toMatchObject({ code: 20 });
    expect(await step(advised)).toMatchObject({ code: 0 });
    expect(await step('walk canary')).toMatchObject({ code: 0 });
  });
});
