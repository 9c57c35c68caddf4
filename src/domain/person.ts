import type { Situation } from './facts.ts';

/**
 * When two names are one person. That decides who has asked for a release and so may not approve it, so it must not
 * depend on how somebody types: names are compared as Unicode's NFKC_Casefold does (UAX #31, NFKC and full case folding,
 * without what is invisible), and without regard to the amount of space. A key is stored beside what is searched by person,
 * so no database has to fold a name itself, in whatever Unicode version it knows.
 */
export function personKey(name: string): string {
  const visible = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}+/gu, '');
  return folded(visible).normalize('NFKC').replace(/\s+/gu, ' ').trim();
}

/** Whether two names are one person's. */
export function samePerson(a: string, b: string): boolean {
  return personKey(a) === personKey(b);
}

/** Full case folding out of the mappings that the language has: up and down again, with one form of the small sigma. */
function folded(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

/** Tells people apart as it was done when facts of that edition were recorded: at first, by case and outer space alone. */
export function samePersonIn(edition: Situation['v']): typeof samePerson {
  return edition === 1 ? (a, b) => a.trim().toLowerCase() === b.trim().toLowerCase() : samePerson;
}

/** Scripts with letters that cannot be told from letters of another one of them (UTS #39, "mixed-script confusables"). */
const LOOKALIKE_SCRIPTS = [
  ['Latin', /\p{Script=Latin}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Armenian', /\p{Script=Armenian}/u],
  ['Georgian', /\p{Script=Georgian}/u],
  ['Cherokee', /\p{Script=Cherokee}/u],
  ['Coptic', /\p{Script=Coptic}/u],
  ['Lisu', /\p{Script=Lisu}/u],
] as const;

/** The scripts in a name that look alike, with the first letter of each; empty where there is only one. */
export function mixedScripts(name: string): readonly { readonly script: string; readonly letter: string }[] {
  const text = name.normalize('NFKC');
  const found = LOOKALIKE_SCRIPTS.flatMap(([script, letters]) => {
    const letter = letters.exec(text)?.[0];
    return letter === undefined ? [] : [{ script, letter }];
  });
  return found.length > 1 ? found : [];
}
