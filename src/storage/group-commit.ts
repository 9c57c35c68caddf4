import type { Commit, CommitOutcome } from '../app/ports.ts';
import { unavailable } from './engine.ts';

export interface GroupCommitOptions {
  /** Writes one batch in one transaction; the outcomes are in the order of the commits. */
  readonly write: (commits: readonly Commit[]) => Promise<readonly Outcome[]>;
  /** Runs between two batches; must not reject. */
  readonly afterBatch: () => Promise<void>;
  readonly monotonicMs: () => number;
  readonly onBatch?: ((size: number) => void) | undefined;
}

/** `unknown`: the connection was lost during COMMIT and the entry was not found afterwards. */
export type Outcome = CommitOutcome | 'unknown';

interface Waiting {
  readonly commit: Commit;
  readonly since: number;
  readonly resolve: (outcome: CommitOutcome) => void;
  readonly reject: (error: unknown) => void;
}

const BATCH = 256;
const MOST_WAITING = 2048;
/** Longer than this nobody waits any more: the answer has gone out as a hold, and must not be recorded behind it. */
const LONGEST_WAIT_MS = 2000;
/** How long a failed batch may be taken apart before the rest of it is given up. */
const LONGEST_RETRY_MS = 2000;

/**
 * Group commit: one batch flies at a time, and the next one forms while it does. A commit costs a
 * disk sync however many share it. One that the database refuses must not take its neighbours
 * along, so a batch that failed is written again one by one, and each gets its own answer.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #queue: Waiting[] = [];
  #flight: Promise<void> | null = null;
  #closed = false;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  append(commit: Commit): Promise<CommitOutcome> {
    if (this.#closed || this.#queue.length >= MOST_WAITING) return Promise.reject(unavailable());
    return new Promise((resolve, reject) => {
      this.#queue.push({ commit, since: this.#options.monotonicMs(), resolve, reject });
      this.#flight ??= this.#fly();
    });
  }

  /** Takes nothing new, and resolves when everything taken before has its answer. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#flight;
  }

  async #fly(): Promise<void> {
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#punctual(this.#queue.splice(0, BATCH));
      if (batch.length === 0) continue;
      this.#options.onBatch?.(batch.length);
      await this.#settle(batch);
      await this.#options.afterBatch();
    }
    this.#flight = null;
  }

  #punctual(batch: readonly Waiting[]): readonly Waiting[] {
    const now = this.#options.monotonicMs();
    const late = batch.filter((one) => now - one.since > LONGEST_WAIT_MS);
    for (const one of late) one.reject(unavailable());
    return late.length === 0 ? batch : batch.filter((one) => !late.includes(one));
  }

  async #settle(batch: readonly Waiting[]): Promise<void> {
    try {
      answer(batch, await this.#options.write(batch.map((one) => one.commit)));
    } catch (error) {
      if (batch.length === 1) for (const one of batch) one.reject(unavailable(error));
      else await this.#settleOneByOne(batch, error);
    }
  }

  async #settleOneByOne(batch: readonly Waiting[], error: unknown): Promise<void> {
    const begun = this.#options.monotonicMs();
    for (const one of batch) {
      if (this.#options.monotonicMs() - begun > LONGEST_RETRY_MS) one.reject(unavailable(error));
      else await this.#settle([one]);
    }
  }
}

function answer(batch: readonly Waiting[], outcomes: readonly Outcome[]): void {
  for (const [i, one] of batch.entries()) {
    const outcome = outcomes[i];
    if (outcome === undefined || outcome === 'unknown') one.reject(unavailable());
    else one.resolve(outcome);
  }
}
