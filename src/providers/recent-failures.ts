import { CircuitState, type IBreaker } from 'cockatiel';

export const FAILURES = 5;
const WITHIN_MS = 10_000;

/**
 * Opens at the fifth failure in a row within ten seconds. One answer in between shows that the
 * provider is there, so a few queries that always fail do not take it from everybody else. (The
 * library's sampling breaker drops one old window per call, so it may count failures of long ago.)
 */
export class RecentFailures implements IBreaker {
  readonly #monotonicMs: () => number;
  #failedAt: number[] = [];
  /** For serialization, which ringgate does not use. */
  state: unknown = null;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  success(): void {
    this.#failedAt = [];
  }

  failure(state: CircuitState): boolean {
    if (state === CircuitState.HalfOpen) return true;
    const now = this.#monotonicMs();
    this.#failedAt = [...this.#failedAt.filter((at) => now - at < WITHIN_MS), now];
    if (this.#failedAt.length < FAILURES) return false;
    this.#failedAt = [];
    return true;
  }
}
