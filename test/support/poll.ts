import { setTimeout as delay } from 'node:timers/promises';

/** Tries until the attempt gives something, and fails with what was seen last when that takes too long. */
export async function until<T>(what: string, attempt: () => Promise<T | null>, withinMs = 20_000): Promise<T> {
  const end = performance.now() + withinMs;
  let last: unknown = null;
  while (performance.now() < end) {
    try {
      const found = await attempt();
      if (found !== null) return found;
    } catch (error) {
      last = error;
    }
    await delay(50);
  }
  throw new Error(`${what} did not happen within ${withinMs} ms`, { cause: last });
}
