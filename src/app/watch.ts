import type { Revisions, Runtime, Store } from './ports.ts';

/** Why somebody who waited goes on: the state has changed, their time has come, the service stops, or they went away. */
export type Woken = 'changed' | 'time' | 'released' | 'gone';

const LOOK_EVERY_MS = 250;
const MOST_WAITING = 5000;

interface Sleeper {
  readonly known: Revisions;
  readonly wake: (why: Woken) => void;
}

/**
 * Watches the store for all who wait on this replica: one cheap statement for every scope that
 * somebody waits for, never two at once, and none while nobody waits. Polling, because a notification
 * of the database would cost every write of every replica. A store that does not answer wakes nobody.
 */
export class Watch {
  readonly #store: Pick<Store, 'revisions'>;
  readonly #after: Runtime['after'];
  readonly #most: number;
  readonly #sleepers = new Set<Sleeper>();
  #places = 0;
  #looking = false;
  #released = false;

  constructor(store: Pick<Store, 'revisions'>, runtime: Pick<Runtime, 'after'>, most = MOST_WAITING) {
    this.#store = store;
    this.#after = runtime.after;
    this.#most = most;
  }

  /** How many have a place. */
  get size(): number {
    return this.#places;
  }

  /** Takes a place and gives the function that leaves it; null when there are too many, or the service stops. */
  enter(): (() => void) | null {
    if (this.#released || this.#places >= this.#most) return null;
    this.#places += 1;
    return () => {
      this.#places -= 1;
    };
  }

  /** Sleeps until a scope has a higher number than the one that is known, or the history is another one, but no longer than `withinMs`. */
  sleep(known: Revisions, withinMs: number, signal: AbortSignal): Promise<Woken> {
    if (signal.aborted) return Promise.resolve('gone');
    if (this.#released) return Promise.resolve('released');
    return new Promise((resolve) => {
      const wake = (why: Woken) => {
        this.#sleepers.delete(sleeper);
        signal.removeEventListener('abort', gone);
        cancel();
        resolve(why);
      };
      const gone = () => wake('gone');
      const sleeper = { known, wake };
      const cancel = this.#after(withinMs, () => wake('time'));
      signal.addEventListener('abort', gone, { once: true });
      this.#sleepers.add(sleeper);
      this.#keepLooking();
    });
  }

  /** From now on nobody waits, and those who do go on at once. */
  release(): void {
    this.#released = true;
    for (const sleeper of this.#sleepers) sleeper.wake('released');
  }

  #keepLooking(): void {
    if (this.#looking || this.#sleepers.size === 0) return;
    this.#looking = true;
    this.#after(LOOK_EVERY_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    const scopes = new Set([...this.#sleepers].flatMap(({ known }) => Object.keys(known)));
    const found = scopes.size === 0 ? {} : await this.#store.revisions([...scopes].sort()).catch(() => ({}));
    for (const { known, wake } of this.#sleepers) {
      if (isNewer(found, known)) wake('changed');
    }
    this.#looking = false;
    this.#keepLooking();
  }
}

/** Who fell asleep while the store was asked may know more than its answer. In another history nobody does. */
function isNewer(found: Revisions, known: Revisions): boolean {
  return isOther(found, known) || Object.entries(known).some(([scope, n]) => (found[scope] ?? 0) > n);
}

function isOther({ history: found = 0 }: Revisions, { history: known = 0 }: Revisions): boolean {
  return found !== 0 && known !== 0 && found !== known;
}
