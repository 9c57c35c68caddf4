/** What is done to a valid request: one thing made wrong, or something hostile put into it. */
import type { Operation } from '../../src/http/document.ts';
import { BOMB, bodiesFrom, CURSORS, codingsOf, HEADERS, hugeBodies, MUST_FAIL, NEVER_TEXT } from './hostile-bodies.ts';
import type { Dice } from './hostile-dice.ts';
import { pointerOf, type SchemaValues } from './hostile-schema.ts';
import { HOSTILE_TEXTS } from './hostile-texts.ts';

/** The one parameter of a path that may be any text: who a person is. */
const ANY_TEXT = 'name';

/** A request before it is written down. */
export type Draft = {
  path: Record<string, string>;
  query: [string, string][];
  /** Put behind the query as it is. */
  rawQuery: string;
  headers: [string, string][];
  body: unknown;
  rawBody: Buffer | null;
  type: string | null;
  what: string;
  pointers: readonly string[] | null;
  status: number | null;
};

/** False when it does not fit the operation. */
export type Twist = (dice: Dice, draft: Draft, operation: Operation) => boolean;

// ---- One thing wrong --------------------------------------------------------------------------

const BAD_NAMES = [
  'Checkout',
  'CHECKOUT',
  '-a',
  'a-',
  'a_b',
  'a b',
  'a.',
  '',
  'ü',
  'a\0',
  'a\n',
  '../a',
  'a/b',
  '%2e',
  'x'.repeat(300),
];

export function nearValid(values: SchemaValues): readonly Twist[] {
  const inPath: Twist = (dice, draft, operation) => {
    const given = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    const names = given.filter((name) => name !== ANY_TEXT);
    if (names.length === 0) return false;
    const name = dice.pick(names);
    const bad = dice.pick(BAD_NAMES.filter((each) => each !== ''));
    draft.path[name] = name === 'release' && dice.chance(0.5) ? `checkout@${bad}\u001b` : bad;
    return named(draft, `path ${name}`, [`/path/${name}`]);
  };
  const unknownQuery: Twist = (dice, draft) => {
    const name = dice.pick(['unknown', '__proto__', 'constructor', 'stage[]', 'Limit', 'wait', 'a.b', 'verbose']);
    draft.query.push([name, '1']);
    return named(draft, `unknown parameter ${name}`, [`/query/${name}`]);
  };
  const repeatedQuery: Twist = (dice, draft) => {
    if (draft.query.length === 0) return false;
    const again = dice.pick(draft.query);
    draft.query.push(again);
    return named(draft, `repeated parameter ${again[0]}`, [`/query/${again[0]}`]);
  };
  const wrongQuery: Twist = (dice, draft, operation) => {
    const inQuery = operation.parameters.filter((parameter) => parameter.in === 'query');
    if (inQuery.length === 0) return false;
    const { name, schema } = dice.pick(inQuery);
    const wrong = values.wrong(dice, schema, values.valid(dice, schema));
    if (wrong === null || typeof wrong.value === 'object' || /surrogate|type/.test(wrong.what)) return false;
    draft.query = [...draft.query.filter(([each]) => each !== name), [name, String(wrong.value)]];
    return named(draft, `${wrong.what} in parameter ${name}`, [`/query/${name}`]);
  };
  const wrongEncoding: Twist = (dice, draft, operation) => {
    const texts = operation.parameters.filter(
      ({ in: where, name }) => where === 'query' && /actor|reason|caller/.test(name),
    );
    if (texts.length === 0) return false;
    const { name } = dice.pick(texts);
    draft.query = draft.query.filter(([each]) => each !== name);
    draft.rawQuery = `${name}=a${dice.pick(['%ff', '%c3', '%c0%af', '%ed%a0%80', '%zz', '%', '%f'])}b`;
    return named(draft, `wrong encoding of parameter ${name}`, [`/query/${name}`]);
  };
  const wrongHeader: Twist = (dice, draft, operation) => {
    const inHeader = operation.parameters.filter((parameter) => parameter.in === 'header');
    if (inHeader.length === 0) return false;
    const { name } = dice.pick(inHeader);
    draft.headers = [[name, dice.pick(['', 'x'.repeat(2001)])]];
    return named(draft, `header ${name}`, [`/header/${name}`]);
  };
  const inBody: Twist = (dice, draft, operation) => {
    if (operation.body === null || !isJson(operation)) return false;
    const wrong = values.wrong(dice, operation.body.schema, draft.body);
    if (wrong === null) return false;
    draft.body = wrong.value;
    const either = wrong.orPointer === null ? [wrong.pointer] : [wrong.pointer, wrong.orPointer];
    return named(draft, `${wrong.what} at ${wrong.pointer} of the body`, either);
  };
  const noBody: Twist = (_, draft, operation) => {
    if (operation.body?.required !== true) return false;
    draft.body = undefined;
    return named(draft, 'no body', ['']);
  };
  const mediaType: Twist = (dice, draft, operation) => {
    if (operation.body === null) return false;
    draft.type = dice.pick(MEDIA_TYPES.filter((type) => type !== operation.body?.type));
    draft.what = `body as ${draft.type}`;
    draft.status = 415;
    return true;
  };
  return [
    inPath,
    unknownQuery,
    repeatedQuery,
    wrongQuery,
    wrongEncoding,
    wrongHeader,
    inBody,
    inBody,
    inBody,
    inBody,
    noBody,
    mediaType,
  ];
}

export function isJson({ body }: Operation): boolean {
  return body?.type === 'application/json';
}

/** A body as it is sent, where that is not given as bytes. */
export function textOf(body: unknown, operation: Operation): string {
  return typeof body === 'string' && !isJson(operation) ? body : JSON.stringify(body);
}

const MEDIA_TYPES = [
  null,
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/json; charset=latin1',
  'application/problem+json',
  'application/jsonp',
  'json',
];

function named(draft: Draft, what: string, pointers: readonly string[]): true {
  draft.what = what;
  draft.pointers = pointers;
  draft.status = 400;
  return true;
}

// ---- Hostile: may be valid by chance, must do no harm ---------------------------------------------

const UNDECODABLE = ['%', '%zz', '%ff', '%c0%ae%c0%ae', '%ed%a0%80', '%u0000'];

export function hostile(values: SchemaValues): readonly Twist[] {
  const done = (draft: Draft, what: string): true => {
    draft.what = what;
    return true;
  };
  const path: Twist = (dice, draft) => {
    const names = Object.keys(draft.path);
    if (names.length === 0) return false;
    const name = dice.pick(names);
    const text = dice.pick(HOSTILE_TEXTS.filter(isEncodable)).slice(0, 2000);
    draft.path[name] = text;
    const isRefused = name !== ANY_TEXT && !/^[\w@.+-]*$/.test(text);
    if (isRefused) return named(draft, `hostile path ${name}`, [`/path/${name}`]);
    return done(draft, `hostile path ${name}`);
  };
  const rawPath: Twist = (dice, draft) => {
    const names = Object.keys(draft.path);
    if (names.length === 0) return false;
    const name = dice.pick(names);
    if (dice.chance(0.3)) {
      draft.path[name] = `\0raw${dice.pick(UNDECODABLE)}`;
      return named(draft, `path ${name} that cannot be decoded`, ['/path']);
    }
    draft.path[name] =
      `\0raw${dice.pick(['..', '.', '%2e%2e', '..%2f..', '%2f', '%5c', '%00', '%252f', ';a=b', '*', "'", '\xff\xfe', '%0d%0aX:1'])}`;
    return done(draft, `raw path ${name}`);
  };
  const query: Twist = (dice, draft, operation) => {
    const inQuery = operation.parameters.filter((parameter) => parameter.in === 'query');
    const unknown = inQuery.length === 0 || dice.chance(0.1);
    const name = unknown ? dice.pick(HOSTILE_TEXTS.filter(isEncodable)).slice(0, 400) : dice.pick(inQuery).name;
    const text = dice.pick(HOSTILE_TEXTS.filter(isEncodable)).slice(0, 3000);
    draft.query = [...draft.query.filter(([each]) => each !== name), [name, text]];
    const what = `hostile parameter ${JSON.stringify(name.slice(0, 40))}`;
    return unknown ? named(draft, what, [pointerOf(['query', name])]) : done(draft, what);
  };
  const cursor: Twist = (dice, draft, operation) => {
    if (!operation.parameters.some(({ name }) => name === 'cursor')) return false;
    draft.query = draft.query.filter(([each]) => each !== 'cursor');
    draft.query.push(['cursor', Buffer.from(dice.pick(CURSORS)).toString('base64url')]);
    return done(draft, 'forged cursor');
  };
  const rawQuery: Twist = (dice, draft) => {
    draft.rawQuery = dice.pick([
      '&&&=',
      '=1',
      '?',
      '%',
      '%ff=%ff',
      '\xff=\xfe',
      ';a=1',
      '[]=1',
      'a[b][c]=1',
      '__proto__[polluted]=1',
      '#fragment',
      `a=${'x'.repeat(9000)}`,
      'a&'.repeat(3000),
    ]);
    return done(draft, `raw query ${JSON.stringify(draft.rawQuery.slice(0, 20))}`);
  };
  const body: Twist = (dice, draft, operation) => {
    if (operation.body === null) return false;
    draft.body = values.hostile(dice, operation.body.schema, draft.body);
    return done(draft, 'hostile texts in the body');
  };
  const bytes: Twist = (dice, draft, operation) => {
    const text = draft.body === undefined ? '{}' : textOf(draft.body, operation);
    const [what, made] = dice.pick(bodiesFrom(text));
    draft.rawBody = made;
    if (operation.body !== null && (isJson(operation) ? MUST_FAIL : NEVER_TEXT).test(what)) draft.pointers = [''];
    return done(draft, `body: ${what}`);
  };
  const coded: Twist = (dice, draft, operation) => {
    if (operation.body === null) return false;
    const plain = Buffer.from(draft.body === undefined ? '{}' : textOf(draft.body, operation));
    const [coding, made] = dice.pick(codingsOf(plain));
    draft.headers.push(['Content-Encoding', coding]);
    draft.rawBody = made;
    if (made === BOMB) draft.status = 413;
    return done(draft, `body coded as ${coding}`);
  };
  const headers: Twist = (dice, draft) => {
    const [name, value] = dice.pick(HEADERS);
    draft.headers.push([name, value]);
    return done(draft, `header ${name}: ${value.slice(0, 30)}`);
  };
  const huge: Twist = (dice, draft, operation) => {
    if (operation.body === null || !dice.chance(0.25)) return false;
    const [what, made] = dice.pick(hugeBodies(operation.body.limit));
    draft.rawBody = made;
    if (what === 'one byte too many') draft.status = 413;
    return done(draft, `huge body: ${what}`);
  };
  return [path, rawPath, query, query, cursor, rawQuery, body, body, body, bytes, bytes, coded, headers, headers, huge];
}

function isEncodable(text: string): boolean {
  return text.isWellFormed();
}
