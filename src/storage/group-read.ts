import { unavailable } from './engine.ts';

interface Waiting<K, V> {
  readonly key: K;
  readonly since: number;
  readonly resolve: (value: V) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupReadOptions<K, V> {
  /** One statement for all of these, which differ; the values in the order of the keys. */
  readonly read: (keys: readonly K[]) => Promise<readonly V[]>;
  /** Equal for keys that ask for the same. */
  readonly nameOf: (key: K) => string;
  readonly monotonicMs: () => number;
}

const AT_ONCE = 1;
/** Few enough that the first of a crowd are judged while the state of the next ones is read. */
const MOST_KEYS = 64;
const MOST_WAITING = 2048;
const LONGEST_WAIT_MS = 2000;

/**
 * Many callers share one round trip, which costs more than what is read. A caller is only ever served
 * by a statement that was sent after it came: what was changed and acknowledged before it asked, it
 * sees. Nothing is kept.
 */
export class GroupRead<K, V> {
  readonly #options: GroupReadOptions<K, V>;
  #waiting: Waiting<K, V>[] = [];
  #flights = 0;

  constructor(options: GroupReadOptions<K, V>) {
    this.#options = options;
  }

  get(key: K): Promise<V> {
    if (this.#waiting.length >= MOST_WAITING) return Promise.reject(unavailable());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, since: this.#options.monotonicMs(), resolve, reject });
      if (this.#flights < AT_ONCE) void this.#fly();
    });
  }

  async #fly(): Promise<void> {
    this.#flights += 1;
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#serve(this.#punctual(this.#waiting.splice(0, MOST_KEYS)));
    this.#flights -= 1;
  }

  #punctual(batch: readonly Waiting<K, V>[]): readonly Waiting<K, V>[] {
    const now = this.#options.monotonicMs();
    const late = new Set(batch.filter((one) => now - one.since > LONGEST_WAIT_MS));
    for (const one of late) one.reject(unavailable());
    return batch.filter((one) => !late.has(one));
  }

  async #serve(batch: readonly Waiting<K, V>[]): Promise<void> {
    if (batch.length === 0) return;
    const { nameOf, read } = this.#options;
    const keys = new Map(batch.map(({ key }) => [nameOf(key), key]));
    try {
      const values = await read([...keys.values()]);
      const found = new Map([...keys.keys()].map((name, i) => [name, values[i] as V]));
      for (const one of batch) one.resolve(found.get(nameOf(one.key)) as V);
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  }
}
