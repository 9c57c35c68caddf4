import { durationMs } from './duration.ts';
import type { MetricQuestion } from './measurement.ts';
import type { Probe, Sample } from './probe.ts';
import { fillQuery, parseQuery } from './query-template.ts';
import { queriesOf } from './rule.ts';
import type { Scene } from './scene.ts';
import { isCounted, type SliceTexts, sliceQuery } from './slice-queries.ts';

type Part = MetricQuestion['part'];
type Text = { readonly query: string } | { readonly error: string };

/** The text to be sent, and the rule's own query in it, which names what is read; or why there is none. */
export type FilledQuery = { readonly query: string; readonly plain: string } | { readonly error: string };

/** The queries of a probe by part and sample. Each text is made once: samples of one length share it. */
export function filledQueries(scene: Scene, probe: Probe): (part: Part, sample: Sample) => FilledQuery {
  const fill = once(filling(scene, probe));
  const { slices } = probe.rule.objective ?? {};
  return (part, { windowMs }) => {
    const plain = fill(part, slices === undefined ? windowMs : durationMs(slices.window));
    if ('error' in plain) return plain;
    if (slices === undefined || !isCounted(part)) return { query: plain.query, plain: plain.query };
    const texts: Partial<Record<Part, string>> = {};
    for (const query of queriesOf(probe.rule.indicator)) {
      const text = fill(query.part, durationMs(slices.window));
      if ('error' in text) return text;
      texts[query.part] = text.query;
    }
    const absentBadMeansZero = probe.rule.absentBadMeansZero ?? true;
    const over = { windowMs: windowMs ?? 0, absentBadMeansZero };
    return { query: sliceQuery(part, { total: '', ...texts } satisfies SliceTexts, slices, over), plain: plain.query };
  };
}

function filling(scene: Scene, { ring, rule }: Probe): (part: Part, windowMs: number | null) => Text {
  const { service, version } = scene.situation.question;
  const templates = new Map<Part, string>(queriesOf(rule.indicator).map(({ part, text }) => [part, text]));
  return (part, windowMs) => {
    const parsed = parseQuery(templates.get(part) ?? '');
    if ('error' in parsed) return parsed;
    return fillQuery(parsed, { service, version, ring: ring.name, labels: ring.labels, windowMs });
  };
}

function once(make: (part: Part, windowMs: number | null) => Text): typeof make {
  const made = new Map<string, Text>();
  return (part, windowMs) => {
    const key = `${part} ${windowMs}`;
    const text = made.get(key) ?? make(part, windowMs);
    made.set(key, text);
    return text;
  };
}
