import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { requireBinary } from '../support/binaries.ts';
import { type GateProcess, npmRun, runGate } from '../support/gate-process.ts';
import { until } from '../support/poll.ts';

/**
 * The demo as a visitor meets it: through npm, with nothing in its environment but a PATH. What it printed is run
 * again by the real shell and the real curl.
 */
const STORY_MS = 120_000;
const home = mkdtempSync(join(tmpdir(), 'ringgate-demo-test-'));
let demo: GateProcess | null = null;

afterEach(async () => {
  demo?.child.kill('SIGTERM');
  await demo?.ended;
  demo = null;
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A folder of programs in which only these can be found. */
function pathWith(name: string, programs: readonly string[]): string {
  const folder = join(home, name);
  mkdirSync(folder);
  const found = (program: string) => execFileSync('/bin/sh', ['-c', `command -v ${program}`], { env: machine() });
  for (const program of programs) symlinkSync(String(found(program)).trim(), join(folder, program));
  return folder;
}

/** The machine's own programs, without those that npm brings. */
function machine() {
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
  return { PATH: folders.join(':') };
}

/** Starts it, and waits until it has told everything. */
async function begin(name: string, programs: readonly string[]) {
  const temporary = join(home, `${name}-tmp`);
  mkdirSync(temporary);
  demo = npmRun('demo', { PATH: pathWith(name, ['npm', 'node', 'sh', ...programs]), PORT: '0', TMPDIR: temporary });
  const running = demo;
  await until(
    'the end of the tour',
    async () => {
      if (running.child.exitCode !== null) throw new Error('it ended');
      return running.stdout().trimEnd().endsWith(`'{"reason":"the cause was the network"}'`) ? true : null;
    },
    STORY_MS,
  ).catch((error) => {
    throw new Error(`${error.message}\n${running.stdout()}\n${running.stderr()}`, { cause: error });
  });
  return { running, temporary, told: told(running.stdout()) };
}

interface Told {
  readonly command: string;
  /** What was printed as its answer; empty where the visitor is to find out. */
  readonly answer: string;
}

/** Every command is followed by its answer in lines that begin with `#=> `. */
function told(output: string): readonly Told[] {
  return [...output.matchAll(/^((?:curl|ADMIN=|TOKEN=).*(?:\n[^#\n].*)*)((?:\n#=> .*)*)/gm)].flatMap(
    ([, commands = '', answer = '']) => {
      const each = commands.split(/\n(?=curl|ADMIN=|TOKEN=)/);
      const shown = answer.replaceAll(/^#=> /gm, '').trim();
      return each.map((command, i) => ({ command, answer: i === each.length - 1 ? shown : '' }));
    },
  );
}

/** What the gate answered, verdict by verdict. */
const verdicts = (all: readonly Told[]) =>
  all
    .map(({ answer }) => /^(promote|hold|rollback) (\S+ \S+):/.exec(answer))
    .flatMap((m) => (m ? `${m[1]} ${m[2]}` : []));

const STORY = [
  ...['pilot', 'early', 'global'].flatMap((ring) => [
    `promote checkout@1.4.2 ${ring}`,
    `hold checkout@1.4.2 ${ring}`,
    `promote checkout@1.4.2 ${ring}`,
  ]),
  'promote checkout@1.5.0 pilot',
  'rollback checkout@1.5.0 pilot',
  'hold checkout@1.5.0 pilot',
];

async function bash(script: string): Promise<string> {
  const child = spawn('bash', ['-c', script], { cwd: home, env: machine(), stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  if (code !== 0) throw new Error(`the shell ended with ${code} at ${script}\n${out}\n${err}`);
  return out;
}

/** Pids of programs whose command line speaks of the folder. */
function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
    } catch {
      return false;
    }
  });
}

async function endsCleanly({ running, temporary }: Awaited<ReturnType<typeof begin>>): Promise<void> {
  running.child.kill('SIGINT');
  expect({ code: await running.ended, stderr: ownWords(running.stderr()) }).toEqual({ code: 0, stderr: '' });
  expect(readdirSync(temporary).filter((name) => name.startsWith('ringgate'))).toEqual([]);
  expect(processesOf(temporary)).toEqual([]);
}

const ownWords = (stderr: string) => stderr.replaceAll(/^npm .*\n/gm, '');

describe('The demo without a prometheus on the PATH', { timeout: STORY_MS }, () => {
  it('walks a good release to the end and a bad one back, on recorded metrics, and says so', async () => {
    const visit = await begin('recorded', []);
    expect(visit.running.stdout()).toContain('the metrics are RECORDED');
    expect(visit.told.map(({ answer }) => answer).filter((answer) => answer.startsWith('"rollback"'))).toEqual([
      '"rollback":{"rings":["pilot"],"to":{"pilot":"checkout@1.4.2"}}',
    ]);
    expect(verdicts(visit.told)).toEqual(STORY);
    await offersWhatWorks(visit.told);
    await endsCleanly(visit);
  });

  it('leaves nothing behind when it is stopped in the middle of the tour', async () => {
    const temporary = join(home, 'stopped-tmp');
    mkdirSync(temporary);
    const path = pathWith('stopped', ['npm', 'node', 'sh', 'prometheus']);
    demo = npmRun('demo', { PATH: path, PORT: '0', TMPDIR: temporary });
    const running = demo;
    await until('its first words', async () => (running.stdout().includes('ringgate listens') ? true : null), STORY_MS);
    await endsCleanly({ running, temporary, told: [] });
  });

  it('says what to do when the port is taken, and removes what it has begun', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const temporary = join(home, 'taken-tmp');
    mkdirSync(temporary);
    const refused = await runGate(['demo'], { PORT: String(port), TMPDIR: temporary });
    other.close();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe(
      `ringgate: port ${port} is in use by another process. Set PORT to another one, or to 0 for a free one.\n`,
    );
    expect(existsSync(temporary) && readdirSync(temporary).filter((name) => name.startsWith('ringgate'))).toEqual([]);
  });
});

describe('The demo with a prometheus on the PATH', { timeout: STORY_MS }, () => {
  it('tells the same story from what a real Prometheus has measured', async () => {
    requireBinary('prometheus');
    const visit = await begin('measured', ['prometheus']);
    expect(visit.running.stdout()).toContain('the metrics are MEASURED');
    expect(processesOf(visit.temporary)).toHaveLength(1);
    const waited = verdicts(visit.told).filter((verdict, i, all) => verdict !== all[i - 1]);
    expect(waited).toEqual(STORY.toSpliced(-2, 0, 'hold checkout@1.5.0 pilot'));
    await endsCleanly(visit);
  });
});

/** Runs what it told once more, and then what it offers, as a visitor would: from top to bottom in one shell. */
async function offersWhatWorks(all: readonly Told[]): Promise<void> {
  const answered = all.filter(({ command, answer }) => answer !== '' && !command.includes(' -X '));
  expect(await bash(answered.at(-1)?.command ?? '')).toBe(`${answered.at(-1)?.answer}\n`);
  const put = all.filter(({ command }) => command.includes(' -X PUT') && command.includes('http_code'));
  for (const { command } of put) expect(await bash(command)).toBe('200\n');
  const offered = all.filter(({ answer }) => answer === '').map(({ command }) => command);
  const script = offered.map((command, i) => `echo '@@${i}'\n${command}`).join('\n');
  const printed = (await bash(`set -e\n${script}`)).split(/^@@\d+\n/m).slice(1);
  const [why, unseen, rollout, good, bad, decision, replay, audit, refused, admin, token, cleared] = printed;
  expect(why).toContain('"cause":"rolled-back-earlier"');
  expect(unseen).toMatch(/^hold checkout@2\.0\.0 global: /);
  expect(rollout).toContain('"occupant":"checkout@1.4.2"');
  expect(good?.match(/"what":"proven"/g)).toHaveLength(3);
  expect(bad).toContain('"what":"rolled-back"');
  expect(JSON.parse(decision ?? '')).toMatchObject({ verdict: 'rollback', facts: {} });
  expect(JSON.parse(replay ?? '')).toMatchObject({ verdictIdentical: true, bytesIdentical: true });
  expect(JSON.parse(audit ?? '').items).toHaveLength(5);
  expect(JSON.parse(refused ?? '')).toMatchObject({
    status: 403,
    detail: expect.stringContaining('the right operate'),
  });
  expect([admin, token]).toEqual(['', '']);
  expect(JSON.parse(cleared ?? '')).toMatchObject({ release: 'checkout@1.5.0', mark: null });
  expect(printed).toHaveLength(12);
}
