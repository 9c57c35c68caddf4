import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mixedScripts, personKey, samePerson, samePersonIn } from '../../src/domain/person.ts';

const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const;
/** Every code point there is, but for halves of surrogate pairs. */
const everyLetter = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));
const anyName = fc.string({ unit: 'binary', maxLength: 12 }).filter((name) => name.isWellFormed());

/** Other ways to write the same name. */
const spellings = (name: string): readonly string[] => [
  name.toUpperCase(),
  name.toLowerCase(),
  ...FORMS.map((form) => name.normalize(form)),
  ` ${name}\u00a0`,
];

describe('Two names', () => {
  it.each([
    ['José', 'Jose\u0301'],
    ['olga', ' OLGA\u3000'],
    ['Straße', 'STRASSE'],
    ['Straße', 'STRAẞE'],
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
    ['ος', 'οσ'],
    ['İnci', 'i\u0307nci'],
    ['Ǆ', 'ǆ'],
    ['ﬁona', 'FIONA'],
    ['ｏｌｇａ', 'olga'],
    ['Å', 'Å'],
    ['ol\u200bga', 'olga'],
    ['ol\u00adga', 'olga'],
    ['olga\ufe0f', 'olga'],
    ['Ada  Lovelace', 'ada\u00a0lovelace'],
    ['ᾳ', 'ΑΙ'],
    ['\u13a0', '\uab70'],
  ])('%j and %j are one person', (one, other) => {
    expect(samePerson(one, other)).toBe(true);
  });

  it.each([
    ['olga', 'olgа'],
    ['José', 'Jose'],
    ['ada', 'adam'],
    ['ada lovelace', 'adalovelace'],
    ['', 'ada'],
  ])('%j and %j are two', (one, other) => {
    expect(samePerson(one, other)).toBe(false);
  });

  it('are one person however each letter of Unicode is written', { timeout: 120_000 }, () => {
    const wrong = everyLetter.filter((letter) => {
      const name = `x${letter}x`;
      const key = personKey(name);
      return key !== personKey(key) || spellings(name).some((other) => personKey(other) !== key);
    });
    expect(wrong).toEqual([]);
  });

  it('are one person however whole names are written', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const key = personKey(name);
        expect([key, ...spellings(name)].map(personKey)).toEqual(Array(spellings(name).length + 1).fill(key));
      }),
      { numRuns: 2000 },
    );
  });

  it('are compared in facts of the first edition as they were then', () => {
    expect(samePersonIn(1)(' ADA', 'ada')).toBe(true);
    expect(samePersonIn(1)('José', 'Jose\u0301')).toBe(false);
    expect(samePersonIn(2)('José', 'Jose\u0301')).toBe(true);
  });
});

describe('A name that mixes scripts', () => {
  it.each([
    ['оlga', ['Latin l', 'Cyrillic о']],
    ['Αda', ['Latin d', 'Greek Α']],
    ['µada', ['Latin a', 'Greek μ']],
    ['ԱՕadaо', ['Latin a', 'Cyrillic о', 'Armenian Ա']],
  ])('is known by it: %s', (name, expected) => {
    expect(mixedScripts(name).map(({ script, letter }) => `${script} ${letter}`)).toEqual(expected);
  });

  it.each(['ada', 'José', 'ольга', 'Ελένη', '山田 Taro', '김 Kim', 'ｏｌｇａ', 'ada-1 (on call)', '👩‍🚒', ''])(
    'is not one in one script, or beside letters that look like no others: %s',
    (name) => {
      expect(mixedScripts(name)).toEqual([]);
    },
  );
});
