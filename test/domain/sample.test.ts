import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSample } from '../../src/domain/sample.ts';

describe('a sample value', () => {
  it('is read from every finite double as it is written, and kept as sent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(readSample(String(value))).toEqual({ kind: 'value', value: String(value) });
      }),
    );
  });

  it('is never read from a text that is not a plain decimal', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789+-.eExXnN_ INFa') }), (text) => {
        const plain = /^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$/.test(text);
        fc.pre(!plain && !['NaN', '+Inf', '-Inf'].includes(text));
        expect(readSample(text)).toBeNull();
      }),
    );
  });

  it('is not a number beyond the range of a double', () => {
    expect(readSample('1e999')).toBeNull();
    expect(readSample(`1${'0'.repeat(309)}`)).toBeNull();
  });

  it('says which of the three special values it is', () => {
    for (const value of ['NaN', '+Inf', '-Inf'] as const)
      expect(readSample(value)).toEqual({ kind: 'not-a-number', value });
  });
});
