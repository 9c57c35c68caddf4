/** The shell steps of a CI's file, with what that CI does around them. */
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export interface RecipeStep {
  readonly name: string;
  /** A ring's step decides what comes after it. */
  readonly kind: 'ring' | 'other';
  /** The shell, up to where the script follows. */
  readonly command: readonly string[];
  readonly script: string;
  /** True when it runs after the last ring ended with this code. */
  when(code: number): boolean;
  /** The variables that the file sets, and the CI itself, for this version. */
  env(version: string): Readonly<Record<string, string>>;
}

/** What is measured of the versions that recipes deploy: `-bad` fails everywhere, `-late` only in the second ring. */
export const RECIPE_PROVIDER = {
  kind: 'recorded',
  answers: [
    { part: 'bad', contains: ['-bad"'], value: '360' },
    { part: 'bad', contains: ['-late"', 'ring="early"'], value: '360' },
    { part: 'bad', value: '2' },
    { part: 'total', value: '1200' },
  ],
};

const ROLL_BACK = 'roll back';
const kindOf = (name: string) => (name === ROLL_BACK ? 'other' : 'ring');

/** Jenkins runs `sh` with -xe. With `returnStatus` a step does not fail its stage; `when` conditions then decide. */
export function jenkinsSteps(file: string): readonly RecipeStep[] {
  const release = /RELEASE = "([^"]*)"/.exec(file)?.[1] ?? '';
  return file
    .split(/^ {4}stage\('/m)
    .slice(1)
    .flatMap((stage) => {
      const name = stage.slice(0, stage.indexOf("'"));
      const script = /\bsh(?:\(returnStatus: true, script: '([^']*)'\)| '([^']*)')/.exec(stage);
      if (script === null) return [];
      const said = /when \{ environment name: 'SAID', value: '(\d+)' \}/.exec(stage)?.[1];
      return {
        name,
        kind: kindOf(name),
        command: ['sh', '-xec'],
        script: script[1] ?? script[2] ?? '',
        when: (code: number) => said === undefined || code === Number(said),
        env: (version: string) => ({ RELEASE: release.replace('${params.VERSION}', version), GATE_TOKEN: '' }),
      };
    });
}

interface GitlabFile {
  readonly stages: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly [job: string]: unknown;
}
interface GitlabJob {
  readonly stage: string;
  readonly extends?: string;
  readonly when?: string;
  readonly script?: readonly string[];
}

/** GitLab runs the jobs stage by stage, each with one bash for its lines. After a failure only `on_failure` jobs run. */
export function gitlabSteps(text: string, included: string): readonly RecipeStep[] {
  const file = { ...(parse(included) as object), ...(parse(text) as GitlabFile) };
  return file.stages.flatMap((stage) => {
    const [name, own] = (Object.entries(file) as [string, GitlabJob][]).find(([, job]) => job.stage === stage) ?? [];
    if (name === undefined || own === undefined) throw new Error(`the stage ${stage} has no job`);
    const job = { ...(own.extends === undefined ? {} : (file[own.extends] as GitlabJob)), ...own };
    return {
      name,
      kind: kindOf(name),
      command: ['bash', '-eo', 'pipefail', '-c'],
      script: (job.script ?? []).join('\n'),
      when: (code: number) => (job.when === 'on_failure' ? code !== 0 : code === 0),
      env: (version: string) => ({
        CI_JOB_STAGE: stage,
        RELEASE: (file.variables.RELEASE ?? '').replace('$CI_COMMIT_TAG', version),
      }),
    };
  });
}

interface GithubFile {
  readonly jobs: { readonly rollout: { readonly steps: readonly GithubStep[] } };
}
interface GithubStep {
  readonly name?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly if?: string;
}
interface GithubAction {
  readonly inputs: Readonly<Record<string, { readonly required: boolean; readonly default?: string }>>;
  readonly runs: {
    readonly steps: readonly { readonly env: Readonly<Record<string, string>>; readonly run: string }[];
  };
}

/**
 * GitHub runs the steps until one fails, then only those with `if: failure()`. A composite action's `shell: bash` is
 * `bash --noprofile --norc -eo pipefail`; its inputs are known to it by name alone.
 */
export function githubSteps(text: string, action: string): readonly RecipeStep[] {
  const file = parse(text) as GithubFile;
  const { inputs, runs } = parse(action) as GithubAction;
  return file.jobs.rollout.steps.flatMap(({ name = '', uses = '', with: given = {}, if: condition }) => {
    if (!uses.includes('/docker/recipes/github@')) return [];
    const inputOf = (expression: string, version: string) => {
      const input = /^\$\{\{ inputs\.(\w+) \}\}$/.exec(expression)?.[1] ?? '';
      const value = given[input] ?? inputs[input]?.default;
      if (value === undefined) throw new Error(`${name} gives no ${input}`);
      return value.replace('${{ github.ref_name }}', version).replace('${{ secrets.GATE_TOKEN }}', '');
    };
    return runs.steps.map(({ env, run }) => ({
      name,
      kind: kindOf(name),
      command: ['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c'],
      script: run,
      when: (code: number) => (condition === 'failure()' ? code !== 0 : code === 0),
      env: (version: string) => ({
        GITHUB_ACTION_PATH: fileURLToPath(new URL('../../docker/recipes/github', import.meta.url)),
        ...Object.fromEntries(Object.entries(env).map(([key, value]) => [key, inputOf(value, version)])),
      }),
    }));
  });
}
