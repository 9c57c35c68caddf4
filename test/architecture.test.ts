import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importRules } from './tooling/import-rules.ts';
import { sourceRules, violations } from './tooling/source-rules.ts';
import { brokenDirections, brokenSourceRules, brokenTreeRules } from './tooling/tree.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const report = (found: readonly { readonly message: string }[]) => found.map((each) => each.message).join('\n');

describe('the architecture', () => {
  it('has imports only in the agreed directions', async () => {
    expect(report(await brokenDirections(root))).toBe('');
  });

  it('has only files that keep the rules for one file', () => {
    expect(report(brokenSourceRules(root))).toBe('');
  });

  it('has a tree with nothing unexpected in it', () => {
    expect(report(brokenTreeRules(root))).toBe('');
  });
});

/** By rule: a file that breaks it, and one that comes close and does not. */
const long = (lines: number) => 'x;\n'.repeat(lines);
const CONTROLS: Record<
  string,
  { readonly path?: string; readonly bad: string; readonly good: string; readonly badPath?: string }
> = {
  'file-length': { bad: long(301), good: long(300) },
  'function-length': { bad: `function f() {\n${long(39)}}`, good: `function f() {\n${long(38)}}` },
  'no-default-export': { bad: 'export default 1;', good: 'export const a = 1;' },
  'no-any': { bad: 'const a = b as any;', good: 'const any = 1; // any' },
  'file-name': { badPath: 'src/http/string-utils.ts', bad: '', good: '' },
  'no-interface-prefix': { bad: 'interface IStore {}', good: 'interface Item {} interface IO {}' },
  'time-is-an-argument': { bad: 'const t = new Date();', good: 'const t = new Date(0); Date.parse("");' },
  'environment-in-config': { bad: 'const { env } = process;', good: 'const { pid } = process;' },
  'no-console': { bad: 'console.log(1);', good: 'log.info({}, "");' },
  'documented-core': {
    bad: 'export function f() {}',
    good: '/** Says what. */ export function f() {}\nfunction g() {}',
  },
  'no-leftovers': { bad: `// TO${'DO'} later`, good: '// todolist' },
  'real-parts-in-tests': { path: 'test/a.test.ts', bad: "it.skip('', () => {});", good: "it('', () => {});" },
};

describe('a rule for one file', () => {
  it.each(sourceRules.map((rule) => rule.name))('finds what breaks %s and leaves the rest alone', (name) => {
    const control = CONTROLS[name];
    if (control === undefined) throw new Error(`write a control for ${name}`);
    const path = control.path ?? 'src/domain/probe.ts';
    const rules = (at: string, text: string) => violations(at, text).map((each) => each.rule);
    expect(rules(control.badPath ?? path, control.bad)).toContain(name);
    expect(rules(path, control.good)).not.toContain(name);
  });

  it.each(['Date.now()', 'Math.random()', 'performance.now()', 'crypto.randomUUID(); const a = randomUUID'])(
    'knows %s as a clock or dice',
    (text) => {
      expect(violations('src/app/probe.ts', text).map((each) => each.rule)).toContain('time-is-an-argument');
    },
  );

  it.each(['it.skipIf(true)', 'test.skip', 'describe.todo', 'suite.only', 'it.fails', 'vi.doMock'])(
    'knows %s as a test that proves nothing',
    (text) => {
      expect(violations('test/a.test.ts', `${text}('', () => {});`).map((each) => each.rule)).toContain(
        'real-parts-in-tests',
      );
    },
  );

  it('says where, why and what to do', () => {
    const [found] = violations('src/domain/probe.ts', '\nexport default 1;');
    expect(found?.message).toMatch(/^src\/domain\/probe\.ts:2 .+\n.+Idea: .+\n.+Do: {3}.+/);
  });
});

/** By rule: files with an import that breaks it. */
const WRONG_IMPORTS: Record<string, Readonly<Record<string, string>>> = {
  'domain-is-pure': { 'src/domain/a.ts': "import 'node:fs';" },
  'only-audit-hashes': { 'src/domain/b.ts': "import 'node:crypto';" },
  'app-stays-inside': { 'src/app/a.ts': "import '../storage/x.ts';", 'src/storage/x.ts': '' },
  'http-meets-nobody': { 'src/http/a.ts': "import '../providers/y.ts';", 'src/providers/y.ts': '' },
  'storage-meets-nobody': { 'src/storage/a.ts': "import '../telemetry/y.ts';", 'src/telemetry/y.ts': '' },
  'providers-meets-nobody': { 'src/providers/a.ts': "import '../storage/x.ts';" },
  'telemetry-meets-nobody': { 'src/telemetry/a.ts': "import '../app/a.ts';" },
  'ports-are-types-for-adapters': {
    'src/storage/b.ts': "import { p } from '../app/ports.ts'; p;",
    'src/app/ports.ts': 'export const p = 1; export type P = 1;',
  },
  'demo-is-a-client': { 'src/demo/a.ts': "import '../app/a.ts';" },
  'wiring-is-on-top': { 'src/http/b.ts': "import '../config.ts';", 'src/config.ts': '' },
  'express-in-http': { 'src/app/b.ts': "import 'express';" },
  'sql-in-storage': { 'src/http/c.ts': "import { sql } from 'kysely'; sql;" },
  'axios-in-one-file': { 'src/providers/b.ts': "import 'axios';" },
  'metrics-in-telemetry': { 'src/http/d.ts': "import 'pino';" },
  'no-circles': { 'src/domain/c.ts': "import './d.ts';", 'src/domain/d.ts': "import './c.ts';" },
  'source-does-not-know-tests': { 'src/cli.ts': "import '../test/x.ts';", 'test/x.ts': '' },
  'everything-is-found': { 'src/http/e.ts': "import './nowhere.ts';" },
};

/** Imports that look alike and are allowed. */
const RIGHT_IMPORTS = {
  'src/domain/audit/leaf.ts': "import 'node:crypto'; import '@lezer/lr';",
  'src/app/right.ts': "import '../domain/audit/leaf.ts'; import 'node:crypto';",
  'src/storage/right.ts':
    "import type { P } from '../app/ports.ts'; import 'pg'; import '../domain/audit/leaf.ts'; let p: P;",
  'src/http/right.ts': "import 'express'; import 'node:url'; import '../app/right.ts';",
  'src/providers/http.ts': "import 'axios';",
  'src/demo/right.ts': "import 'node:http'; import './leaf.ts';",
  'src/demo/leaf.ts': '',
  'src/context.ts': "import './http/right.ts'; import './storage/right.ts'; import './config.ts';",
};

describe('a rule about imports', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringgate-architecture-'));
  const broken = new Set<string>();
  let messages = '';

  beforeAll(async () => {
    const files = Object.assign({}, ...Object.values(WRONG_IMPORTS), RIGHT_IMPORTS) as Record<string, string>;
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const found = await brokenDirections(folder);
    messages = report(found);
    for (const each of found) broken.add(each.rule);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(importRules.map((rule) => rule.name ?? ''))('finds what breaks %s', (name) => {
    expect(WRONG_IMPORTS).toHaveProperty([name]);
    expect(broken).toContain(name);
  });

  it('leaves alone what is allowed', () => {
    const innocent = Object.keys(RIGHT_IMPORTS).filter((path) => messages.includes(`${path} →`));
    expect(innocent).toEqual([]);
  });
});

describe('a rule about the whole tree', () => {
  it('finds strangers on top, long files and folders without a README', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringgate-tree-'));
    mkdirSync(join(folder, 'src/http'), { recursive: true });
    writeFileSync(join(folder, 'notes.txt'), '');
    writeFileSync(join(folder, 'src/http/a.ts'), long(71));
    writeFileSync(join(folder, 'src/http/README.md'), long(21));
    const rules = brokenTreeRules(folder).map((each) => each.rule);
    expect(rules).toEqual(['top-level', 'median-length', 'folder-readme']);
    writeFileSync(join(folder, 'src/http/a.ts'), long(70));
    writeFileSync(join(folder, 'src/http/README.md'), long(20));
    rmSync(join(folder, 'notes.txt'));
    expect(brokenTreeRules(folder)).toEqual([]);
    expect(readdirSync(folder)).toEqual(['src']);
    rmSync(folder, { recursive: true });
  });
});
