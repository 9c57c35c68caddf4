import { DAY_MS, type LocalMs } from './local-time.ts';

/** When something begins, in local time. Whoever asks for at most `stepMs` at once gets a few thousand starts at most. */
export interface Starts {
  /** None is before. */
  readonly first: LocalMs;
  /** None is after. */
  readonly last: LocalMs;
  /** When the rule ends at an instant instead of a local time: no start after it counts. In ms since the epoch. */
  readonly lastInstant: number;
  /** Local milliseconds. */
  readonly stepMs: number;
  /** The starts from `from` until just before `to`, asked within first and last; null when it takes too much work. */
  readonly between: (from: LocalMs, to: LocalMs) => readonly LocalMs[] | null;
}

const STARTS_PER_STEP = 2500;
/** One every five minutes. More would be asked of every decision, and no freeze needs it. */
const MOST_PER_DAY = 288;

/** How far one step may go when at most `perDay` starts lie in a day, in local milliseconds. */
export function stepFor(perDay: number): number {
  return Math.max(1, Math.floor(STARTS_PER_STEP / perDay)) * DAY_MS;
}

/** What is wrong with a rule by which up to `perDay` windows begin in a day, in sentences. */
export function densityMistakes(perDay: number): readonly string[] {
  if (perDay <= MOST_PER_DAY) return [];
  return [
    `up to ${perDay} windows would begin in a day: at most ${MOST_PER_DAY} may. Make it coarser, and each longer`,
  ];
}
