import { durationMs, formatDuration } from './duration.ts';
import { after, evaluationInstant, msOf } from './instant.ts';
import type { Life } from './life.ts';
import type { MetricQuestion } from './measurement.ts';
import { queriesOf, type RuleDocument, type Scope } from './rule.ts';
import { scopeOf } from './rule-check.ts';
import type { Scene } from './scene.ts';
import type { Ring } from './service.ts';

/**
 * What has to be measured for one rule in one ring: the samples (now, and for a rule that may roll
 * back also half and a whole `for` earlier) with their windows. Windows never reach back before the
 * evidence floor. Asking and judging share this plan, so neither can look at something else.
 */
export interface Probe {
  readonly name: string;
  readonly rule: RuleDocument;
  readonly scope: Scope;
  readonly ring: Ring;
  /** The release's life in that ring; undefined for service-wide rules. */
  readonly life: Life | undefined;
  /** Null when it is not configured for this ring: then there are no samples and the rule holds. */
  readonly provider: string | null;
  /** Evidence from before this instant does not count; null when all of it does. */
  readonly floor: string | null;
  readonly samples: readonly Sample[];
  /** The last half of `for` by itself: a breach that is over shows there. Null for what cannot roll back. */
  readonly recent: Sample | null;
}

export interface Sample {
  readonly at: string;
  /** Null for a threshold without a window. */
  readonly windowMs: number | null;
  /** Empty when the evidence floor leaves nothing to look at yet. */
  readonly asked: readonly { readonly id: string; readonly part: MetricQuestion['part']; readonly template: string }[];
}

const DEFAULT_FOR = '2m';

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
      .filter(({ ring }) => (rule.measuredIn ?? [ring.name]).includes(ring.name))
      .map(({ ring, life }) => probe(scene, name, rule, scope, ring, life));
  });
}

/** Parts whose samples must be fresh: what is counted against, and good events, whose absence would look like harm. */
export const FRESH_PARTS = ['total', 'value', 'good'] as const;

/** Where the answer to a question about the newest sample's age is recorded. */
export function ageId(probe: Probe, part: (typeof FRESH_PARTS)[number], k: number): string {
  return `${probe.name}/${probe.ring.name}/age-${part}/${k}`;
}

/** For evidence: the window as a duration, or null. */
export function windowText(sample: Sample): string | null {
  return sample.windowMs === null ? null : formatDuration(sample.windowMs);
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
  if (settings === undefined) return { ...base, provider: null, floor: null, samples: [], recent: null };
  const now = evaluationInstant(scene.at, durationMs(settings.delay));
  const floor = evidenceFloor(scene, scope, life);
  const prefix = `${name}/${ring.name}`;
  const windowMs = rule.limits.window === undefined ? null : durationMs(rule.limits.window);
  const sample = (at: string, wantedMs: number | null, id: string): Sample => ({
    at,
    ...windowAt(rule, at, floor, wantedMs, (part) => `${prefix}/${part}/${id}`),
  });
  const samples = instantsOf(rule, scope, now).map((at, i) => sample(at, windowMs, String(i)));
  const recentMs = durationMs(rule.limits.for ?? DEFAULT_FOR) / 2;
  const confirms = samples.length > 1 && windowMs !== null && recentMs < windowMs && recentMs >= 1000;
  return { ...base, provider, floor, samples, recent: confirms ? sample(now, recentMs, 'recent') : null };
}

/** The provider of a rule in a ring: its name, or the value of `${labels.NAME}`; null when the label is missing. */
export function providerOf(rule: RuleDocument, ring: Ring): string | null {
  const label = /^\$\{labels\.(.+)\}$/.exec(rule.indicator.provider)?.[1];
  if (label === undefined) return rule.indicator.provider;
  return Object.hasOwn(ring.labels, label) ? (ring.labels[label] ?? null) : null;
}

function instantsOf(rule: RuleDocument, scope: Scope, now: string): readonly string[] {
  if (scope === 'service' || rule.limits.rollback === undefined) return [now];
  const lasting = durationMs(rule.limits.for ?? DEFAULT_FOR);
  return [now, after(now, -lasting / 2), after(now, -lasting)];
}

function windowAt(
  rule: RuleDocument,
  at: string,
  floor: string | null,
  wanted: number | null,
  idOf: (part: MetricQuestion['part']) => string,
): Pick<Sample, 'windowMs' | 'asked'> {
  const since = floor === null ? Number.POSITIVE_INFINITY : msOf(at) - msOf(floor);
  const windowMs = wanted === null ? null : Math.floor(Math.min(wanted, since) / 1000) * 1000;
  if (since <= 0 || (windowMs !== null && windowMs < 1000)) return { windowMs, asked: [] };
  return {
    windowMs,
    asked: queriesOf(rule.indicator).map(({ part, text }) => ({ id: idOf(part), part, template: text })),
  };
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
