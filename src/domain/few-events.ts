import { durationMs } from './duration.ts';
import { type Evidence, type Finding, holds, passes } from './finding.ts';
import { after, msOf } from './instant.ts';
import { longestSample, type Probe, type Sample, windowText } from './probe.ts';
import { atWorst, type Counts, countsOf, type Readings } from './reading.ts';
import { breaches, countsEvents, minBadOf, minEventsOf, objectiveWindow } from './rule.ts';
import { numberText } from './rule-evidence.ts';
import type { Scene } from './scene.ts';
import { burnOf } from './slo-reading.ts';

/**
 * What a ratio says while it has seen too little to say anything: how much is missing and how long
 * that takes at the present rate. Null when there is enough. A release may be let go without an answer
 * only when its rule says so, and only with some traffic and nothing bad in it.
 */
export function tooFewEvents(scene: Scene, probe: Probe, readings: Readings, evidence: Evidence): Finding | null {
  if (!countsEvents(probe.rule.indicator)) return null;
  const minEvents = minEventsOf(probe.rule);
  const sample = decidingSample(probe, readings, minEvents);
  const counts = countsOf(readings, sample);
  if (sample === undefined || counts === null || counts.total >= minEvents) return null;
  const { perMs, expected } = paceOf(scene.at, probe, sample, counts.total);
  const reachable = expected >= minEvents;
  const missing = minEvents - counts.total;
  const waitMs = Math.ceil(missing / perMs);
  const detail = {
    ...evidence,
    ...(probe.rule.objective === undefined ? {} : { counted: countedIn(sample, counts) }),
    harmful: isHarmful(probe, readings),
    minEvents: String(minEvents),
    missing: String(Math.ceil(missing)),
    reachable,
    waitSeconds: reachable ? String(Math.ceil(waitMs / 1000)) : null,
  };
  const byData = reachable ? after(scene.at, waitMs) : undefined;
  return withoutAnswer(scene, probe, counts, detail, byData);
}

/** The longest window; but a calendar period that has just begun is not made up for by windows that reach back further. */
function decidingSample(probe: Probe, readings: Readings, minEvents: number): Sample | undefined {
  const { objective } = probe.rule;
  const calendar = objective !== undefined && typeof objectiveWindow(objective) !== 'string';
  const begun = calendar ? countsOf(readings, probe.period) : null;
  return begun !== null && begun.total < minEvents ? (probe.period ?? undefined) : longestSample(probe);
}

/**
 * How events come: per millisecond since the release went live or the window began, and how many the
 * whole window will hold when they go on like that.
 */
export function paceOf(
  at: string,
  { life }: Probe,
  { windowMs, wantedMs }: Sample,
  total: number,
): { readonly perMs: number; readonly expected: number } {
  const seenMs = life?.liveAt == null ? Number.POSITIVE_INFINITY : msOf(at) - msOf(life.liveAt);
  const perMs = total / Math.max(1000, Math.min(windowMs ?? 0, seenMs));
  return { perMs, expected: perMs * (wantedMs ?? 0) };
}

function countedIn(sample: Sample, { bad, total }: Counts): Evidence {
  return { window: windowText(sample), bad: numberText(bad), total: numberText(total) };
}

/** Few events that are bad all the same: too few to judge by, too many to overlook. */
function isHarmful(probe: Probe, readings: Readings): boolean {
  const { limits } = probe.rule;
  const worstOf = (sample: Sample | undefined): Counts | null => {
    const counts = countsOf(readings, sample);
    return counts === null ? null : atWorst(counts);
  };
  const now = worstOf(probe.samples[0]);
  const beyond = now !== null && (breaches(now.value, limits?.hold) || breaches(now.value, limits?.rollback));
  const enough = (counts: Counts | null) => counts !== null && counts.bad >= minBadOf(probe.rule);
  const burning = probe.burns.some(({ pair, long }) => {
    const counts = worstOf(long[0]);
    return enough(counts) && (burnOf(probe, counts) ?? 0) > pair.factor;
  });
  return (beyond && enough(now)) || burning;
}

/** `uncertain`: baked so long, some traffic and nothing bad is tolerated, and is no evidence. */
function withoutAnswer(
  scene: Scene,
  probe: Probe,
  counts: Counts,
  detail: Evidence,
  byData: string | undefined,
): Finding {
  const subject = { check: 'rule', rule: probe.name, ring: probe.ring.name } as const;
  const promoteAfter = probe.rule.uncertain?.['too-few-events']?.promoteAfter;
  const liveAt = probe.life?.liveAt;
  if (promoteAfter === undefined || liveAt == null) return holds(subject, 'too-few-events', 'by-data', detail, byData);
  const evidence = { ...detail, promoteAfter, liveAt };
  if (atWorst(counts).bad > 0 || counts.total === 0)
    return holds(subject, 'too-few-events', 'by-data', evidence, byData);
  const tolerableAt = after(liveAt, durationMs(promoteAfter));
  if (tolerableAt <= scene.at) return passes(subject, 'tolerated', { ...evidence, tolerated: 'too-few-events' });
  const soonest = byData !== undefined && byData < tolerableAt ? byData : tolerableAt;
  return holds(
    subject,
    'too-few-events',
    soonest === byData ? 'by-data' : 'by-time',
    { ...evidence, tolerableAt },
    soonest,
  );
}
