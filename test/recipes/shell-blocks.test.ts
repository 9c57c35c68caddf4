import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Front, type Mishap, startFront } from '../support/front.ts';
import { readmeBlocks, recipeFile } from '../support/readme.ts';
import { type RecipeGate, startRecipeGate } from '../support/recipe-gate.ts';
import { githubSteps, gitlabSteps, jenkinsSteps, type RecipeStep } from '../support/recipes.ts';
import { aWorkspace, type Workspace } from '../support/workspace.ts';

/**
 * Every shell block that people copy, run for the status that its build ends with. The README's loop runs as in a CI without
 * a recipe, by `bash -e`; the others as their CI runs them.
 */
const BLOCKS: Readonly<Record<string, readonly RecipeStep[]>> = {
  README: readmeLoop(),
  Jenkins: jenkinsSteps(recipeFile('jenkins/shell.Jenkinsfile')),
  GitLab: gitlabSteps(recipeFile('gitlab/gitlab-ci.yml'), recipeFile('gitlab/ringgate.yml')),
  GitHub: githubSteps(recipeFile('github/rollout.yml'), recipeFile('github/action.yml')),
};

function readmeLoop(): readonly RecipeStep[] {
  const block = readmeBlocks().find(({ language, lines }) => language === 'sh' && lines.includes('for ring in'));
  const script = (block?.lines ?? '').replace(/^export RELEASE=.*\n/m, '');
  return [{ name: 'rollout', kind: 'ring', command: ['bash', '-ec'], script, when: () => true, env: () => ({}) }];
}

interface Case {
  readonly what: string;
  readonly bad?: boolean;
  /** Another release was proven in every ring before. */
  readonly hasOld?: boolean;
  readonly needsApproval?: boolean;
  readonly mishap?: Mishap;
  readonly token?: string;
  /** What the rings' steps end with, then what the step that goes back ends with, where the CI runs one. */
  readonly ends: Readonly<Record<'README' | 'Jenkins' | 'GitLab' | 'GitHub', string>>;
  readonly deployments: number;
}

const all = (README: string, others: string, Jenkins = others) => ({ README, Jenkins, GitLab: others, GitHub: others });
const CASES: readonly Case[] = [
  { what: 'every ring promotes', ends: all('0', '0'), deployments: 3 },
  { what: 'somebody has to act', needsApproval: true, ends: all('1', '1, back 0', '1'), deployments: 0 },
  { what: 'the release is taken back', bad: true, hasOld: true, ends: all('20', '20, back 0'), deployments: 2 },
  { what: 'nothing is there to go back to', bad: true, ends: all('1', '20, back 1'), deployments: 1 },
  { what: 'the token is unknown', token: 'made-up', ends: all('1', '1, back 1', '1'), deployments: 0 },
  { what: 'the gate stays away', mishap: 'hangs up', ends: all('1', '1, back 1', '1'), deployments: 0 },
  {
    what: 'a page comes with 200',
    mishap: 'answers 200 with a page',
    ends: all('1', '1, back 1', '1'),
    deployments: 0,
  },
  {
    what: 'a login page is next',
    mishap: 'redirects to a login page',
    ends: all('1', '1, back 1', '1'),
    deployments: 0,
  },
];

let gate: RecipeGate;
let counted = 0;

beforeAll(async () => {
  gate = await startRecipeGate();
});
afterAll(() => gate.stop());

/** A build of a service of its own, in a workspace and behind a front of its own. */
async function build(
  steps: readonly RecipeStep[],
  given: Omit<Case, 'what' | 'ends' | 'deployments'>,
  mishap: Front['mishap'],
) {
  counted += 1;
  const service = `block-${counted}`;
  const front = await startFront(gate.url);
  const workspace = aWorkspace(front.url);
  try {
    await gate.service(
      service,
      ['canary', 'early', 'global'].map((name) => ({ name, approvals: given.needsApproval ? 1 : 0 })),
    );
    if (given.hasOld) for (const ring of ['canary', 'early', 'global']) await proven(`${service}@1.0`, ring);
    front.mishap = mishap;
    const limits = given.mishap === undefined ? {} : { GATE_TIMEOUT: '1', GATE_REPORT_TIMEOUT: '1' };
    const more = { ...limits, ...(given.token && { GATE_TOKEN: given.token }) };
    const variables = { GATE: front.url, RELEASE: `${service}@2.0${given.bad ? '-bad' : ''}`, ...more };
    return { ends: await ended(workspace, steps, variables), deployments: workspace.deployments().length };
  } finally {
    front.stop();
    workspace.remove();
  }
}

async function proven(release: string, ring: string) {
  await gate.call('GET', `/gates/${release}/${ring}`);
  await gate.call('PUT', `/releases/${release}/rings/${ring}`, { state: 'deployed' });
  await gate.call('GET', `/gates/${release}/${ring}?stage=exit`);
}

async function ended(
  workspace: Workspace,
  steps: readonly RecipeStep[],
  variables: Record<string, string>,
): Promise<string> {
  let code = 0;
  let back = '';
  for (const { kind, command, script, when, env } of steps) {
    if (!when(code)) continue;
    const run = await workspace.run(script, { ...env('2.0'), ...variables }, command);
    if (kind === 'ring') code = Number(run.code);
    else back = `, back ${run.code}`;
  }
  return `${code}${back}`;
}

const inEveryBlock = async (each: (steps: readonly RecipeStep[]) => ReturnType<typeof build>) =>
  Object.fromEntries(
    await Promise.all(Object.entries(BLOCKS).map(async ([name, steps]) => [name, await each(steps)] as const)),
  );

describe('Every shell block', () => {
  it.each(CASES)('ends with the status that is documented when $what', async ({ ends, deployments, ...given }) => {
    const seen = await inEveryBlock((steps) => build(steps, given, () => given.mishap ?? null));
    expect(seen).toEqual(
      Object.fromEntries(Object.entries(ends).map(([name, status]) => [name, { ends: status, deployments }])),
    );
  });

  it('goes through every ring though the gate is killed in the middle of a question', async () => {
    let again: Promise<void> | null = null;
    const killOnce: Front['mishap'] = async ({ path }) => {
      if (path.includes('stage=exit') && again === null) again = gate.kill().then(() => gate.startAgain());
      return null;
    };
    const seen = await inEveryBlock((steps) => build(steps, {}, killOnce));
    await again;
    expect(new Set(Object.values(seen).map(({ ends, deployments }) => `${ends}: ${deployments}`))).toEqual(
      new Set(['0: 3']),
    );
  });
});
