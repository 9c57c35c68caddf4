import { durationMs } from './duration.ts';
import type { Situation } from './facts.ts';
import type { Measured, MetricQuestion } from './measurement.ts';
import { ageId, everySample, FRESH_PARTS, type Probe, type Sample } from './probe.ts';
import { probesFor } from './probes.ts';
import { ageQueries, fillQuery, parseQuery, windowBeside } from './query-template.ts';
import { maxAgeOf } from './rule.ts';
import { type Scene, sceneOf } from './scene.ts';

/** What to ask the providers, and what cannot even be asked: that is recorded as answered so. */
export interface Questions {
  readonly ask: readonly MetricQuestion[];
  readonly unaskable: readonly Measured[];
}

/** Everything that has to be measured for this situation: which queries, for which rule, ring and window. */
export function questionsFor(situation: Situation): Questions {
  const scene = sceneOf(situation);
  const all = probesFor(scene).flatMap((probe) => [...filled(scene, probe)]);
  const unaskable = all.flatMap((each) => ('measurement' in each ? [each] : []));
  return { ask: all.flatMap((each) => ('measurement' in each ? [] : [each])), unaskable };
}

function filled(scene: Scene, probe: Probe): readonly (MetricQuestion | Measured)[] {
  const fill = filler(scene, probe);
  const asked = everySample(probe).flatMap((sample) => sample.asked.map((each) => fill(sample, each)));
  return [...asked, ...ages(probe, asked)];
}

/** Samples of the same window have the same text: it is filled once. */
function filler(scene: Scene, probe: Probe) {
  const { service, version } = scene.situation.question;
  const { name: ring, labels } = probe.ring;
  const done = new Map<string, ReturnType<typeof fillQuery>>();
  return (sample: Sample, { id, part, template }: Sample['asked'][number]): MetricQuestion | Measured => {
    const key = `${part} ${sample.windowMs}`;
    const parsed = done.has(key) ? null : parseQuery(template);
    const text =
      done.get(key) ??
      (parsed === null || 'error' in parsed
        ? { error: parsed?.error ?? '' }
        : fillQuery(parsed, { service, version, ring, labels, windowMs: sample.windowMs }));
    done.set(key, text);
    const question = { id, provider: probe.provider ?? '', part, at: sample.at };
    if ('query' in text) return { ...question, query: text.query, ...windowBeside(text.query, sample.windowMs) };
    return { ...question, query: template, measurement: { kind: 'unaskable', detail: text.error }, infos: [] };
  };
}

/** Freshness is asked of every series that the newest sample is read from, except errors: they may be absent. */
function ages(probe: Probe, asked: readonly MetricQuestion[]): readonly MetricQuestion[] {
  const { at } = probe;
  if (at === null) return [];
  const maxAgeMs = durationMs(maxAgeOf(probe.rule));
  return FRESH_PARTS.flatMap((part) => {
    const counted = asked.find((question) => question.part === part);
    if (counted === undefined || 'measurement' in counted) return [];
    return ageQueries(counted.query, maxAgeMs).map((asked, k) => ({
      id: ageId(probe, part, k),
      provider: counted.provider,
      part: 'age' as const,
      at,
      ...asked,
    }));
  });
}
