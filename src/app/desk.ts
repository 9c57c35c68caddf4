import type { Answered } from './decide.ts';
import { JointWork, limited } from './joint-work.ts';
import type { Runtime, Store } from './ports.ts';
import { RecentHolds } from './repeated-hold.ts';
import type { Round } from './round.ts';
import { Watch } from './watch.ts';

/** Below the number of connections for reading, so that those who wait leave some to those who have just come. */
const READS_AT_ONCE = 6;

/** What one replica keeps of the asks that are under way. Losing it costs work, never a decision. */
export interface Desk {
  readonly watch: Watch;
  /** Those who wait for the same answer look again together. */
  readonly rounds: JointWork<Round>;
  /** Concurrent requests with one Idempotency-Key. */
  readonly keyed: JointWork<Answered>;
  /**
   * Rounds from which somebody is writing a change of state: the others who share the round would be
   * refused, so they look again afterwards instead.
   */
  readonly writing: WeakMap<Round, Promise<unknown>>;
  readonly holds: RecentHolds;
  readonly reads: ReturnType<typeof limited>;
}

/** An empty desk, one for each process. */
export function createDesk(
  store: Pick<Store, 'revisions'>,
  runtime: Pick<Runtime, 'after'>,
  holds = new RecentHolds(),
): Desk {
  return {
    watch: new Watch(store, runtime),
    rounds: new JointWork(),
    keyed: new JointWork(),
    writing: new WeakMap(),
    holds,
    reads: limited(READS_AT_ONCE),
  };
}
