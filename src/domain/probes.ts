import { durationMs, formatDuration } from './duration.ts';
import { after, evaluationInstant, msOf } from './instant.ts';
import type { Life } from './life.ts';
import type { MetricQuestion } from './measurement.ts';
import { queriesOf, type RuleDocument, type Scope } from './rule.ts';
import { scopeOf } from './rule-check.ts';
import type { Scene } from './scene.ts';
import type { Ring } from './service.ts';
import { ageQuery, fillTemplate, parseTemplate, selectorsOf } from './template.ts';

/**
 * What has to be measured for one rule in one ring: the samples (now, and for a rule that may roll
 * back also half and a whole `for` earlier) with their windows, and the age of the newest sample.
 * Windows never reach back before the evidence floor.
 */
export interface Probe {
  readonly name: string;
  readonly rule: RuleDocument;
  readonly scope: Scope;
  readonly ring: Ring;
  /** The release's life in that ring; undefined for service-wide rules. */
  readonly life: Life | undefined;
  readonly samples: readonly Sample[];
  readonly ages: readonly MetricQuestion[];
  /** Why it cannot be asked; then there are no questions and the rule holds. */
  readonly problem: string | null;
}

export interface Sample {
  readonly at: string;
  /** Null for a threshold without a window. */
  readonly windowMs: number | null;
  /** Empty when the evidence floor leaves nothing to look at yet. */
  readonly questions: readonly MetricQuestion[];
}

const DEFAULT_FOR = '2m';
const DEFAULT_MAX_AGE = '5m';

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

/** The provider of a rule in a ring: its name, or the value of `${labels.NAME}`; null when the label is missing. */
export function providerOf(rule: RuleDocument, ring: Ring): string | null {
  const label = /^\$\{labels\.(.+)\}$/.exec(rule.indicator.provider)?.[1];
  return label === undefined ? rule.indicator.provider : (ring.labels[label] ?? null);
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
  const broken = (problem: string): Probe => ({ ...base, samples: [], ages: [], problem });
  const provider = providerOf(rule, ring);
  const settings = provider === null ? undefined : scene.situation.providers[provider];
  if (provider === null || settings === undefined) {
    return broken(`the provider ${rule.indicator.provider} is not configured for ${ring.name}`);
  }
  const now = evaluationInstant(scene.at, durationMs(settings.delay));
  const floor = evidenceFloor(scene, scope, life);
  try {
    const ask = asker(scene, rule, ring, name, provider);
    const samples = instantsOf(rule, scope, now).map((at, i) =>
      sampleAt(rule, at, floor, (part, text, windowMs) => ask(`${part}/${i}`, part, text, at, windowMs)),
    );
    return { ...base, samples, ages: agesOf(samples[0], now, ask), problem: null };
  } catch (error) {
    if (error instanceof UnfillableTemplate) return broken(error.message);
    throw error;
  }
}

class UnfillableTemplate extends Error {}

type AskOf = (
  id: string,
  part: MetricQuestion['part'],
  text: string,
  at: string,
  windowMs: number | null,
) => MetricQuestion;

function asker(scene: Scene, rule: RuleDocument, ring: Ring, name: string, provider: string): AskOf {
  const { service, version } = scene.situation.question;
  return (id, part, text, at, windowMs) => {
    const question = { id: `${name}/${ring.name}/${id}`, provider, part, at };
    if (part === 'age') return { ...question, query: ageQuery(text, durationMs(rule.maxAge ?? DEFAULT_MAX_AGE)) };
    const parsed = parseTemplate(text);
    if ('error' in parsed) throw new UnfillableTemplate(parsed.error);
    const filled = fillTemplate(parsed, { service, version, ring: ring.name, labels: ring.labels, windowMs });
    if ('error' in filled) throw new UnfillableTemplate(filled.error);
    return { ...question, query: filled.query };
  };
}

function instantsOf(rule: RuleDocument, scope: Scope, now: string): readonly string[] {
  if (scope === 'service' || rule.limits.rollback === undefined) return [now];
  const lasting = durationMs(rule.limits.for ?? DEFAULT_FOR);
  return [now, after(now, -lasting / 2), after(now, -lasting)];
}

function sampleAt(
  rule: RuleDocument,
  at: string,
  floor: string | null,
  ask: (part: MetricQuestion['part'], text: string, windowMs: number | null) => MetricQuestion,
): Sample {
  const wanted = rule.limits.window === undefined ? null : durationMs(rule.limits.window);
  const since = floor === null ? Number.POSITIVE_INFINITY : msOf(at) - msOf(floor);
  const windowMs = wanted === null ? null : Math.floor(Math.min(wanted, since) / 1000) * 1000;
  if (since <= 0 || (windowMs !== null && windowMs < 1000)) return { at, windowMs, questions: [] };
  return { at, windowMs, questions: queriesOf(rule.indicator).map(({ part, text }) => ask(part, text, windowMs)) };
}

/** Freshness is read from the series that everything else is counted against: the total, or the value itself. */
function agesOf(sample: Sample | undefined, now: string, ask: AskOf): readonly MetricQuestion[] {
  const counted = sample?.questions.at(-1);
  if (counted === undefined) return [];
  return selectorsOf(counted.query).map((selector, i) => ask(`age/${i}`, 'age', selector, now, null));
}

/** Release scope: the end of the release's previous life in that ring. Ring scope: the start of this life. */
function evidenceFloor(scene: Scene, scope: Scope, life: Life | undefined): string | null {
  if (scope === 'service' || life === undefined) return null;
  if (scope === 'ring') return life.liveAt;
  const earlier = scene.rollout.lives.filter(
    (other) => other.version === life.version && other.ring === life.ring && other.n < life.n && other.liveAt !== null,
  );
  return earlier.reduce<string | null>(
    (a, b) => (b.endedAt !== null && (a === null || b.endedAt > a) ? b.endedAt : a),
    null,
  );
}

/** For evidence: the window as a duration, or null. */
export function windowText(sample: Sample): string | null {
  return sample.windowMs === null ? null : formatDuration(sample.windowMs);
}
