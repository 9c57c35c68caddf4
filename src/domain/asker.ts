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

/** A name, and on whose word it is known: a token of that name asked, GitHub signed it, or a caller stated it, one of `many`. */
export interface Named {
  readonly name: string;
  readonly source: AskerSource;
}

export type AskerSource = 'token' | 'github' | 'stated' | 'many';

/**
 * So many names are remembered of a release on a caller's word alone, which costs nothing and would fill every record.
 * There are never more certain ones than there are people.
 */
export const MOST_STATED = 100;

/** Stands for all whom callers have named beyond that. It may be anybody, so as long as it is there nobody's approval counts. */
export const MANY_OTHERS = { name: 'many others', source: 'many' } as const satisfies Named;

/** Whether more people were named than are remembered. */
export function isAskedByMany(askers: readonly Named[]): boolean {
  return askers.some(({ source }) => source === 'many');
}

/** Where that is taken back. */
export function manyOthersPath(release: string): string {
  return `/releases/${release}/askers/${encodeURIComponent(MANY_OTHERS.name)}?reason=…`;
}

/** Those among them who have a name of their own. */
export function namedAskers<T extends Named>(askers: readonly T[]): readonly T[] {
  return askers.filter(({ source }) => source !== 'many');
}

/** Equal for one person. The many have a key that no name folds to. */
export function askerKey({ name, source }: Named): string {
  return source === 'many' ? 'MANY' : personKey(name);
}

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

/** Those of the named who are not remembered yet, or only as stated and now for certain; the many, where there is no room for them. */
export function newAskers(known: readonly Asker[], named: readonly Named[]): readonly Named[] {
  const people = namedAskers(known);
  const fresh = named.filter(({ name, source }) => {
    const before = askerNamed(people, name);
    return before === undefined || (before.source === 'stated' && source !== 'stated');
  });
  if (people.filter(isStated).length < MOST_STATED) return fresh;
  const certain = fresh.filter((each) => !isStated(each));
  const isOneMore = certain.length < fresh.length && !isAskedByMany(known);
  return isOneMore ? [...certain, MANY_OTHERS] : certain;
}

function isStated({ source }: Named): boolean {
  return source === 'stated';
}
