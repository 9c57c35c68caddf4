import ts from 'typescript';

/** One rule about the text of a source file. `idea` and `remedy` are what a person reads when it is broken. */
export interface SourceRule {
  readonly name: string;
  readonly idea: string;
  readonly remedy: string;
  readonly applies: (path: string) => boolean;
  readonly find: (file: ts.SourceFile) => readonly Finding[];
}

interface Finding {
  readonly at: ts.Node | null;
  readonly what: string;
}

const LONGEST_FILE = 300;
const LONGEST_FUNCTION = 40;
const inSource = (path: string) => path.startsWith('src/') && !path.endsWith('.gen.ts');
const inPureCore = (path: string) => /^src\/(domain|app)\//.test(path);
const inTests = (path: string) =>
  path.startsWith('test/') && !path.startsWith('test/tooling/') && path !== 'test/architecture.test.ts';

/** Whatever makes a module unreal, or a test one that does not always run or may fail. */
const UNREAL = [
  ...['vi.mock', 'vi.doMock'],
  ...['it', 'test', 'describe', 'suite'].flatMap((name) =>
    ['skip', 'only', 'todo', 'skipIf', 'runIf', 'fails'].map((way) => `${name}.${way}`),
  ),
];

export const sourceRules: readonly SourceRule[] = [
  {
    name: 'file-length',
    idea: `a file of more than ${LONGEST_FILE} lines is one that everything ends up in`,
    remedy: 'find the second thing that it does and give it a file with a name of its own',
    applies: inSource,
    find: (file) => (lineCount(file) > LONGEST_FILE ? [{ at: null, what: `${lineCount(file)} lines` }] : []),
  },
  {
    name: 'function-length',
    idea: `a function of more than ${LONGEST_FUNCTION} lines cannot be seen at once`,
    remedy: 'keep the steps as a table of contents and move each step into a function below',
    applies: inSource,
    find: (file) => nodes(file, ts.isFunctionLike).flatMap((at) => tooLong(file, at)),
  },
  {
    name: 'no-default-export',
    idea: 'a default export has another name in every file that imports it',
    remedy: 'export it by its name',
    applies: inSource,
    find: (file) => nodes(file, isDefaultExport).map((at) => ({ at, what: 'default export' })),
  },
  {
    name: 'no-any',
    idea: '`any` switches off the compiler exactly where data comes in',
    remedy: 'write `unknown` and look before you use it, or give it its type',
    applies: inSource,
    find: (file) =>
      nodes(file, (n): n is ts.Node => n.kind === ts.SyntaxKind.AnyKeyword).map((at) => ({ at, what: 'any' })),
  },
  {
    name: 'file-name',
    idea: 'names like utils, helpers, manager or common say nothing, so everything fits in',
    remedy: 'name the file in kebab-case after its main export',
    applies: inSource,
    find: (file) => (badName(file.fileName) ? [{ at: null, what: file.fileName }] : []),
  },
  {
    name: 'no-interface-prefix',
    idea: 'an interface is named after what it is, not after being an interface',
    remedy: 'drop the I',
    applies: inSource,
    find: (file) =>
      nodes(file, ts.isInterfaceDeclaration)
        .filter((each) => /^I[A-Z][a-z]/.test(each.name.text))
        .map((at) => ({ at, what: at.name.text })),
  },
  {
    name: 'time-is-an-argument',
    idea: 'a decision is replayed from its record and takes its time from the database, so only context.ts has a clock or dice',
    remedy: 'take the instant from the facts or from Store.now(), durations and ids from Ports.runtime',
    applies: (path) => inSource(path) && path !== 'src/context.ts',
    find: (file) => nodes(file, ts.isExpression).flatMap((at) => clockOrDice(file, at)),
  },
  {
    name: 'environment-in-config',
    idea: 'the environment is read once, checked whole, in config.ts',
    remedy: 'add a variable to config.ts and pass the value from context.ts',
    applies: (path) => inSource(path) && path !== 'src/config.ts',
    find: (file) => accesses(file, 'process.env').map((at) => ({ at, what: 'process.env' })),
  },
  {
    name: 'no-console',
    idea: 'a line past the log has no request id and no allowed list of fields',
    remedy: 'announce an event, or take the log that context.ts hands out; main.ts and cli.ts write to process.stdout',
    applies: inSource,
    find: (file) =>
      nodes(file, ts.isPropertyAccessExpression)
        .filter((n) => n.expression.getText(file) === 'console')
        .map((at) => ({ at, what: at.getText(file) })),
  },
  {
    name: 'documented-core',
    idea: 'the exported functions of domain/ and app/ are what others build on',
    remedy: 'put a doc comment above it: what it takes and gives, units, errors and the source of a formula',
    applies: inPureCore,
    find: (file) =>
      exportedFunctions(file)
        .filter((at) => ts.getJSDocCommentsAndTags(at).length === 0)
        .map((at) => ({ at, what: 'exported function without a doc comment' })),
  },
  {
    name: 'no-leftovers',
    idea: 'a note to do something later is a promise that nobody reads',
    remedy: 'do it, or write an issue and delete the note',
    applies: (path) => inSource(path) || inTests(path),
    find: (file) => [...file.text.matchAll(/\b(TODO|FIXME|XXX)\b/g)].map((match) => ({ at: null, what: match[0] })),
  },
  {
    name: 'real-parts-in-tests',
    idea: 'a mocked module or a skipped test proves nothing about what runs',
    remedy: 'start the real part with overrides of createContext; delete or repair a test instead of skipping it',
    applies: inTests,
    find: (file) => UNREAL.flatMap((name) => accesses(file, name).map((at) => ({ at, what: name }))),
  },
];

/** All that is wrong in one file, each with the place, the idea and the remedy. */
export function violations(path: string, text: string): readonly { readonly rule: string; readonly message: string }[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true);
  return sourceRules
    .filter((rule) => rule.applies(path))
    .flatMap((rule) => rule.find(file).map((found) => ({ rule: rule.name, message: explain(rule, file, found) })));
}

function explain(rule: SourceRule, file: ts.SourceFile, { at, what }: Finding): string {
  const line = at === null ? 1 : file.getLineAndCharacterOfPosition(at.getStart(file)).line + 1;
  return `${file.fileName}:${line}  ${what} [${rule.name}]\n    Idea: ${rule.idea}.\n    Do:   ${rule.remedy}.`;
}

export function lineCount(file: { readonly text: string }): number {
  return file.text.replace(/\n$/, '').split('\n').length;
}

function nodes<T extends ts.Node>(root: ts.Node, wanted: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node) => {
    if (wanted(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

function tooLong(file: ts.SourceFile, at: ts.SignatureDeclaration): Finding[] {
  const line = (position: number) => file.getLineAndCharacterOfPosition(position).line;
  const lines = line(at.end) - line(at.getStart(file)) + 1;
  return lines > LONGEST_FUNCTION ? [{ at, what: `function of ${lines} lines` }] : [];
}

function isDefaultExport(node: ts.Node): node is ts.Node {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === 'default';
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((m) => m.kind === ts.SyntaxKind.DefaultKeyword)
  );
}

function badName(path: string): boolean {
  const parts = path.split('/').slice(1);
  const words = parts.flatMap((part) => part.replace(/\.ts$/, '').split(/[-.]/));
  const vague = ['util', 'utils', 'helper', 'helpers', 'manager', 'managers', 'common', 'misc', 'shared'];
  return (
    parts.some((part) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?(\.ts)?$/.test(part)) ||
    words.some((word) => vague.includes(word))
  );
}

function clockOrDice(file: ts.SourceFile, node: ts.Expression): Finding[] {
  if (ts.isNewExpression(node) && node.expression.getText(file) === 'Date' && (node.arguments ?? []).length === 0)
    return [{ at: node, what: 'new Date()' }];
  if (!ts.isPropertyAccessExpression(node) && !ts.isIdentifier(node)) return [];
  const text = node.getText(file);
  if (text === 'performance.now') return file.fileName.startsWith('src/providers/') ? [] : [{ at: node, what: text }];
  if (['Date.now', 'Math.random'].includes(text)) return [{ at: node, what: text }];
  const random = ['randomUUID', 'getRandomValues'].includes(text) && inPureCore(file.fileName);
  return random ? [{ at: node, what: text }] : [];
}

function accesses(file: ts.SourceFile, name: string): ts.Node[] {
  const [object = '', property = ''] = name.split('.');
  const dotted = nodes(file, ts.isPropertyAccessExpression).filter(
    (n) => n.expression.getText(file) === object && n.name.text === property,
  );
  const destructured = nodes(file, ts.isVariableDeclaration).filter(
    (n) => n.initializer?.getText(file) === object && n.name.getText(file).includes(property),
  );
  return [...dotted, ...destructured];
}

function exportedFunctions(file: ts.SourceFile): ts.Node[] {
  const exported = (node: ts.Node) =>
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((m) => m.kind === ts.SyntaxKind.ExportKeyword);
  return file.statements.filter((node) => {
    if (!exported(node)) return false;
    if (ts.isFunctionDeclaration(node)) return true;
    return (
      ts.isVariableStatement(node) &&
      node.declarationList.declarations.some((d) => d.initializer !== undefined && ts.isFunctionLike(d.initializer))
    );
  });
}
