import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/domain/audit/canonical.ts';
import { scrub, scrubText, unwantedIn } from '../../../src/domain/audit/plain-text.ts';

describe('scrub', () => {
  it('replaces NUL, escapes and lone surrogates, and keeps line feeds, tabs and whole emoji', () => {
    expect(scrubText('a\u0000b\u001b[31m\ud800 \n\t😀')).toBe('a\ufffdb\ufffd[31m\ufffd \n\t😀');
  });

  it('reaches keys and values at every depth and leaves numbers, booleans and null alone', () => {
    expect(scrub({ 'k\u0000': [{ v: '\u007f' }, 1, true, null] })).toEqual({
      'k\ufffd': [{ v: '\ufffd' }, 1, true, null],
    });
  });

  it('makes every text writable, changes nothing the second time and nothing that was clean', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom('a', '\u0000', '\ud83d', '\ude00') }),
        (a, b) => {
          const clean = scrub({ [a]: b });
          expect(() => canonicalJson(clean)).not.toThrow();
          expect(scrub(clean)).toEqual(clean);
          expect(unwantedIn(clean)).toEqual([]);
          if (unwantedIn({ [a]: b }).length === 0) expect(clean).toEqual({ [a]: b });
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('unwantedIn', () => {
  it('names every place by its JSON Pointer', () => {
    expect(unwantedIn({ 'a/b': ['ok', 'no\u0000'], title: '\u001b' }).map((error) => error.pointer)).toEqual([
      '/a~1b/1',
      '/title',
    ]);
  });
});
