import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDocument } from '../src/http/document.ts';
import { pathWithNode, runIn } from './support/clean-shell.ts';
import { watch } from './support/gate-process.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

describe('the version', () => {
  it('of package.json is the one in openapi.yaml and in the lock file', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    const { info } = loadDocument(join(root, 'openapi.yaml')).root;
    expect({ api: (info as { version: string }).version, lock: lock.version }).toEqual({ api: version, lock: version });
  });
});

describe('the package', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringgate-package-'));
  const source = join(folder, 'source');
  const installed = join(folder, 'installed');
  const bin = join(installed, 'node_modules/.bin/ringgate');
  const env = { PATH: pathWithNode(), DATA_DIR: join(folder, 'data'), PORT: '0', HOST: '127.0.0.1' };
  let contents: readonly string[] = [];

  /** A copy of the checkout, because packing builds, and the build of somebody else must not be in the way. */
  beforeAll(async () => {
    for (const name of readdirSync(root).filter((each) => !['.git', 'node_modules', 'dist', 'data'].includes(each))) {
      cpSync(join(root, name), join(source, name), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'));
    await run(source, ['npm', 'pack', '--pack-destination', folder]);
    const tarball = join(folder, `ringgate-${version}.tgz`);
    contents = (await run(folder, ['tar', '-tzf', tarball])).trim().split('\n');
    mkdirSync(installed);
    writeFileSync(join(installed, 'package.json'), '{}');
    await run(installed, ['npm', 'install', '--engine-strict', '--no-audit', '--no-fund', tarball]);
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function run(cwd: string, words: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
    const { code, stdout, output } = await runIn(cwd, words, more);
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}\n${output}`);
    return stdout;
  }

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

  it('has a command that says its version, makes a token and serves', async () => {
    expect(await run(folder, [bin, '--version'])).toBe(`${version}\n`);
    const token = await run(folder, [bin, 'token', 'create', '--name', 'first', '--role', 'auditor'], env);
    const gate = watch(spawn(bin, [], { cwd: folder, env }));
    try {
      const listening = await gate.logged('listening');
      expect(listening.version).toBe(version);
      const url = String(listening.url);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      expect(await (await fetch(`${url}/openapi.yaml`)).text()).toBe(readFileSync(join(root, 'openapi.yaml'), 'utf8'));
      const script = (await (await fetch(`${url}/docs`)).text()).match(/src="(docs\/swagger[^"]+)"/)?.[1];
      expect((await (await fetch(`${url}/${script}`)).text()).length).toBeGreaterThan(1_000_000);
      const headers = { authorization: `Bearer ${token.trim()}` };
      const entries = await (await fetch(`${url}/audit/entries?kind=service-start`, { headers })).json();
      expect(entries).toMatchObject({ items: [{ kind: 'service-start', body: { gateVersion: version } }] });
    } finally {
      gate.child.kill('SIGTERM');
    }
    expect(await gate.ended).toBe(0);
  });
});
