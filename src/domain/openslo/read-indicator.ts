import { languageOf } from '../query-template.ts';
import { countsEvents, type Indicator } from '../rule.ts';
import { PREFIX } from './annotation.ts';
import { countedOver } from './counter-query.ts';
import { type Place, placed } from './draft.ts';
import { kindFor, readSource, type Source, VALUE_FIELDS } from './metric-source.ts';
import { type Part, quoted } from './part.ts';

/** An indicator as ringgate has it, before its shape was checked. */
export interface ReadIndicator {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly places: readonly Place[];
  readonly sources: readonly Source[];
  /** False for a single value, which no share can be promised of. */
  readonly countsEvents: boolean;
}

export interface SliParts {
  readonly metadata: Part;
  readonly spec: Part;
  /** What `ringgate/provider` says. */
  readonly provider: unknown;
}

/** The provider of sources that name none; notes why there is none. */
export type UsualProvider = (source: Source) => string | undefined;

/** Reads the spec of an SLI, or of an indicator inside an SLO. Null when there is nothing that could be read. */
export function readIndicator({ metadata, spec, provider }: SliParts, usual: UsualProvider): ReadIndicator | null {
  spec.required().closed(['description', 'thresholdMetric', 'ratioMetric']);
  const [ratio, threshold] = [spec.field('ratioMetric'), spec.field('thresholdMetric')];
  if (ratio.isThere && threshold.isThere) threshold.refuse('stands beside a ratioMetric: leave one of them out');
  if (!ratio.isThere && !threshold.isThere) {
    if (spec.isThere) spec.refuse('needs a ratioMetric or a thresholdMetric');
    return null;
  }
  const read = ratio.isThere ? readRatio(ratio) : readThreshold(threshold);
  const stated = metadata.field('annotations').field(`${PREFIX}provider`);
  const [first] = read.sources;
  const name = providerOf(read.sources, provider, stated, usual);
  const place = placed('/indicator/provider', provider !== undefined || first === undefined ? stated : first.ref);
  return {
    ...read,
    fields: { ...read.fields, ...(name === undefined ? {} : { provider: name }) },
    places: [...read.places, { of: '/indicator/kind', at: spec.pointer, isText: true }, { ...place, isText: true }],
    countsEvents: countsEvents({ kind: read.fields.kind } as Indicator),
  };
}

type Read = Omit<ReadIndicator, 'countsEvents'>;

function readRatio(ratio: Part): Read {
  ratio.closed(['counter', 'good', 'bad', 'total', 'rawType', 'raw']);
  if (ratio.field('raw').isThere) {
    ratio.field('raw').refuse('a ratio that was worked out before has no events to count: give good or bad, and total');
  } else if (ratio.field('rawType').isThere) {
    ratio.field('rawType').warn('is only for raw and left aside');
  }
  const isCounter = ratio.field('counter').flag() === true;
  const parts = ['good', 'bad', 'total'].filter((name) => ratio.field(name).isThere);
  const read = parts.map((name) => {
    const source = readSource(ratio.field(name));
    const query = source.spec.closed(['query']).field('query').required();
    return { name, source, query, text: countOf(query, isCounter) };
  });
  return {
    fields: { kind: 'ratio', ...Object.fromEntries(read.map(({ name, text }) => [name, text])) },
    places: [
      placed('/indicator', ratio),
      ...read.map(({ name, query }) => ({ ...placed(`/indicator/${name}`, query), isText: true })),
    ],
    sources: read.map(({ source }) => source),
  };
}

/** The query as one that counts over `${window}`. */
function countOf(part: Part, isCounter: boolean): string | undefined {
  const given = part.text();
  if (given === undefined) return undefined;
  const query = given.replace(/\{\{\s*\.window\s*\}\}/g, '${window}');
  if (query !== given) part.warn('{{.window}} is written ${window} here and read as that');
  if (!isCounter || query.includes('${window}') || languageOf(query) !== 'promql') return query;
  const counted = countedOver(query);
  if (counted !== query) part.warn(`a counter is counted by its increase over the window: ${quoted(counted)}`);
  return counted;
}

/** Whatever stands in the source becomes part of the indicator: whether it may is a matter of the schema. */
function readThreshold(metric: Part): Read {
  const source = readSource(metric);
  const { spec } = source;
  const own = Object.fromEntries(spec.fields().map((name) => [name, spec.field(name).value]));
  const kind = own.kind ?? kindFor(own);
  if (spec.field('provider').isThere) spec.field('provider').refuse('a provider is named in metricSourceRef');
  if (kind === undefined && spec.isThere) spec.refuse(`needs one of ${VALUE_FIELDS.join(', ')}`);
  return { fields: { ...own, kind }, places: [{ ...placed('/indicator', spec), isText: false }], sources: [source] };
}

function providerOf(sources: readonly Source[], provider: unknown, stated: Part, usual: UsualProvider): unknown {
  const named = sources.filter(({ name }) => name !== undefined);
  if (provider !== undefined) {
    if (named.length > 0) stated.refuse('a metricSourceRef names another provider: leave one of them out');
    return provider;
  }
  const [first] = sources;
  if (first === undefined) return undefined;
  const names = new Set(sources.map((source) => source.name ?? usual(source)));
  if (names.size > 1) named.at(-1)?.ref.refuse('all metrics of a ratio come from one provider');
  return [...names][0];
}
