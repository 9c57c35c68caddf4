import { durationMs } from '../duration.ts';
import { type Finding, holds, passes, reverts } from '../finding.ts';
import { freshnessOf } from '../freshness.ts';
import { after, msOf } from '../instant.ts';
import type { Probe } from '../probes.ts';
import { type Answers, type Counts, type Reading, type Readings, readAll } from '../reading.ts';
import { obstaclesTo } from '../rollback-proof.ts';
import { breaches, minBadOf } from '../rule.ts';
import { scopeOf } from '../rule-check.ts';
import { evidenceOf } from '../rule-evidence.ts';
import { isOpenRequirement, type Scene } from '../scene.ts';
import { isSettled } from '../settled.ts';

/** For plain limits, which have no objective to derive it from. */
const DEFAULT_MIN_EVENTS = 100;

/** One finding for every rule and ring that was measured, and one for each rule that has nothing to say yet. */
export function checkRules(scene: Scene, probes: readonly Probe[], answers: Answers): readonly Finding[] {
  return scene.situation.rules.flatMap(({ name, rule }) => {
    const asked = probes.filter((probe) => probe.name === name);
    const findings = asked.map((probe) => counted(scene, probe, judge(scene, probe, answers)));
    if (findings.length > 0) return findings;
    const idle = passes({ check: 'rule', rule: name }, 'not-applicable', { scope: scopeOf(rule, scene.plan) });
    return [rule.mode === 'observe' ? { ...idle, countedAs: null } : idle];
  });
}

function judge(scene: Scene, probe: Probe, answers: Answers): Finding {
  const subject = { check: 'rule', rule: probe.name, ring: probe.ring.name } as const;
  const { scope } = probe;
  const sample = probe.samples[0];
  if (sample === undefined) {
    return holds(subject, 'invalid-rule', 'by-person', {
      scope,
      detail: `the provider ${probe.rule.indicator.provider} is not configured for ${probe.ring.name}`,
    });
  }
  const readings = readAll(probe, answers);
  const now = readings.readings[0] as Reading;
  if ('unknown' in now) {
    const { cause, clears, detail } = now.unknown;
    return holds(subject, cause, clears, { ...evidenceOf(probe, readings, answers), ...detail });
  }
  const fresh = freshnessOf(probe, answers);
  const evidence = evidenceOf(probe, readings, answers);
  if ('unknown' in fresh)
    return holds(subject, fresh.unknown.cause, fresh.unknown.clears, { ...evidence, ...fresh.unknown.detail });
  const known = { ...evidence, age: String(fresh.age) };
  return tooFew(scene, probe, now.counts, known) ?? verdictOn(scene, probe, readings, now.counts, known);
}

function tooFew(scene: Scene, probe: Probe, counts: Counts, evidence: Finding['evidence']): Finding | null {
  const minEvents = probe.rule.minEvents ?? DEFAULT_MIN_EVENTS;
  if (probe.rule.indicator.kind !== 'ratio' || counts.total >= minEvents) return null;
  const windowMs = probe.samples[0]?.windowMs ?? 0;
  const since = probe.life?.liveAt == null ? windowMs : msOf(scene.at) - msOf(probe.life.liveAt);
  const perMs = counts.total / Math.max(1000, Math.min(windowMs, since));
  const missing = minEvents - counts.total;
  const waitMs = missing / perMs;
  const reachable = perMs * durationMs(probe.rule.limits.window ?? '0s') >= minEvents;
  const subject = { check: 'rule', rule: probe.name, ring: probe.ring.name } as const;
  const { hold, rollback } = probe.rule.limits;
  const harmful =
    counts.bad >= minBadOf(probe.rule) && (breaches(counts.value, hold) || breaches(counts.value, rollback));
  const detail = {
    ...evidence,
    harmful,
    minEvents: String(minEvents),
    missing: String(Math.ceil(missing)),
    reachable,
    waitSeconds: reachable ? String(Math.ceil(waitMs / 1000)) : null,
  };
  return holds(
    subject,
    'too-few-events',
    'by-data',
    detail,
    reachable ? after(scene.at, Math.ceil(waitMs)) : undefined,
  );
}

function verdictOn(
  scene: Scene,
  probe: Probe,
  readings: Readings,
  counts: Counts,
  evidence: Finding['evidence'],
): Finding {
  const subject = { check: 'rule', rule: probe.name, ring: probe.ring.name } as const;
  const { hold, rollback } = probe.rule.limits;
  if (breaches(counts.value, rollback)) {
    const obstacles = obstaclesTo(scene, probe, readings);
    const proof = { ...evidence, obstacles };
    if (obstacles.length > 0) return holds(subject, 'objective-at-risk', 'by-data', proof);
    if (isSettled(scene)) return holds(subject, 'objective-breached', 'by-data', { ...proof, settled: true });
    return reverts(subject, 'objective-breached', proof);
  }
  if (breaches(counts.value, hold)) return holds(subject, 'objective-at-risk', 'by-data', evidence);
  return passes(subject, 'objective-met', evidence);
}

/** What a rule's finding counts as: less by its mode, and not at all where the ring's evidence is not asked for. */
function counted(scene: Scene, probe: Probe, finding: Finding): Finding {
  if (probe.rule.mode === 'observe') return { ...finding, countedAs: null };
  if (probe.rule.mode === 'hold-only' && finding.verdict === 'rollback')
    return { ...finding, countedAs: 'hold', clears: 'by-data' };
  if (probe.scope === 'service' || isOpenRequirement(scene, probe.ring.name)) return finding;
  return isMerelyQuiet(scene, probe, finding) ? { ...finding, countedAs: null } : finding;
}

/**
 * In rings whose evidence this question does not need (proven ones, parallel ones) only harm and
 * blindness count: too little traffic does not, nor silence while the ring is still baking.
 */
function isMerelyQuiet(scene: Scene, probe: Probe, finding: Finding): boolean {
  if (finding.cause === 'too-few-events') return finding.evidence.harmful !== true;
  const liveAt = probe.life?.liveAt;
  return finding.cause === 'no-data' && liveAt != null && after(liveAt, probe.ring.bakeMs) > scene.at;
}
