import { JointWork, limited } from './joint-work.ts';
import type { Runtime, Store } from './ports.ts';
import type { Round } from './round.ts';
import { Watch } from './watch.ts';

/** Below the number of connections for reading, so that those who wait leave some to those who have just come. */
const READS_AT_ONCE = 6;

/** What one replica keeps of the asks that are under way. Losing it costs work, never a decision. */
export interface Desk {
  readonly watch: Watch;
  /** Those who wait for the same answer look again together. */
  readonly rounds: JointWork<Round>;
  readonly reads: ReturnType<typeof limited>;
}

/** An empty desk, one for each process. */
export function createDesk(store: Pick<Store, 'revisions'>, runtime: Pick<Runtime, 'after'>): Desk {
  return { watch: new Watch(store, runtime), rounds: new JointWork(), reads: limited(READS_AT_ONCE) };
}
