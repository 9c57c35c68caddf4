import { durationMs, formatDuration } from './duration.ts';
import { after, msOf } from './instant.ts';
import type { Probe, Sample } from './probe.ts';
import { recentWindows } from './recent-window.ts';
import { burnRatesOf, lastingOf, objectiveWindow, type RuleDocument, type Scope } from './rule.ts';
import { periodAt } from './slo-period.ts';

/** True for what the last minutes by themselves are named. */
export function isRecent(id: string): boolean {
  return id.startsWith('recent');
}

/** Makes a sample; `idOf` names it by its clipped length. */
type SampleAt = (at: string, wantedMs: number | null, idOf: (windowMs: number | null) => string) => Sample;

/**
 * Which windows a rule needs at which instants. The samples of limits are named by their place, as
 * they have been in every record; all others by their length, so that pairs that share a window,
 * perhaps only because the evidence floor cut both, share its question. `scrapeIntervalMs` is null in
 * the first edition of facts.
 */
export function windowsPlan(
  rule: RuleDocument,
  scope: Scope,
  now: string,
  scrapeIntervalMs: number | null,
  sampleAt: SampleAt,
): Pick<Probe, 'samples' | 'recent' | 'burns' | 'period'> {
  const { limits } = rule;
  const known = new Map<string, Sample>();
  const keep = (sample: Sample): Sample => {
    const key = `${sample.at} ${sample.windowMs}`;
    const first = known.get(key) ?? sample;
    known.set(key, first);
    return first;
  };
  const limitMs = limits?.window === undefined ? null : durationMs(limits.window);
  const limitAt = limits === undefined ? [] : instantsOf(rule, scope, now, limits.rollback !== undefined);
  const samples = limitAt.map((at, i) => keep(sampleAt(at, limitMs, () => String(i))));
  const burnAt = (at: string, i: number, window: string): Sample =>
    keep(sampleAt(at, durationMs(window), (ms) => `${formatDuration(ms ?? 0)}${i === 0 ? '' : `-${i}`}`));
  const burns = burnRatesOf(rule).map((pair) => {
    const instants = instantsOf(rule, scope, now, pair.verdict === 'rollback');
    const over = (window: string) => instants.map((at, i) => burnAt(at, i, window));
    return { pair, long: over(pair.long), short: over(pair.short) };
  });
  return {
    samples,
    recent: scope === 'service' ? null : recentWindows(rule, scrapeIntervalMs, (ms, id) => sampleAt(now, ms, () => id)),
    burns,
    period: periodSample(rule, now, sampleAt, keep),
  };
}

function instantsOf(rule: RuleDocument, scope: Scope, now: string, rollsBack: boolean): readonly string[] {
  if (scope === 'service' || !rollsBack) return [now];
  const lasting = durationMs(lastingOf(rule));
  return [now, after(now, -lasting / 2), after(now, -lasting)];
}

/** A calendar period is looked at from its beginning; the wanted length is the whole of it. */
function periodSample(
  rule: RuleDocument,
  now: string,
  sampleAt: SampleAt,
  keep: (sample: Sample) => Sample,
): Sample | null {
  if (rule.budget === undefined || rule.objective === undefined) return null;
  const window = objectiveWindow(rule.objective);
  const { start, end } = periodAt(window, now);
  const sample = sampleAt(now, msOf(now) - msOf(start), () => 'period');
  return typeof window === 'string' ? keep(sample) : { ...sample, wantedMs: msOf(end) - msOf(start) };
}
