import { allowedShare, type Events } from './slo.ts';

/** What was counted over the last `windowMs` milliseconds. */
export interface Lately extends Events {
  readonly windowMs: number;
}

/**
 * Milliseconds until at least the share `wanted` of a rolling period's budget is left again, an
 * estimate: new events come as in `present`, and old ones leave at the period's other end as if those
 * between two known windows were spread evenly. So each further window that is known makes it better.
 * Null when it does not recover at the present rate: after a whole period nothing else is left.
 *
 * With B(w), T(w) the counts of the last w, b and t the present ones per millisecond, P the period and
 * a = (1 − wanted)(1 − target): the first x with B(P − x) + b·x ≤ a·(T(P − x) + t·x). Both sides are
 * linear between the instants at which the period's end passes the edge of a known window.
 */
export function timeToRollingRecovery(
  windows: readonly Lately[],
  present: Lately,
  { target, wanted }: { readonly target: number; readonly wanted: number },
): number | null {
  const allowed = (1 - wanted) * allowedShare(target);
  const excessOf = ({ bad, total }: Events) => bad - allowed * total;
  const known = ascending(windows);
  const periodMs = known.at(-1)?.windowMs ?? 0;
  const perMs = excessOf(present) / present.windowMs;
  const edges = [...known].reverse().map(({ windowMs }) => periodMs - windowMs);
  const after = (ms: number) => excessOf(within(known, periodMs - ms)) + perMs * ms;
  for (const [i, from] of edges.entries()) {
    const to = edges[i + 1] ?? periodMs;
    const [before, then] = [after(from), after(to)];
    if (before <= 0) return from;
    if (then <= 0) return from + ((to - from) * before) / (before - then);
  }
  return null;
}

/** By length, each once; counts never fall with it, though those of extrapolated windows may. */
function ascending(windows: readonly Lately[]): readonly Lately[] {
  const longest = [...new Map(windows.map((each) => [each.windowMs, each])).values()].sort(
    (a, b) => b.windowMs - a.windowMs,
  );
  let most: Events = { bad: Number.POSITIVE_INFINITY, total: Number.POSITIVE_INFINITY };
  const bounded = longest.map(({ windowMs, bad, total }) => {
    most = { bad: Math.min(bad, most.bad), total: Math.min(total, most.total) };
    return { windowMs, ...most };
  });
  return bounded.reverse();
}

/** The counts of the last `ms`, read off a straight line between the windows around it. */
function within(known: readonly Lately[], ms: number): Events {
  const i = known.findIndex(({ windowMs }) => windowMs >= ms);
  const longer = known[i];
  if (longer === undefined) return { bad: 0, total: 0 };
  const shorter = known[i - 1] ?? { windowMs: 0, bad: 0, total: 0 };
  const share = (ms - shorter.windowMs) / (longer.windowMs - shorter.windowMs);
  const between = (a: number, b: number) => a + share * (b - a);
  return { bad: between(shorter.bad, longer.bad), total: between(shorter.total, longer.total) };
}
