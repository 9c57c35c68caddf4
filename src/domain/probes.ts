import { askedFor } from './asked-terms.ts';
import { durationMs } from './duration.ts';
import { DEFAULT_SCRAPE_INTERVAL, type ProviderTiming, type Situation } from './facts.ts';
import { evaluationInstant, msOf } from './instant.ts';
import type { Life } from './life.ts';
import type { Probe, Sample } from './probe.ts';
import { isRecent, windowsPlan } from './probe-windows.ts';
import { type RuleDocument, ringsMeasured, type Scope } from './rule.ts';
import { scopeOf } from './rule-check.ts';
import type { Scene } from './scene.ts';
import type { Ring } from './service.ts';

/** Every rule × ring that this question makes ringgate measure, in the order of rules and rings. */
export function probesFor(scene: Scene): readonly Probe[] {
  const { question, rules } = scene.situation;
  return rules.flatMap(({ name, rule }) => {
    const scope = scopeOf(rule, scene.plan);
    if (scope === 'service') {
      const guarded = question.stage === 'enter' && (rule.guards ?? [scene.ring.name]).includes(scene.ring.name);
      return guarded ? [probe(scene, name, rule, scope, scene.ring, undefined)] : [];
    }
    return scene.live
      .filter(({ ring }) => (ringsMeasured(rule) ?? [ring.name]).includes(ring.name))
      .map(({ ring, life }) => probe(scene, name, rule, scope, ring, life));
  });
}

function probe(
  scene: Scene,
  name: string,
  rule: RuleDocument,
  scope: Scope,
  ring: Ring,
  life: Life | undefined,
): Probe {
  const base = { name, rule, scope, ring, life };
  const provider = providerOf(rule, ring);
  const settings = provider === null ? undefined : scene.situation.providers[provider];
  if (settings === undefined) {
    return { ...base, provider: null, floor: null, at: null, samples: [], recent: null, burns: [], period: null };
  }
  const now = evaluationInstant(scene.at, durationMs(settings.delay));
  const floor = evidenceFloor(scene, scope, life);
  const sampleAt = (at: string, wantedMs: number | null, idOf: (windowMs: number | null) => string): Sample => {
    const windowMs = clipped(at, wantedMs, floor);
    const id = idOf(windowMs);
    const isPresent = at === now && !isRecent(id);
    const asked = isAskable(at, windowMs, floor) ? askedFor(scene, base, { id, isPresent }) : [];
    return { at, windowMs, wantedMs, asked };
  };
  const interval = scrapeIntervalOf(scene.situation.v, settings);
  return { ...base, provider, floor, at: now, ...windowsPlan(rule, scope, now, interval, sampleAt) };
}

/** Null in the first edition, whose recent window was half of `for` whether it could be read or not. */
function scrapeIntervalOf(edition: Situation['v'], { scrapeInterval }: ProviderTiming): number | null {
  return edition === 1 ? null : durationMs(scrapeInterval ?? DEFAULT_SCRAPE_INTERVAL);
}

/** The provider of a rule in a ring: its name, or the value of `${labels.NAME}`; null when the label is missing. */
export function providerOf(rule: RuleDocument, ring: Ring): string | null {
  const label = /^\$\{labels\.(.+)\}$/.exec(rule.indicator.provider)?.[1];
  if (label === undefined) return rule.indicator.provider;
  return Object.hasOwn(ring.labels, label) ? (ring.labels[label] ?? null) : null;
}

/** Whole seconds, and nothing from before the floor. */
function clipped(at: string, wantedMs: number | null, floor: string | null): number | null {
  return wantedMs === null ? null : Math.floor(Math.min(wantedMs, sinceFloor(at, floor)) / 1000) * 1000;
}

function isAskable(at: string, windowMs: number | null, floor: string | null): boolean {
  return sinceFloor(at, floor) > 0 && (windowMs === null || windowMs >= 1000);
}

function sinceFloor(at: string, floor: string | null): number {
  return floor === null ? Number.POSITIVE_INFINITY : msOf(at) - msOf(floor);
}

/** Release scope: the end of the release's previous life in that ring. Ring scope: the start of this life. */
function evidenceFloor(scene: Scene, scope: Scope, life: Life | undefined): string | null {
  if (scope === 'service' || life === undefined) return null;
  if (scope === 'ring') return life.liveAt;
  const ends = scene.rollout.lives
    .filter((other) => other.version === life.version && other.ring === life.ring && other.n < life.n)
    .flatMap((other) => (other.liveAt !== null && other.endedAt !== null ? [other.endedAt] : []));
  return ends.sort().at(-1) ?? null;
}
