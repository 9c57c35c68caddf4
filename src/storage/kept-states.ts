import type { GateState } from '../app/ports.ts';
import { keepCanonical } from '../domain/audit/canonical.ts';
import { knownTo } from '../domain/lives.ts';

/** All of a state that only changes together with one of its revisions: nothing but the instant is missing. */
export type StandingState = Omit<GateState, 'now'>;

interface Kept {
  readonly state: StandingState;
  readonly since: number;
}

const MOST = 1000;
/** The state is read anew at least this often, also if somebody has changed a table by hand. */
const LONGEST_MS = 10_000;

/**
 * States as they were last read. None is used by itself: the statement that reads the revisions says
 * whether they still stand, and sends the state where they do not. Whatever changes a state raises
 * one of its revisions in the same transaction (law 5), so the same revisions are the same state: within
 * one history of the database, and in another one all of them have to be forgotten.
 */
export class KeptStates {
  readonly #monotonicMs: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  get(name: string): StandingState | null {
    const kept = this.#kept.get(name);
    if (kept === undefined) return null;
    if (this.#monotonicMs() - kept.since <= LONGEST_MS) return kept.state;
    this.#kept.delete(name);
    return null;
  }

  forget(): void {
    this.#kept.clear();
  }

  /** Takes the place of what was kept; the oldest one goes when there are too many. */
  keep(name: string, state: StandingState): StandingState {
    for (const part of [state.service, state.rules, state.rollout]) if (part !== null) keepCanonical(part);
    this.#kept.delete(name);
    this.#kept.set(name, { state, since: this.#monotonicMs() });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST && oldest !== undefined) this.#kept.delete(oldest);
    return state;
  }
}

/** The state at an instant, for a version: what people have said for a limited time, and leases of others, end without raising a revision. */
export function stateAt(state: StandingState, version: string, now: string): GateState {
  const isOver = ({ expiresAt }: StandingState['controls'][number]) => expiresAt !== null && expiresAt <= now;
  const controls = state.controls.some(isOver) ? state.controls.filter((row) => !isOver(row)) : state.controls;
  return { ...state, controls, rollout: knownTo(state.rollout, version, now), now };
}
