/**
 * Work that many want at once and that is worth doing once. Whoever asks before it begins shares it;
 * whoever asks while it is being done shares the next one, so that nobody is given what was read
 * before they asked. For one key never more than one runs and one waits.
 */
export class JointWork<T> {
  readonly #lines = new Map<string, { next: Job<T> | null }>();
  readonly #kept = new Map<string, { count: number; latest: T | null }>();

  /** Keeps the latest result of the key until everybody who stays has left, by the function that this gives. */
  stay(key: string): () => void {
    const kept = this.#kept.get(key) ?? { count: 0, latest: null };
    this.#kept.set(key, kept);
    kept.count += 1;
    return () => {
      kept.count -= 1;
      if (kept.count === 0) this.#kept.delete(key);
    };
  }

  /** `work` is given the latest result that is kept. */
  run(key: string, work: (latest: T | null) => Promise<T>): Promise<T> {
    const line = this.#lines.get(key) ?? this.#open(key);
    line.next ??= { ...Promise.withResolvers<T>(), work };
    return line.next.promise;
  }

  #open(key: string): { next: Job<T> | null } {
    const line = { next: null };
    this.#lines.set(key, line);
    void this.#serve(key, line);
    return line;
  }

  async #serve(key: string, line: { next: Job<T> | null }): Promise<void> {
    await Promise.resolve();
    while (line.next !== null) {
      const { work, resolve, reject } = line.next;
      line.next = null;
      await this.#remembered(key, work).then(resolve, reject);
    }
    this.#lines.delete(key);
  }

  async #remembered(key: string, work: Job<T>['work']): Promise<T> {
    const result = await work(this.#kept.get(key)?.latest ?? null);
    const kept = this.#kept.get(key);
    if (kept !== undefined) kept.latest = result;
    return result;
  }
}

interface Job<T> {
  readonly work: (latest: T | null) => Promise<T>;
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Lets at most `most` works run at once; the others begin in the order in which they came. */
export function limited(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < most) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
