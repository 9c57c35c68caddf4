import { durationMs } from './duration.ts';
import type { Situation } from './facts.ts';
import { filledQueries } from './filled-queries.ts';
import type { Measured, MetricQuestion } from './measurement.ts';
import { type Asked, ageId, everySample, FRESH_PARTS, type Probe, type Sample } from './probe.ts';
import { probesFor } from './probes.ts';
import { ageQueries, windowBeside } from './query-template.ts';
import { maxAgeOf } from './rule.ts';
import { distanceQuestions } from './sample-distance.ts';
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

/** A question, or why it cannot be asked, the query over one window that it is made of, and what is asked beside it. */
interface Filled {
  readonly asked: MetricQuestion | Measured;
  readonly sample: Sample;
  readonly plain: string | null;
  readonly series: MetricQuestion | null;
}

function filled(scene: Scene, probe: Probe): readonly (MetricQuestion | Measured)[] {
  const fill = filler(scene, probe);
  const all = everySample(probe).flatMap((sample) => sample.asked.map((each) => fill(sample, each)));
  return [
    ...all.map(({ asked }) => asked),
    ...all.flatMap(({ series }) => series ?? []),
    ...ages(probe, all),
    ...distances(probe, all),
  ];
}

function filler(scene: Scene, probe: Probe): (sample: Sample, asked: Asked) => Filled {
  const textOf = filledQueries(scene, probe);
  return (sample, asked) => {
    const { id, part, template, term } = asked;
    const question = { id, provider: probe.provider ?? '', part, at: sample.at };
    const text = textOf(asked, sample);
    if ('error' in text) {
      const measurement = { kind: 'unaskable', detail: text.error } as const;
      return { asked: { ...question, query: template, measurement, infos: [] }, sample, plain: null, series: null };
    }
    const { query, plain, series } = text;
    const beside = series === null || term?.series == null ? null : { id: term.series.id, part: 'series' as const };
    return {
      asked: { ...question, query, ...windowBeside(query, sample.windowMs) },
      sample,
      plain,
      series: beside === null ? null : { ...question, ...beside, query: series ?? '' },
    };
  };
}

/** Of what is counted against: errors may be absent, and come from where that comes from. */
function distances(probe: Probe, all: readonly Filled[]): readonly MetricQuestion[] {
  const counted = all.find(({ asked, plain }) => plain !== null && (asked.part === 'total' || asked.part === 'value'));
  return counted == null || counted.plain === null
    ? []
    : distanceQuestions(probe, counted.plain, counted.asked.provider);
}

/** Freshness is asked of every series that the newest sample is read from, except errors: they may be absent. */
function ages(probe: Probe, all: readonly Filled[]): readonly MetricQuestion[] {
  const { at } = probe;
  if (at === null) return [];
  const maxAgeMs = durationMs(maxAgeOf(probe.rule));
  return FRESH_PARTS.flatMap((part) => {
    const counted = all.filter(({ asked, sample }) => asked.part === part && sample === firstWith(all, part));
    const queries = counted.flatMap(({ plain }) => (plain === null ? [] : ageQueries(plain, maxAgeMs)));
    return queries.map((asked, k) => ({
      id: ageId(probe, part, k),
      provider: probe.provider ?? '',
      part: 'age' as const,
      at,
      ...asked,
    }));
  });
}

function firstWith(all: readonly Filled[], part: MetricQuestion['part']): Sample | undefined {
  return all.find(({ asked }) => asked.part === part)?.sample;
}
