/** Chances that fall the same way every time for the same seed. */
export interface Dice {
  /** A whole number from 0 to below `n`. */
  below(n: number): number;
  /** True in about this share of throws, 0–1. */
  chance(share: number): boolean;
  pick<T>(from: readonly T[]): T;
}

/** The mulberry32 generator: 32 bits of state are enough to choose among cases. */
export function diceFrom(seed: number): Dice {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (n: number) => Math.floor(next() * n);
  return {
    below,
    chance: (share) => next() < share,
    pick(from) {
      if (from.length === 0) throw new Error('nothing to pick from');
      return from[below(from.length)] as (typeof from)[number];
    },
  };
}
