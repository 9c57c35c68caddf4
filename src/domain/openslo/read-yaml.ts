import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
} from 'yaml';
import { type FieldError, pointerTo } from '../errors.ts';

/**
 * YAML 1.2 as plain data. A text may be small and still mean work or data without end, so it is only parsed after its
 * tokens were counted, and what multiplies or runs code in other readers (aliases, tags, directives) is refused
 * instead of limited: nobody needs it to write down an objective.
 */
export interface YamlValue {
  /** Empty for the only document of a text, else `/0` and so on. */
  readonly pointer: string;
  readonly value: unknown;
}

export type ReadYaml = { readonly values: readonly YamlValue[] } | { readonly errors: readonly FieldError[] };

const MOST_TOKENS = 60_000;
const MOST_DEPTH = 32;
const MOST_ERRORS = 20;

/** Every document of the text that is not empty, or what is wrong with it and where. */
export function readYaml(text: string): ReadYaml {
  const excess = excessIn(text);
  if (excess !== null) return { errors: [{ pointer: '', message: excess }] };
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    ...{ version: '1.2', schema: 'core', merge: false, resolveKnownTags: false, strict: true },
    ...{ stringKeys: true, uniqueKeys: false, prettyErrors: false, logLevel: 'silent', lineCounter: lines },
  });
  const documents = [...parsed].filter((each) => !isEmpty(each) || faultsOf(each).length > 0);
  const errors: FieldError[] = [];
  const values = documents.map((each, i): YamlValue => {
    const pointer = documents.length === 1 ? '' : `/${i}`;
    const faults = faultsOf(each);
    errors.push(...faults.map(({ message, pos }) => ({ pointer, message: at(lines, pos[0] ?? 0, message) })));
    const value = faults.length > 0 ? null : plain(each.contents, pointer, { errors, lines, depth: 0 });
    return { pointer, value };
  });
  return errors.length > 0 ? { errors: errors.slice(0, MOST_ERRORS) } : { values };
}

/** Why the text is not even parsed, or null. The parser's own stack is what deep nesting would exhaust. */
function excessIn(text: string): string | null {
  let [tokens, open, inLine] = [0, 0, 0];
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (token === '[' || token === '{') open += 1;
    if (token === ']' || token === '}') open -= 1;
    if (token === '-' || token === '?') inLine += 1;
    if (token.includes('\n')) inLine = 0;
    if (tokens > MOST_TOKENS) return 'this is too much at once: send the documents in several parts';
    if (open > MOST_DEPTH || inLine > MOST_DEPTH) return `is nested more than ${MOST_DEPTH} deep`;
  }
  return null;
}

function faultsOf(document: Document.Parsed): readonly { readonly message: string; readonly pos: readonly number[] }[] {
  const directive = document.directives?.yaml.explicit === true;
  const refused = directive ? [{ message: 'directives are not taken: leave the %YAML line out', pos: [0] }] : [];
  return [...document.errors, ...document.warnings, ...refused];
}

/** What stands between two markers of a stream may be nothing at all. */
function isEmpty({ contents }: Document.Parsed): boolean {
  return contents === null || (isScalar(contents) && contents.value === null && contents.tag === undefined);
}

interface Walk {
  readonly errors: FieldError[];
  readonly lines: LineCounter;
  readonly depth: number;
}

function plain(node: ParsedNode | null, pointer: string, walk: Walk): unknown {
  const refuse = (message: string): undefined => {
    walk.errors.push({ pointer, message: at(walk.lines, node?.range[0] ?? 0, message) });
    return undefined;
  };
  if (node === null) return null;
  if (walk.depth > MOST_DEPTH) return refuse(`is nested more than ${MOST_DEPTH} deep`);
  if (isAlias(node) || node.anchor !== undefined) return refuse('anchors and aliases are not taken: write it out');
  if (isScalar(node)) return node.value;
  const inner = { ...walk, depth: walk.depth + 1 };
  if (isSeq(node)) return node.items.map((item, i) => plain(item as ParsedNode, `${pointer}/${i}`, inner));
  if (!isMap(node)) return refuse('is neither a value, a list nor an object');
  const entries = new Map<string, unknown>();
  for (const { key, value } of node.items) {
    const name = String(isScalar(key) ? key.value : '');
    if (entries.has(name)) refuse(`${name.slice(0, 80)} stands here twice`);
    entries.set(name, plain(value as ParsedNode | null, pointerTo(pointer, name), inner));
  }
  return Object.fromEntries(entries);
}

function at(lines: LineCounter, offset: number, message: string): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}: ${message.slice(0, 200)}`;
}
