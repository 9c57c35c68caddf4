/**
 * Does something to each item in order, and lets everybody else have their turn in between: a list of
 * calendars takes up to seconds to work out, and decisions must not wait for it.
 */
export async function inTurns<T, R>(items: readonly T[], work: (item: T) => R): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) {
    results.push(work(item));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return results;
}
