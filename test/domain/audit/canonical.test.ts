import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, keepCanonical, leafHash, sha256Hex } from '../../../src/domain/audit/canonical.ts';

/** Three bodies with leaves computed by another implementation. */
const known = [
  ['hold', '6bc61536cf4fb91cfa6e778aec7121181d60108f0d620c8832745dd85a4f70c5'],
  ['promote', '041197b32188a45cc1f90c0a60eeba073d8845acd8590cef5720b9e9ffbe819b'],
  ['rollback', '7165a7f3f73b97016fc6b7fa9a942a16b39209718fdb6c91afab38bdc3f6294d'],
] as const;

describe('leafHash', () => {
  it.each(known)('gives the known leaf of the %s record', (verdict, leaf) => {
    const i = known.findIndex(([name]) => name === verdict);
    const body = canonicalJson({
      verdict,
      v: 1,
      service: 'checkout',
      ring: 'prod',
      release: '1.2.3',
      origin: 'gate.example/audit',
      obs: { value: '0.9991', threshold: '0.999' },
      kind: 'decision',
      id: `0190a000-0000-7000-8000-00000000000${i}`,
      at: `2026-01-01T00:00:0${i}.000Z`,
    });
    expect(leafHash(body)).toBe(leaf);
  });

  it('is the leaf of RFC 6962 for the empty text and differs from the plain hash', () => {
    expect(leafHash('')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('hashes UTF-8 bytes', () => {
    expect(sha256Hex('é')).toBe('4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c');
  });
});

describe('canonicalJson', () => {
  it('writes what was kept as it would have written it, wherever it stands', () => {
    const part = { z: ['ä', 1], a: null };
    const whole = { one: part, list: [part, { part }] };
    const text = canonicalJson(structuredClone(whole));
    keepCanonical(part);
    expect(canonicalJson(whole)).toBe(text);
  });

  it('sorts keys by UTF-16 code units at every depth', () => {
    expect(canonicalJson({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6 })).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
    );
    expect(canonicalJson([{ b: { d: 1, c: 2 }, a: null }])).toBe('[{"a":null,"b":{"c":2,"d":1}}]');
  });

  it('writes numbers as ECMAScript does', () => {
    expect(canonicalJson([-0, 1e21, 1e-7, 0.1 + 0.2, 2 ** 53 + 1])).toBe(
      '[0,1e+21,1e-7,0.30000000000000004,9007199254740992]',
    );
  });

  it('keeps composed and decomposed accents apart', () => {
    expect(canonicalJson({ '\u00e9': 1, 'e\u0301': 2 })).toBe('{"e\u0301":2,"\u00e9":1}');
  });

  it('leaves undefined properties out, as every reader of JSON does', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it.each([
    ['NaN', { value: Number.NaN }, /NaN/],
    ['Infinity', [Number.POSITIVE_INFINITY], /Infinity/],
    ['undefined', undefined, /undefined/],
    ['a lone surrogate', '\ud800', /surrogate/i],
    ['a lone surrogate in a key', { '\udc00': 1 }, /surrogate/i],
    ['a bigint', { n: 1n }, /BigInt/i],
  ])('refuses %s with a message that says so', (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(message);
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  it('writes what a library for RFC 8785 writes', () => {
    const text = fc.string({
      unit: fc.oneof(fc.string({ unit: 'binary', maxLength: 1 }), fc.constantFrom('"', '\\', '\n', '7', '~', '\x7f')),
    });
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        tie('list'),
        tie('map'),
      ),
      list: fc.array(tie('any'), { maxLength: 5 }),
      map: fc.dictionary(fc.oneof(text, fc.nat().map(String)), fc.oneof(tie('any'), fc.constant(undefined)), {
        maxKeys: 8,
      }),
    })).any;
    fc.assert(
      fc.property(value, (plain) => {
        expect(canonicalJson(plain)).toBe(canonicalize(plain));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a date', new Date(0), /Date/],
    ['a cycle', ring(), /cycle/],
    ['a function in an array', [() => 1], /function/],
  ])('refuses %s, which is no plain data', (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(message);
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  it('is stable: what is read back has the same text, whatever the order of its keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
      { numRuns: 200 },
    );
  });
});

function ring(): object {
  const round: Record<string, unknown> = {};
  round.self = round;
  return round;
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, reversed(inner)] as const);
  return Object.fromEntries(entries.reverse());
}
