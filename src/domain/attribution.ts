import { durationMs } from './duration.ts';
import type { Evidence } from './finding.ts';
import { after } from './instant.ts';
import type { Life } from './life.ts';
import { hasLease, isLive } from './lives.ts';
import { longestSample, type Probe } from './probe.ts';
import { providerOf } from './probes.ts';
import { literalReachMs } from './promql-selectors.ts';
import { queriesOf, type RuleDocument } from './rule.ts';
import { readQueries } from './rule-queries.ts';
import type { Scene } from './scene.ts';
import type { Plan, Ring } from './service.ts';

/**
 * Whose evidence a rule is. A query that selects the release and not the ring counts what the release
 * does wherever it runs: that may harm or hold everywhere, but it proves a ring only while nothing of
 * it can come from another one, or where the rule says that this is meant.
 */

/** What a query looks back over when it does not say. */
const USUAL_REACH_MS = 600_000;

/** The rings whose traffic a rule counts when it is asked in `ring`, in plan order. What another provider has is not among it. */
export function ringsCounted(rule: RuleDocument, ring: Ring, plan: Plan): readonly string[] {
  if (typeof rule.attribution === 'object') return [rule.attribution.ring];
  const provider = providerOf(rule, ring);
  const seen = readQueries(rule.indicator).map(({ template }) => {
    const names = (template?.slots ?? []).filter(({ negated }) => !negated).map(({ name }) => name);
    if (names.includes('ring')) return [ring.name];
    const labels = names.flatMap((name) => /^labels\.(.+)$/.exec(name)?.[1] ?? []);
    const same = (other: Ring) =>
      providerOf(rule, other) === provider && labels.every((label) => other.labels[label] === ring.labels[label]);
    return plan.rings.filter(same).map(({ name }) => name);
  });
  return plan.rings
    .map(({ name }) => name)
    .filter((name) => name === ring.name || seen.some((each) => each.includes(name)));
}

/** For evidence: what the rule says, and all rings that the counts may come from where those are several. */
export function attributionOf(scene: Scene, probe: Probe): Evidence {
  const { attribution } = probe.rule;
  const across = countedAcross(scene, probe);
  return {
    ...(attribution === undefined ? {} : { attribution }),
    ...(across.length > 1 ? { across } : {}),
  };
}

/** True when what was measured speaks of the ring in which it was. */
export function provesItsRing({ attribution, across }: Evidence): boolean {
  return across === undefined || attribution === 'release';
}

/** The first edition took every count for the ring's own. */
function countedAcross(scene: Scene, probe: Probe): readonly string[] {
  if (scene.situation.v === 1 || probe.scope !== 'release' || probe.at === null) return [];
  const since = after(probe.at, -reachMs(probe));
  const running = scene.rollout.lives.filter(
    (life) => life.version === scene.version && ranSince(life, since, scene.at),
  );
  const rings = new Set([probe.ring.name, ...running.map(({ ring }) => ring)]);
  return ringsCounted(probe.rule, probe.ring, scene.plan).filter((ring) => rings.has(ring));
}

/** Running, perhaps just being deployed under a promise, or ended since. */
function ranSince(life: Life, since: string, at: string): boolean {
  if (isLive(life) || hasLease(life, at)) return true;
  const began = life.liveAt !== null || life.end === 'failed';
  return began && life.endedAt !== null && life.endedAt > since;
}

/** How far back the rule looks now. */
function reachMs(probe: Probe): number {
  const { limits } = probe.rule;
  const inText = queriesOf(probe.rule.indicator).map(({ text }) => literalReachMs(text));
  const stated = limits?.window === undefined ? USUAL_REACH_MS : durationMs(limits.window);
  return Math.max(longestSample(probe)?.windowMs ?? stated, ...inText);
}
