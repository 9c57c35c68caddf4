import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { cruiseOptions, importRules } from './import-rules.ts';
import { lineCount, violations } from './source-rules.ts';

/** What may stand at the top level. Tool settings live in package.json or under test/tooling/. */
const TOP_LEVEL = [
  ...[
    'src',
    'migrations',
    'docker',
    'test',
    '.ci',
    'openapi.yaml',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ],
  ...['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'CONTRIBUTING.md'],
  ...['.biome.json', '.gitignore', '.npmrc', '.dockerignore', '.gitattributes', '.editorconfig'],
  ...['.git', 'node_modules', 'dist', 'data'],
];
const MEDIAN = 70;
const README_LINES = 20;

/** Relative paths of the TypeScript files below `folder`, with forward slashes. */
export function sources(root: string, folder: string): readonly string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `${folder}/${path}`.replaceAll('\\', '/'))
    .sort();
}

/** Every broken rule about single files, as the text that teaches. */
export function brokenSourceRules(root: string) {
  const paths = [...sources(root, 'src'), ...sources(root, 'test')];
  return paths.flatMap((path) => violations(path, readFileSync(join(root, path), 'utf8')));
}

/** Every import that goes where it must not. */
export async function brokenDirections(root: string) {
  const result = await cruise(['src'], cruiseOptions(root));
  if (typeof result.output === 'string') throw new Error(result.output);
  return result.output.summary.violations.map(({ rule, from, to }) => {
    const idea = importRules.find((each) => each.name === rule.name)?.comment;
    return { rule: rule.name, message: `${from} → ${to} [${rule.name}]\n    ${idea}` };
  });
}

/** What is wrong with the tree as a whole. */
export function brokenTreeRules(root: string) {
  return [...strangersOnTop(root), ...longMedian(root), ...folderReadmes(root)];
}

function strangersOnTop(root: string) {
  const strangers = readdirSync(root).filter((name) => !TOP_LEVEL.includes(name));
  return strangers.map((name) => ({
    rule: 'top-level',
    message: `${name} at the top level [top-level]\n    Idea: who opens the project sees the product, not its tools.\n    Do:   move settings to package.json or test/tooling/, notes to an issue, or agree on the name here.`,
  }));
}

function longMedian(root: string) {
  const lengths = sources(root, 'src')
    .filter((path) => !path.endsWith('.gen.ts'))
    .map((path) => lineCount({ text: readFileSync(join(root, path), 'utf8') }))
    .sort((a, b) => a - b);
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0;
  if (median <= MEDIAN) return [];
  const message = `half of the files in src/ have ${median} lines or more [median-length]\n    Idea: small files are read whole; ${MEDIAN} lines is the median we keep.\n    Do:   split the longest ones by what they do.`;
  return [{ rule: 'median-length', message }];
}

function folderReadmes(root: string) {
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((each) => each.isDirectory());
  return folders.flatMap(({ name }) => {
    const path = join(root, 'src', name, 'README.md');
    const lines = existsSync(path) ? lineCount({ text: readFileSync(path, 'utf8') }) : 0;
    if (lines > 0 && lines <= README_LINES) return [];
    const what = lines === 0 ? 'is missing' : `has ${lines} lines`;
    const message = `src/${name}/README.md ${what} [folder-readme]\n    Idea: a folder says in at most ${README_LINES} lines what lives there and what must not.\n    Do:   write or shorten it, with one example.`;
    return [{ rule: 'folder-readme', message }];
  });
}
