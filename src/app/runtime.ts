/** Monotonic milliseconds for measuring durations, timers, and new ids. Decisions take their time from the store. */
export interface Runtime {
  monotonicMs(): number;
  /** Runs it once after so many milliseconds; gives the function that calls it off. */
  after(ms: number, run: () => void): () => void;
  /** UUID v7. */
  newId(): string;
  /** RFC 3339 UTC; only for answers that could not reach the store, and never for judging. */
  wallClock(): string;
}
