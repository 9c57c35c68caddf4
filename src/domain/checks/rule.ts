import type { Answers, Unknown } from '../answer-reading.ts';
import { attributionOf } from '../attribution.ts';
import { tooFewEvents } from '../few-events.ts';
import { type Finding, holds, passes, reverts } from '../finding.ts';
import { freshnessOf } from '../freshness.ts';
import { after } from '../instant.ts';
import { judgeBudget } from '../judge-budget.ts';
import { judgeBurnRates } from '../judge-burn.ts';
import { judgeLimits } from '../judge-limits.ts';
import { decisive, type Opinion } from '../opinion.ts';
import { type Probe, windowText } from '../probe.ts';
import { type Readings, readAll } from '../reading.ts';
import { scopeOf } from '../rule-check.ts';
import { evidenceOf } from '../rule-evidence.ts';
import { queryFaults } from '../rule-queries.ts';
import { isOpenRequirement, type Scene } from '../scene.ts';

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
  const subject = subjectOf(probe);
  if (probe.at === null) {
    return holds(subject, 'invalid-rule', 'by-person', {
      scope: probe.scope,
      detail: `the provider ${probe.rule.indicator.provider} is not configured for ${probe.ring.name}`,
    });
  }
  const fault = faultOf(scene, probe);
  if (fault !== null) return holds(subject, 'invalid-rule', 'by-person', { scope: probe.scope, detail: fault });
  const readings = readAll(probe, answers);
  const evidence = { ...evidenceOf(probe, readings, answers), ...attributionOf(scene, probe) };
  const unknown = unknownIn(probe, readings);
  if (unknown !== null) return holds(subject, unknown.cause, unknown.clears, { ...evidence, ...unknown.detail });
  const fresh = freshnessOf(probe, answers);
  if ('unknown' in fresh)
    return holds(subject, fresh.unknown.cause, fresh.unknown.clears, { ...evidence, ...fresh.unknown.detail });
  const known = fresh.age === null ? evidence : { ...evidence, age: String(fresh.age) };
  return tooFewEvents(scene, probe, readings, known) ?? verdictOn(scene, probe, readings, known);
}

/** Why the rule must not be judged by; what was recorded before such rules were refused is judged as it was then. */
function faultOf({ situation, plan }: Scene, { rule }: Probe): string | null {
  const [fault] = situation.v === 1 ? [] : queryFaults(rule, plan);
  return fault === undefined ? null : `its query ${fault.pointer.split('/').at(-1)} is refused now: ${fault.message}`;
}

/**
 * What has to be known and is not. Every window must have been answered; only a short one may be
 * silent, because its long one may already show that the pair does not fire.
 */
function unknownIn(probe: Probe, readings: Readings): Unknown | null {
  const { samples, burns, period, rule } = probe;
  const needed = [samples[0], ...burns.map(({ long }) => long[0]), period, ...burns.map(({ short }) => short[0])];
  const short = new Set(burns.map((each) => each.short[0]));
  const long = new Set([samples[0], period, ...burns.map((each) => each.long[0])]);
  for (const sample of needed) {
    const reading = sample == null ? undefined : readings.get(sample);
    if (sample == null || reading === undefined || !('unknown' in reading)) continue;
    const { unknown } = reading;
    if (unknown.cause === 'no-data' && short.has(sample) && !long.has(sample)) continue;
    if (rule.objective === undefined) return unknown;
    return { ...unknown, detail: { ...unknown.detail, window: windowText(sample) } };
  }
  return null;
}

/** The worst of what limits, burn rates and budget say; the others that do not promote are named beside it. */
function verdictOn(scene: Scene, probe: Probe, readings: Readings, evidence: Finding['evidence']): Finding {
  const opinions = [
    judgeLimits(scene, probe, readings),
    ...judgeBurnRates(scene, probe, readings),
    judgeBudget(scene, probe, readings),
  ].filter((opinion) => opinion !== null);
  const worst = decisive(opinions);
  if (worst === undefined)
    return holds(subjectOf(probe), 'invalid-rule', 'by-person', { ...evidence, detail: 'it judges nothing' });
  const also = [...new Set(opinions.filter(({ verdict, cause }) => verdict !== 'promote' && cause !== worst.cause))];
  const beside = also.length === 0 ? {} : { also: also.map(({ cause }) => cause) };
  return findingFrom(probe, worst, { ...evidence, ...worst.evidence, ...beside });
}

function findingFrom(
  probe: Probe,
  { verdict, cause, clears, clearsAt }: Opinion,
  evidence: Finding['evidence'],
): Finding {
  const subject = subjectOf(probe);
  if (verdict === 'promote') return passes(subject, cause, evidence);
  if (verdict === 'rollback') return reverts(subject, cause, evidence);
  return holds(subject, cause, clears ?? 'by-data', evidence, clearsAt);
}

function subjectOf(probe: Probe) {
  return { check: 'rule', rule: probe.name, ring: probe.ring.name } as const;
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
