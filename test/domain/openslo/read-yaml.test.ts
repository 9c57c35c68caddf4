import { describe, expect, it } from 'vitest';
import { readYaml } from '../../../src/domain/openslo/read-yaml.ts';

function errorsOf(text: string): readonly { readonly pointer: string; readonly message: string }[] {
  const read = readYaml(text);
  return 'errors' in read ? read.errors : [];
}
const values = (text: string) => {
  const read = readYaml(text);
  return 'values' in read ? read.values : read.errors;
};

describe('a text of YAML', () => {
  it('is plain data, a stream one value for each document that holds something', () => {
    expect(values('a: 1\nb: [x, "2", 0.5, true, ~]')).toEqual([
      { pointer: '', value: { a: 1, b: ['x', '2', 0.5, true, null] } },
    ]);
    expect(values('---\na: 1\n---\n# nothing\n---\n- b\n...\n')).toEqual([
      { pointer: '/0', value: { a: 1 } },
      { pointer: '/1', value: ['b'] },
    ]);
    expect(values('')).toEqual([]);
  });

  it('may be JSON', () => {
    expect(values('{"a": "\\ud83d\\ude00", "b": {"c": []}}')).toEqual([
      { pointer: '', value: { a: '😀', b: { c: [] } } },
    ]);
  });

  it('has no dates, and no words for true and false but these', () => {
    expect(values('a: 2026-01-01 12:00:00\nb: yes\nc: 1_000')).toEqual([
      { pointer: '', value: { a: '2026-01-01 12:00:00', b: 'yes', c: '1_000' } },
    ]);
  });

  it('may be nested 32 deep', () => {
    expect(errorsOf(`${'['.repeat(32)}${']'.repeat(32)}`)).toEqual([]);
    expect(errorsOf(Array.from({ length: 32 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''))).toEqual([]);
  });
});

describe('a text is refused, saying where,', () => {
  it.each([
    ['when it is broken', 'a: [1', '', /^line 1, column \d+: /],
    ['when it is broken in a later document', 'a: 1\n---\nb: {', '/1', /^line 3/],
    ['for an anchor', 'a: &x 1', '/a', /anchors and aliases/],
    ['for an alias', 'a: &x 1\nb: *x', '/b', /anchors and aliases/],
    ['for an alias to what it is in', '&x [*x]', '', /anchors and aliases/],
    ['for a tag of somebody', 'a: !!python/object:os.system x', '', /^line 1/],
    ['for binary data', 'a: !!binary aGVsbG8=', '', /^line 1/],
    ['for a directive', '%YAML 1.1\n---\na: yes', '', /directives/],
    ['for a key that stands there twice', 'b:\n  a: 1\n  a: 2', '/b', /^line 2, column 3: a stands here twice/],
    ['for a key that is no text', '[a]: 1', '', /^line 1/],
  ])('%s', (_, text, pointer, message) => {
    expect(errorsOf(text)).toContainEqual({ pointer, message: expect.stringMatching(message) });
  });

  it.each([
    ['in brackets', `${'['.repeat(33)}${']'.repeat(33)}`],
    ['in a hundred thousand brackets', '['.repeat(100_000)],
    ['in objects', `${'{a: '.repeat(40_000)}`],
    ['in lists on one line', '- '.repeat(50_000)],
    ['in keys on one line', '? '.repeat(50_000)],
    ['in lines', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
    ['in lists over lines', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}-\n`).join('')],
  ])('when it is nested too deep %s', (_, text) => {
    expect(errorsOf(text)).toContainEqual({ pointer: expect.any(String), message: expect.stringContaining('deep') });
  });

  it.each([
    ['numbers', `a: [${'0,'.repeat(200_000)}0]`],
    ['documents', '---\n'.repeat(100_000)],
    ['mistakes', 'a: b: c: '.repeat(50_000)],
    ['white space', ' \n'.repeat(200_000)],
  ])('when it has more %s than can be read while others wait', (_, text) => {
    expect(errorsOf(text)).toEqual([{ pointer: '', message: expect.stringContaining('too much') }]);
  });

  it('as often as there are mistakes, but not without end', () => {
    expect(errorsOf('a: *x\n---\n'.repeat(100)).length).toBe(20);
  });
});
