import type { Runtime } from '../../src/app/ports.ts';
import { testId } from './memory-ports.ts';
import { MemoryStore } from './memory-store.ts';

/** A runtime whose time, and that of its store, passes only when a test says so; timers fire in their order. */
export class FakeTime {
  readonly store = new MemoryStore();
  readonly runtime: Runtime;
  #now = 0;
  #ids = 0;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  constructor() {
    this.runtime = {
      monotonicMs: () => this.#now,
      after: (ms, run) => {
        const timer = { at: this.#now + ms, run };
        this.#timers.add(timer);
        return () => void this.#timers.delete(timer);
      },
      newId: () => testId(++this.#ids),
      wallClock: () => '2026-11-22T10:00:00.000Z',
    };
  }

  /** Timers that have been set and have neither fired nor been called off. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets this much time pass, with everything that happens in it. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await rest();
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#moveTo(Math.max(next.at, this.#now));
      next.run();
    }
    this.#moveTo(end);
    await rest();
  }

  #moveTo(now: number): void {
    this.store.advance(now - this.#now);
    this.#now = now;
  }
}

/** Everything that needs no time has happened when this resolves. */
export async function rest(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** What a promise has come to by now. */
export async function stateOf<T>(promise: Promise<T>): Promise<T | 'pending'> {
  return Promise.race([promise, rest().then(() => 'pending' as const)]);
}
