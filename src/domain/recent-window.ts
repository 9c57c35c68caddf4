import { durationMs } from './duration.ts';
import type { RecentWindows, Sample } from './probe.ts';
import { burnRatesOf, lastingOf, type RuleDocument } from './rule.ts';

/**
 * Whether a breach goes on, or is over, shows in the last minutes by themselves. They can be read only
 * when every series has two samples in them, and how far apart samples are is known only with the
 * answers. So up to three windows are asked at once, and picked from when they have been read: not
 * knowing whether it goes on is no rollback.
 */
export type Recent =
  | { readonly kind: 'read'; readonly sample: Sample; readonly distanceMs: number | null }
  /** The rule's own windows are as short as one that can be read; `sample` is what was looked at and is for show. */
  | { readonly kind: 'own'; readonly sample: Sample | null; readonly distanceMs: number | null }
  /** None could be read; `tooFar` when samples are known to lie too far apart for all of them. */
  | {
      readonly kind: 'unread';
      readonly sample: Sample;
      readonly distanceMs: number | null;
      readonly tooFar: boolean;
    };

/** Scrapes are never exactly as far apart as they are meant to be. */
const JITTER_MS = 1000;

/** The shortest window that has two samples of every series whatever the phase. */
export function leastWindowMs(distanceMs: number): number {
  return 2 * distanceMs + JITTER_MS;
}

/** The windows to ask; null for what cannot roll back, and where the rule's own window is not longer. */
export function recentWindows(
  rule: RuleDocument,
  scrapeIntervalMs: number | null,
  sampleOf: (windowMs: number, id: string) => Sample,
): RecentWindows | null {
  const ownMs = ownWindowMs(rule);
  const wanted = scrapeIntervalMs === null ? firstEdition(rule) : laterEditions(rule, scrapeIntervalMs);
  const samples = wanted.filter((ms) => ms < ownMs).map((ms, i) => sampleOf(ms, i === 0 ? 'recent' : `recent-${i}`));
  if (samples.length === 0) return null;
  const endsInOwn = scrapeIntervalMs === null || samples.length < wanted.length;
  return { samples, ownMs, endsInOwn, scrapeIntervalMs };
}

/** Half of `for`, and nothing else: where it could not be read the rule's own windows decided alone. */
function firstEdition(rule: RuleDocument): readonly number[] {
  const half = durationMs(lastingOf(rule)) / 2;
  return half >= 1000 ? [half] : [];
}

/** Half of `for` or two samples, whichever is longer; then the whole of it, then twice. */
function laterEditions(rule: RuleDocument, scrapeIntervalMs: number): readonly number[] {
  const lasting = durationMs(lastingOf(rule));
  const first = Math.max(lasting / 2, leastWindowMs(scrapeIntervalMs));
  return [first, ...[lasting, 2 * lasting].map((ms) => ms + JITTER_MS).filter((ms) => ms > first)];
}

/** The shortest window by which the rule may roll back; 0 for what cannot. */
function ownWindowMs(rule: RuleDocument): number {
  const { limits } = rule;
  if (limits?.rollback !== undefined) return limits.window === undefined ? 0 : durationMs(limits.window);
  const pairs = burnRatesOf(rule).filter((pair) => pair.verdict === 'rollback');
  return pairs.length === 0 ? 0 : Math.min(...pairs.map((pair) => durationMs(pair.short)));
}

/** The shortest window that has been read and has two samples; `distanceMs` is null where it could not be measured. */
export function pickRecent(
  windows: RecentWindows | null,
  isRead: (sample: Sample) => boolean,
  distanceMs: number | null,
): Recent {
  if (windows === null) return { kind: 'own', sample: null, distanceMs };
  const { samples, scrapeIntervalMs } = windows;
  const leastMs = scrapeIntervalMs === null ? 0 : leastWindowMs(distanceMs ?? scrapeIntervalMs);
  const enough = samples.filter(({ windowMs }) => (windowMs ?? 0) >= leastMs);
  const sample = enough.find(isRead);
  if (sample !== undefined) return { kind: 'read', sample, distanceMs };
  const longest = samples.at(-1) as Sample;
  if (windows.endsInOwn || leastMs >= windows.ownMs) return { kind: 'own', sample: longest, distanceMs };
  return { kind: 'unread', sample: longest, distanceMs, tooFar: (longest.wantedMs ?? 0) < leastMs };
}
