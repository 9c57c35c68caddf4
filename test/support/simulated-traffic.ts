/** Random traffic from a seed: Poisson arrivals, each bad with the same chance, by the second. */
export interface Traffic {
  /** What came within the `windowS` seconds that end at second `end`; nothing came before second 0. */
  count(end: number, windowS: number): { readonly bad: number; readonly total: number };
}

export function simulateTraffic(setup: {
  readonly seed: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly badShare: number;
}): Traffic {
  const { seed, seconds, perSecond, badShare } = setup;
  const draw = drawing(seed);
  const bad = new Uint32Array(seconds + 1);
  const total = new Uint32Array(seconds + 1);
  for (let second = 1; second <= seconds; second += 1) {
    const events = poisson(perSecond, draw);
    let failed = 0;
    for (let i = 0; i < events; i += 1) if (draw() < badShare) failed += 1;
    bad[second] = (bad[second - 1] ?? 0) + failed;
    total[second] = (total[second - 1] ?? 0) + events;
  }
  const since = (sums: Uint32Array, end: number, start: number) => (sums[end] ?? 0) - (sums[start] ?? 0);
  return {
    count(end, windowS) {
      const [to, from] = [Math.max(0, end), Math.max(0, end - windowS)];
      return { bad: since(bad, to, from), total: since(total, to, from) };
    },
  };
}

/** Knuth: multiply uniform draws until the product falls below e^−rate. For small rates. */
function poisson(rate: number, draw: () => number): number {
  const limit = Math.exp(-rate);
  let events = 0;
  for (let product = draw(); product > limit; product *= draw()) events += 1;
  return events;
}

/** mulberry32: 32 bits of state, uniform in [0, 1). */
function drawing(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
  };
}
