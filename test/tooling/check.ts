import { spawn } from 'node:child_process';

/** `npm run check`: every check runs, also after a failure, and each failure says what to do about it. */
interface Check {
  readonly name: string;
  readonly command: readonly string[];
  readonly advice: string;
}

const CHECKS: readonly Check[] = [
  {
    name: 'format and lint',
    command: ['biome', 'check', '--error-on-warnings'],
    advice: 'Run `npm run format`. What is left then has to be changed by hand: each message says why.',
  },
  {
    name: 'types',
    command: ['tsc', '--project', '.'],
    advice:
      'Correct the types. A cast hides the question instead of answering it; look at the value where it comes in.',
  },
  {
    name: 'architecture',
    command: ['vitest', 'run', '--config', 'test/tooling/vitest.config.ts', 'test/architecture.test.ts'],
    advice:
      'Each broken rule states its idea and what to do. A rule is changed in test/tooling/, together with its control.',
  },
  {
    name: 'dead code',
    command: ['knip'],
    advice: 'Delete what nobody uses, or drop the word `export` where only its own file uses it.',
  },
  {
    name: 'OpenAPI',
    command: ['redocly', 'lint', 'openapi.yaml', '--config', 'test/tooling/redocly.yaml'],
    advice:
      'Correct openapi.yaml. It is the contract: rules are switched off in test/tooling/redocly.yaml only with a reason.',
  },
  {
    name: 'generated types',
    command: ['openapi-typescript', 'openapi.yaml', '--output', 'src/http/api.gen.ts', '--check'],
    advice: 'openapi.yaml was changed: run `npm run generate` and commit src/http/api.gen.ts with it.',
  },
];

const AT_ONCE = 2;
const waiting = [...CHECKS];
const failed: Check[] = [];

await Promise.all(Array.from({ length: AT_ONCE }, work));
if (failed.length > 0) {
  console.error(failed.map(({ name, advice }) => `✗ ${name}: ${advice}`).join('\n'));
  process.exitCode = 1;
}

async function work(): Promise<void> {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const { ok, output } = await run(check.command);
    console.log(`${ok ? '✓' : '✗'} ${check.name}`);
    if (ok) continue;
    console.error(output);
    failed.push(check);
  }
}

function run([command = '', ...args]: readonly string[]): Promise<{ readonly ok: boolean; readonly output: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return new Promise((resolve) => {
    child.on('error', (error) =>
      resolve({ ok: false, output: `${command} cannot be started: ${error.message}. Run \`npm ci\` first.` }),
    );
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}
