import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyTemplate } from './support/embedded-template.ts';
import { type GateProcess, npmStart } from './support/gate-process.ts';
import { type Block, readmeBlocks, recipeFile } from './support/readme.ts';

/** What the README shows is run as it stands, in one shell from top to bottom, and must print what it says. */
const root = fileURLToPath(new URL('..', import.meta.url));
let folder: string;
let gate: GateProcess;
let url: string;
let blocks: readonly Block[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringgate-readme-'));
  blocks = readmeBlocks();
  await writeFile(join(folder, 'gate.sh'), recipeFile('gate.sh'));
  for (const name of ['data', 'unused']) await copyTemplate(join(folder, name));
  gate = npmStart({ DATA_DIR: join(folder, 'data') });
  url = String((await gate.logged('listening')).url);
});
afterAll(async () => {
  gate.child.kill('SIGTERM');
  await gate.ended;
  await rm(folder, { recursive: true, force: true });
});

describe('The README', { timeout: 120_000 }, () => {
  it('shows JSON that the API takes', async () => {
    for (const { lines } of blocks.filter(({ language }) => language === 'json')) {
      const place = lines.includes('"appId"') ? 'github' : 'providers';
      const answer = await fetch(`${url}/${place}/shown`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: lines,
      });
      expect({ status: answer.status, body: await answer.text() }).toMatchObject({ status: 201 });
    }
  });

  it('prints what it shows when its lines are run one after the other', async () => {
    const run = blocks.filter(({ language, lines }) => language === 'sh' && !lines.startsWith('npm '));
    const script = run.map(({ lines }, i) => `echo '@@${i}'\n${lines.replace('http://127.0.0.1:8080', url)}`);
    const printed = (await bash(`set -eu\n${script.join('\n')}`)).split(/^@@\d+\n/m).slice(1);
    expect(printed).toHaveLength(run.length);
    run.forEach((block, i) => {
      const after = blocks[blocks.indexOf(block) + 1];
      if (after?.language === 'text') expect(printed[i]).toBe(after.lines);
    });
  });

  it('begins with the commands that the other tests run', () => {
    const commands = blocks.filter(({ language, lines }) => language === 'sh' && lines.startsWith('npm '));
    expect(commands.map(({ lines }) => lines)).toEqual(['npm ci\nnpm run demo\n', 'npm start\n']);
  });

  it('makes a token on the command line', async () => {
    // The other block of this kind needs a container engine; test/shipped.test.ts says what can be shown without one.
    const shown = blocks.filter(({ language, lines }) => language === 'console' && !lines.includes('docker '));
    expect(shown).toHaveLength(1);
    const command = shown[0]?.lines.replace(/^\$ /, '') ?? '';
    const made = await bash(`cd '${root}' && DATA_DIR='${join(folder, 'unused')}' ${command}`);
    expect(made).toMatch(/^\S{30,}\n$/);
  });
});

async function bash(script: string): Promise<string> {
  const child = spawn('bash', ['-c', script], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  if (code !== 0) throw new Error(`the shell ended with ${code}\n${out}\n${err}`);
  return out;
}
