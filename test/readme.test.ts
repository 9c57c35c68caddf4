import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GateProcess, npmStart } from './support/gate-process.ts';

/** What the README shows is run as it stands, in one shell from top to bottom, and must print what it says. */
interface Block {
  readonly language: string;
  readonly lines: string;
}

let folder: string;
let gate: GateProcess;
let url: string;
let blocks: readonly Block[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringgate-readme-'));
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map((m) => ({ language: m[1] ?? '', lines: m[2] ?? '' }));
  gate = npmStart({ DATA_DIR: join(folder, 'data') });
  url = String((await gate.logged('listening')).url);
});
afterAll(async () => {
  gate.child.kill('SIGTERM');
  await gate.ended;
  await rm(folder, { recursive: true, force: true });
});

describe('The README', { timeout: 120_000 }, () => {
  it('prints what it shows when its lines are run one after the other', async () => {
    const run = blocks.filter(({ language, lines }) => language === 'sh' && !lines.includes('npm ci'));
    const script = run.map(({ lines }, i) => `echo '@@${i}'\n${lines.replace('http://127.0.0.1:8080', url)}`);
    const printed = (await bash(`set -e\n${script.join('\n')}`)).split(/^@@\d+\n/m).slice(1);
    expect(printed).toHaveLength(run.length);
    run.forEach((block, i) => {
      const after = blocks[blocks.indexOf(block) + 1];
      if (after?.language === 'text') expect(printed[i]).toBe(after.lines);
    });
  });

  it('has a pipeline function that returns 20 for a rollback', async () => {
    const lines = blocks.find((block) => block.lines.startsWith('gate()'))?.lines ?? '';
    const functions = lines.slice(0, lines.indexOf('export RELEASE'));
    const put = (path: string, body: unknown) =>
      fetch(url + path, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    await put('/releases/checkout@6.6.6/rings/canary', { state: 'failed' });
    const script = `${functions}\nexport GATE=${url} RELEASE=checkout@6.6.6\ngate exit canary || echo "returned $?"`;
    expect(await bash(script)).toBe('returned 20\n');
  });

  it('shows JSON that the API takes', async () => {
    for (const { lines } of blocks.filter(({ language }) => language === 'json')) {
      const answer = await fetch(`${url}/providers/shown`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: lines,
      });
      expect({ status: answer.status, body: await answer.text() }).toMatchObject({ status: 201 });
    }
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
