import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePromql } from '../../src/domain/promql.ts';
import { ageQuery, selectorsOf } from '../../src/domain/promql-selectors.ts';
import { decodeString, encodeString } from '../../src/domain/promql-string.ts';

describe('the shape of a query', () => {
  const shape = (text: string) => parsePromql(text).shape;

  it('is the same for other literals, names, durations and spaces', () => {
    expect(shape('rate(a{b="c"}[5m])')).toBe(shape('rate( x {y = "other"}[1h30m] )'));
  });

  it.each([
    ['a matcher more', 'rate(a{b="c",d="e"}[5m])'],
    ['another operator', 'rate(a{b=~"c"}[5m])'],
    ['another function', 'irate(a{b="c"}[5m])'],
    ['something after it', 'rate(a{b="c"}[5m]) or vector(0)'],
    ['a comment after it', 'rate(a{b="c"}[5m]) # x'],
    ['parentheses', '(rate(a{b="c"}[5m]))'],
    ['other nesting of the same nodes', 'rate((a{b="c"}[5m]))'],
  ])('changes with %s', (_what, text) => {
    expect(shape(text)).not.toBe(shape('rate(a{b="c"}[5m])'));
  });
});

describe('string literals', () => {
  it('give back every well-formed text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => decodeString(encodeString(text)) === text));
  });

  it('cannot be made of half a surrogate pair', () => {
    expect(() => encodeString('a\udc00')).toThrow(RangeError);
  });

  it.each([
    ['"a\\tb"', 'a\tb'],
    ["'it\\'s'", "it's"],
    ['`raw\\n`', 'raw\\n'],
    ['"\\101\\x41\\u0041\\U0001f4a5"', 'AAA💥'],
    ['"\\a\\v"', '\u0007\v'],
    ['""', ''],
  ])('are read as Prometheus reads them: %s', (literal, value) => {
    expect(decodeString(literal)).toBe(value);
  });

  it.each([
    '"',
    'x',
    '"a',
    '"a\\"',
    '"a"b"',
    '`a`b`',
    '"\\q"',
    '"\\\'"',
    '"\\/"',
    '"\\8"',
    '"\\x4"',
    '"\\ud83d\\ude00"',
    '"\\U00110000"',
    '"\\xff"',
    '"\\377"',
    '"a\nb"',
    '"\ufffd"',
  ])('are not read when Prometheus refuses them or they are half a character: %s', (literal) => {
    expect(decodeString(literal)).toBeNull();
  });
});

describe('the selectors of a query', () => {
  it('are each named once, without range, offset and @', () => {
    const query =
      'sum(increase(a{x="1"}[5m] offset 1h)) / (sum(a{x="1"} @ 5) or on() {__name__="b", y="}"}[1h:1m]) + c';
    expect(selectorsOf(query)).toEqual(['a{x="1"}', '{__name__="b", y="}"}', 'c']);
  });

  it('are none when there are none or the query does not parse', () => {
    expect(selectorsOf('vector(0)')).toEqual([]);
    expect(selectorsOf('sum(up')).toEqual([]);
  });
});

describe('the query for the age of the newest sample', () => {
  it('asks directly within the lookback of Prometheus', () => {
    expect(ageQuery('up{a="b"}', 300_000)).toBe('time() - max(timestamp(up{a="b"}))');
  });

  it('searches back beyond it', () => {
    expect(ageQuery('up', 900_000)).toBe('time() - (max(timestamp(up)) or max(max_over_time(timestamp(up)[15m:1m])))');
  });

  it('parses for every age', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 12 }), (ms) => parsePromql(ageQuery('up', ms)).errorAt === null),
    );
  });
});
