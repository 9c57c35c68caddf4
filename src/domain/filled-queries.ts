import { type Fill, type FilledQuery, filledSlices } from './filled-slices.ts';
import type { Asked, Probe, Sample } from './probe.ts';
import { fillQuery, parseQuery } from './query-template.ts';
import type { Scene } from './scene.ts';
import { birthQuery, presenceQuery } from './series-query.ts';
import { isCounted } from './slice-queries.ts';

/** The queries of a probe by what is asked in which sample. Each text is made once: samples of one length share it. */
export function filledQueries(
  scene: Scene,
  probe: Probe,
): (asked: Asked, sample: Sample) => FilledQuery | { readonly error: string } {
  const fill = once(filling(scene, probe));
  const { slices } = probe.rule.objective ?? {};
  return (asked, { windowMs }) => {
    if (slices !== undefined && isCounted(asked.part)) {
      return filledSlices(probe.rule, slices, asked.part, { windowMs: windowMs ?? 0, fill });
    }
    const filled = fill(asked.template, windowMs);
    if ('error' in filled) return filled;
    return { query: filled.query, plain: filled.query, series: seriesText(asked, filled.query, windowMs) };
  };
}

function seriesText({ term }: Asked, query: string, windowMs: number | null): string | null {
  if (term?.series == null) return null;
  return term.series.isCounted ? birthQuery(query) : `0 * (${presenceQuery(query, windowMs ?? 0)})`;
}

function filling(scene: Scene, { ring }: Probe): Fill {
  const { service, version } = scene.situation.question;
  return (template, windowMs) => {
    const parsed = parseQuery(template);
    if ('error' in parsed) return parsed;
    return fillQuery(parsed, { service, version, ring: ring.name, labels: ring.labels, windowMs });
  };
}

function once(make: Fill): Fill {
  const made = new Map<string, ReturnType<Fill>>();
  return (template, windowMs) => {
    const key = `${windowMs} ${template}`;
    const text = made.get(key) ?? make(template, windowMs);
    made.set(key, text);
    return text;
  };
}
