import { type Engine, unavailable } from './engine.ts';

/** The scope under which the number of a history stands among the revisions; 0 is none. */
export const HISTORY = 'history';

/** SQL for the number of the history that the database is in; 0 where it has to be given one first. */
export const HISTORY_NOW = 'coalesce(history_now(), 0)';

const NONE = 0;

const READ = { name: 'history', text: `select ${HISTORY_NOW}::text as n`, values: [] };

/** Whoever met a database of another history than the one that was known last. */
export class OtherHistory extends Error {}

/**
 * The history that everything cached belongs to, as the connections for reading have seen it last. A failover or a
 * restore begins another one, in which the same revisions are another state. Readers and writers that meet different
 * ones are on different servers, such as an old primary that nobody has stopped: then all connections are left.
 */
export class History {
  readonly #engine: Engine;
  readonly #forget: () => void;
  #seen = NONE;

  /** `forget` drops what is cached. */
  constructor(engine: Engine, forget: () => void) {
    this.#engine = engine;
    this.#forget = forget;
    engine.onLost(() => this.forget());
  }

  /** The number that was read last; 0 when nothing is known. */
  get seen(): number {
    return this.#seen;
  }

  forget(): void {
    this.#seen = NONE;
    this.#forget();
  }

  /** What was read belongs to this history. @throws OtherHistory where there is none. */
  enter(n: number): void {
    if (n === NONE) throw new OtherHistory();
    if (n !== this.#seen) this.forget();
    this.#seen = n;
  }

  /** Looks where reading leads to when that is not known, so that what nobody has read for is not written elsewhere. */
  async look(): Promise<void> {
    if (this.#seen !== NONE) return;
    const rows = await this.#engine.read<{ n: string }>(READ).catch(() => []);
    if (rows[0] !== undefined) this.enter(Number(rows[0].n));
  }

  /** What is written would belong to this history. @throws OtherHistory when readers see another one, or there is none. */
  require(n: number): void {
    if (n === NONE || (this.#seen !== NONE && n !== this.#seen)) throw new OtherHistory();
  }

  /**
   * Whether reading and writing lead to one history. If not, goes where the address leads to now: nobody asks a gate
   * that is not ready, so it has to find the way by itself.
   */
  async isOne(): Promise<boolean> {
    const [[written], [read]] = await Promise.all([
      this.#engine.check<{ n: string }>(READ),
      this.#engine.read<{ n: string }>(READ),
    ]);
    if (written?.n === read?.n) return true;
    await this.leave();
    return false;
  }

  /** Does the work, and where it meets another history does it once more on new connections. */
  async within<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof OtherHistory)) throw error;
    }
    await this.leave();
    try {
      return await work();
    } catch (error) {
      throw error instanceof OtherHistory ? unavailable(error) : error;
    }
  }

  /** Goes to whatever the address leads to now, and gives that database a number where it needs one. */
  async leave(): Promise<void> {
    this.forget();
    this.#engine.reconnect();
    try {
      await this.renew();
    } catch (error) {
      throw unavailable(error);
    }
  }

  async renew(): Promise<void> {
    await this.#engine.transact(async () => [{ text: 'select renew_history()', values: [] }]);
  }
}
