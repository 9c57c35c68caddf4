import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadDocument } from '../src/http/document.ts';
import { pathWithNode, runIn } from './support/clean-shell.ts';
import { environmentOf, execForm, lastOf } from './support/dockerfile.ts';
import { openEngine, type TestEngine } from './support/engines.ts';
import { type GateProcess, watch } from './support/gate-process.ts';
import { type ReplayedStage, replayDockerfile, userOf } from './support/replay-dockerfile.ts';

/**
 * What others get: the image, and the package of npm. Both come from one build in an empty folder, that of the
 * Dockerfile, because packing builds with the same command.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const { version, engines, scripts, dependencies, devDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const folder = mkdtempSync(join(tmpdir(), 'ringgate-shipped-'));
const gates: GateProcess[] = [];
let image: ReplayedStage;
let tarball: string;

beforeAll(async () => {
  chmodSync(folder, 0o755);
  const [build, final] = await replayDockerfile(root, folder);
  image = final as ReplayedStage;
  tarball = await pack(join((build as ReplayedStage).workdir, 'dist'));
  rmSync((build as ReplayedStage).root, { recursive: true });
}, 300_000);
afterAll(async () => {
  for (const gate of gates) gate.child.kill('SIGKILL');
  for (const gate of gates) await gate.ended;
  rmSync(folder, { recursive: true, force: true });
});

/** Packs a built checkout, without what git ignores. */
async function pack(dist: string): Promise<string> {
  const source = join(folder, 'source');
  const names = readdirSync(root).filter((name) => !['.git', 'node_modules', 'dist', 'data'].includes(name));
  for (const name of names) cpSync(join(root, name), join(source, name), { recursive: true });
  cpSync(dist, join(source, 'dist'), { recursive: true });
  await run(source, ['npm', 'pack', '--ignore-scripts', '--pack-destination', folder]);
  return join(folder, `ringgate-${version}.tgz`);
}

async function run(cwd: string, words: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, stdout, output } = await runIn(cwd, words, more);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}\n${output}`);
  return stdout;
}

function watched(...args: Parameters<typeof spawn>): GateProcess {
  const gate = watch(spawn(...args));
  gates.push(gate);
  return gate;
}

/** The pages of the API reference, with the script that is too large to be there by accident. */
async function expectDocs(url: string): Promise<void> {
  const script = (await (await fetch(`${url}/docs`)).text()).match(/src="(docs\/swagger[^"]+)"/)?.[1];
  expect((await (await fetch(`${url}/${script}`)).text()).length).toBeGreaterThan(1_000_000);
}

describe('the image', { timeout: 120_000 }, () => {
  const compose = parse(readFileSync(join(root, 'docker/compose.yaml'), 'utf8'), { merge: true });
  let engine: TestEngine;

  beforeAll(async () => {
    engine = await openEngine('postgres', 'nothing');
  });
  afterAll(() => engine.destroy());

  /** A folder that stands for a mounted volume. */
  function volume(name: string): string {
    const path = join(folder, name);
    mkdirSync(path);
    const { uid, gid } = userOf(image.stage);
    if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
    return path;
  }

  /** A container: the user, the variables and the folder of the image, and nothing of ours. There is no folder for temporary files. */
  function start(words: readonly string[], env: Readonly<Record<string, string>>): GateProcess {
    const [command = '', ...args] = words;
    const given = { ...environmentOf(image.stage), PATH: pathWithNode(), TMPDIR: '/nonexistent', PORT: '0', ...env };
    return watched(command, args, { cwd: image.workdir, env: given, ...userOf(image.stage) });
  }

  const command = () => [...words('ENTRYPOINT'), ...words('CMD')];
  const words = (name: string) => execForm(lastOf(image.stage, name)?.text.replace(/^CMD\s+/, '') ?? '') ?? [];

  it('has what it needs to run and nothing more', () => {
    expect(readdirSync(image.workdir).sort()).toEqual(
      ['LICENSE', 'dist', 'migrations', 'node_modules', 'openapi.yaml', 'package.json'].sort(),
    );
    const has = (name: string) => existsSync(join(image.workdir, 'node_modules', name));
    expect(Object.keys(dependencies).filter((name) => !has(name))).toEqual([]);
    expect(Object.keys(devDependencies).filter(has)).toEqual([]);
    expect(statSync(join(image.root, environmentOf(image.stage).DATA_DIR ?? '')).uid).toBe(
      userOf(image.stage).uid ?? process.getuid?.(),
    );
    expect(
      readdirSync(join(image.workdir, 'dist'), { recursive: true }).filter((name) => /\.ts$/.test(String(name))),
    ).toEqual([]);
  });

  it('serves as its unprivileged user, is healthy, and writes nothing but its data', async () => {
    const before = snapshot(image.root);
    const gate = start(command(), { HOST: '127.0.0.1', DATA_DIR: volume('data') });
    const url = String((await gate.logged('listening')).url);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    await expectDocs(url);
    expect(await start(words('HEALTHCHECK'), { PORT: new URL(url).port }).ended).toBe(0);
    gate.child.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(await start(words('HEALTHCHECK'), { PORT: new URL(url).port }).ended).toBe(1);
    expect(snapshot(image.root)).toEqual(before);
  });

  it('starts off loopback on PostgreSQL once compose has made the first token, which it makes only once', async () => {
    const { entrypoint = [], command: lines = [] } = compose.services['first-token'] ?? {};
    const env = { DATABASE_URL: engine.databaseUrl ?? '', DATA_DIR: volume('first-token') };
    // 127.1 is loopback to the system, but ringgate knows only addresses that are written in full.
    const refused = start(command(), { ...env, HOST: '127.1' });
    expect(await refused.ended).toBe(1);
    const script = lines.map((line: string) => line.replaceAll('$$', '$'));
    const file = join(env.DATA_DIR, 'first-admin-token');
    const make = async () => {
      const made = start([...entrypoint, ...script], env);
      expect({ code: await made.ended, stdout: made.stdout() }).toEqual({ code: 0, stdout: '' });
      return readFileSync(file, 'utf8');
    };
    const token = await make();
    expect(await make()).toBe(token);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const url = String((await start(command(), { ...env, HOST: '127.1' }).logged('listening')).url);
    const ask = (headers: Record<string, string>) => fetch(`${url}/tokens`, { headers });
    expect((await ask({})).status).toBe(401);
    const listed = await ask({ authorization: `Bearer ${token.trim()}` });
    expect(await listed.json()).toMatchObject({ items: [{ name: 'first-admin', role: 'admin' }] });
  });
});

describe('the version', () => {
  it('of package.json is the one in openapi.yaml and in the lock file', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    const { info } = loadDocument(join(root, 'openapi.yaml')).root;
    expect({ api: (info as { version: string }).version, lock: lock.version }).toEqual({ api: version, lock: version });
  });
});

describe('the changelog', () => {
  it('has versions, newest first, each with the sections of Keep a Changelog', () => {
    const text = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
    const versions = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(versions[0]).toMatch(new RegExp(`^(Unreleased|${version.replaceAll('.', '[.]')} – \\d{4}-\\d{2}-\\d{2})$`));
    const sections = [...text.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);
    expect(
      sections.filter((name) => !['Added', 'Changed', 'Removed', 'Fixed', 'Security'].includes(String(name))),
    ).toEqual([]);
    expect(sections.slice(0, 3)).toEqual(['Added', 'Changed', 'Fixed']);
  });
});

describe('the package', { timeout: 120_000 }, () => {
  const installed = join(folder, 'installed');
  const bin = join(installed, 'node_modules/.bin/ringgate');
  let contents: readonly string[] = [];
  let engine: TestEngine;

  beforeAll(async () => {
    contents = (await run(folder, ['tar', '-tzf', tarball])).trim().split('\n');
    mkdirSync(installed);
    writeFileSync(join(installed, 'package.json'), '{}');
    await run(installed, ['npm', 'install', '--engine-strict', '--no-audit', '--no-fund', tarball]);
    engine = await openEngine('embedded');
  });
  afterAll(() => engine.destroy());

  it('is built anew whenever it is packed, with the command of the image', () => {
    expect(scripts.prepack).toBe('npm run build');
    expect(readFileSync(join(root, 'docker/Dockerfile'), 'utf8')).toContain('\nRUN npm run build\n');
  });

  it('holds what runs and what explains it, and nothing else', () => {
    const top = new Set(contents.map((path) => path.replace(/^package\//, '').split('/')[0] ?? ''));
    expect([...top].sort()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'migrations', 'openapi.yaml', 'package.json'].sort(),
    );
    expect(contents.filter((path) => path.endsWith('.ts') || path.includes('/test'))).toEqual([]);
    const docs = ['LICENSE', 'NOTICE', 'swagger-ui-bundle.js', 'swagger-ui.css'];
    expect(contents).toEqual(expect.arrayContaining(docs.map((name) => `package/dist/http/docs/swagger-ui/${name}`)));
  });

  it('asks for the Node that it needs, and needs none of the packages that it is developed with', () => {
    expect(engines.node).toBe('>=24');
    for (const name of ['node', 'typescript', 'swagger-ui-dist', '@scarf/scarf']) {
      expect({ name, there: existsSync(join(installed, 'node_modules', name)) }).toEqual({ name, there: false });
    }
  });

  it('says which Node it needs on an older one, before that fails at anything else', async () => {
    const older = `Object.defineProperty(process,'versions',{value:{...process.versions,node:'22.9.1'}})`;
    const said = await runIn(folder, [process.execPath, '--import', `data:text/javascript,${older}`, bin, '--version']);
    expect(said).toMatchObject({ code: 1, stdout: '', output: expect.stringContaining('Node.js 22.9.1') });
    expect(said.output).toContain('ringgate needs 24 or newer');
    // Nothing is read but Node's own modules: an import that an older Node does not have would come first.
    const imports = readFileSync(realpathSync(bin), 'utf8').match(/^import .*/gm);
    expect(imports).toEqual(["import { readFileSync } from 'node:fs';"]);
  });

  it('has a command that says its version, migrates, makes a token, serves and replays', async () => {
    const env = { PATH: pathWithNode(), DATA_DIR: engine.dataDir, PORT: '0', HOST: '127.0.0.1' };
    expect(await run(folder, [bin, '--version'])).toBe(`${version}\n`);
    expect(await run(folder, [bin, 'migrate'], env)).toBe('Nothing to migrate.\n');
    const token = await run(folder, [bin, 'token', 'create', '--name', 'first', '--role', 'auditor'], env);
    const gate = watched(bin, [], { cwd: folder, env });
    const listening = await gate.logged('listening');
    expect(listening.version).toBe(version);
    const url = String(listening.url);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${url}/openapi.yaml`)).text()).toBe(readFileSync(join(root, 'openapi.yaml'), 'utf8'));
    await expectDocs(url);
    const headers = { authorization: `Bearer ${token.trim()}` };
    const entries = await (await fetch(`${url}/audit/entries?kind=service-start`, { headers })).json();
    expect(entries).toMatchObject({ items: [{ kind: 'service-start', body: { gateVersion: version } }] });
    gate.child.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(await run(folder, [bin, 'replay'], env)).toBe(`0 decisions replayed by ringgate ${version}, 0 differ.\n`);
  });
});

/** Every file below the folder with what changes when somebody writes to it. */
function snapshot(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const state = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false });
  return names.map((name) => `${name} ${state(name)?.size} ${state(name)?.mtimeMs}`);
}
