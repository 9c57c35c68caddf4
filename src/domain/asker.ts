import { personKey, samePerson } from './person.ts';

/**
 * A person who has asked for a release since an operator last cleared it. They are remembered for as long as that lasts,
 * whoever asks next and whatever is reported: nobody approves what they want themselves.
 */
export interface Asker extends Named {
  /** The decision that named them first, or first on that word. */
  readonly decision: string;
  /** When it was taken, RFC 3339 UTC. */
  readonly at: string;
}

/** A name, and on whose word it is known: a token of that name asked, GitHub signed it, or a caller stated it. */
export interface Named {
  readonly name: string;
  readonly source: AskerSource;
}

export type AskerSource = 'token' | 'github' | 'stated';

/** The person among those who asked; undefined when they did not. */
export function askerNamed<T extends Named>(askers: readonly T[], name: string): T | undefined {
  return askers.find((asker) => samePerson(asker.name, name));
}

/** Everybody once, by the name under which they came first. */
export function everyAsker(names: readonly string[]): readonly string[] {
  const first = new Map<string, string>();
  for (const name of names) if (!first.has(personKey(name))) first.set(personKey(name), name);
  return [...first.values()];
}

/** Those of the named who are not remembered yet, or only as stated and now for certain. */
export function newAskers<T extends Named>(known: readonly Asker[], named: readonly T[]): readonly T[] {
  return named.filter(({ name, source }) => {
    const before = askerNamed(known, name);
    return before === undefined || (before.source === 'stated' && source !== 'stated');
  });
}
