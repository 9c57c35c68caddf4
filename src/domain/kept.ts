/**
 * A pure function of a text that is asked the same again and again: what it said last is kept, at most
 * so many answers. Nobody can tell but the clock, so nothing that decides may depend on more than the text.
 */
export function kept<T>(read: (text: string) => T, most: number): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const answer = read(text);
    if (answers.size >= most) answers.clear();
    answers.set(text, answer);
    return answer;
  };
}

/** The same for data that nobody changes any more, such as a document that was read: kept for as long as it is there. */
export function keptFor<K extends object, T>(read: (data: K) => T): (data: K) => T {
  const answers = new WeakMap<K, T>();
  return (data) => {
    const known = answers.get(data);
    if (known !== undefined) return known;
    const answer = read(data);
    answers.set(data, answer);
    return answer;
  };
}
