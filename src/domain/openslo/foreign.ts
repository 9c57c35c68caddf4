import type { Part } from './part.ts';

/**
 * Documents of neighbours, by how they are known, with what to write instead. The fields are those of Sloth's
 * `prometheus/v1` and `sloth.slok.dev/v1`, Pyrra's `pyrra.dev/v1alpha1` and OpenSLO's own other versions.
 */
interface Neighbour {
  readonly is: (part: Part) => boolean;
  readonly message: string;
}

const has = (part: Part, field: string, beginning: string): boolean => {
  const { value } = part.field(field);
  return typeof value === 'string' && value.startsWith(beginning);
};

const SLOTH =
  'this is a document of Sloth: write each of its slos as an OpenSLO v1 SLO, with objective as targetPercent, ' +
  'sli.events.error_query as ratioMetric.bad and total_query as ratioMetric.total, in them increase for rate and ' +
  '[${window}] for [{{.window}}], and timeWindow 30d';
const PYRRA =
  'this is a document of Pyrra: write it as an OpenSLO v1 SLO, with target as targetPercent (a number), window as ' +
  'timeWindow (rolling), ratio.errors.metric as ratioMetric.bad and ratio.total.metric as ratioMetric.total, each ' +
  'within sum(…), and counter: true; a latency indicator has its buckets as ratioMetric.good';
const ALPHA =
  'this is OpenSLO v1alpha: in v1, ratioMetrics of an objective is indicator.spec.ratioMetric, its query stands in ' +
  'metricSource.spec.query, incremental is counter, and timeWindows with count and unit is timeWindow with a duration';

const NEIGHBOURS: readonly Neighbour[] = [
  { is: (part) => has(part, 'apiVersion', 'sloth.slok.dev/'), message: SLOTH },
  { is: (part) => has(part, 'version', 'prometheus/') && part.field('slos').isThere, message: SLOTH },
  { is: (part) => has(part, 'apiVersion', 'pyrra.dev/'), message: PYRRA },
  { is: (part) => has(part, 'apiVersion', 'openslo/v1alpha'), message: ALPHA },
];

/** What to do with a document of a neighbour; null when it is of none that is known. */
export function adviceFor(part: Part): string | null {
  return NEIGHBOURS.find(({ is }) => is(part))?.message ?? null;
}
