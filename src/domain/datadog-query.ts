/**
 * The part of Datadog's metric query language that a rule may use: one metric, tags that must all hold,
 * one series. Datadog has no quoting, so this grammar is strict where PromQL's quotes would protect:
 * what it does not name is refused, and a value is let in only where it is a whole tag value.
 */
export interface DatadogQuery {
  readonly aggregator: string;
  readonly metric: string;
  readonly tags: readonly DatadogTag[];
  readonly suffix: { readonly asCount: boolean; readonly asRate: boolean; readonly rollup: string | null };
}

export interface DatadogTag {
  readonly key: string;
  /** A placeholder with its braces, or the text that is compared. */
  readonly value: string;
  readonly negated: boolean;
  /** Where the value stands in the query. */
  readonly from: number;
}

type Read<T> = T | { readonly error: string };

/** What a tag's value may be when it comes from outside; capitals would never match, because Datadog stores none. */
const TAG_VALUE = /^[a-z0-9][a-z0-9_.:/-]{0,199}$/;

const QUERY =
  /^\s*(avg|sum|min|max|count|p\d{1,2}(?:\.\d{1,2})?):([A-Za-z][A-Za-z0-9_.]{0,199})(\{)((?:\$\{[^{}]*\}|[^{}])*)\}(.*)$/s;
const TAG = /^(\s*)(!?)([A-Za-z][A-Za-z0-9_./-]{0,199}):(\$\{[^{}]*\}|[A-Za-z0-9_.:/*-]{1,200})\s*$/;
const SUFFIX = /^\s*\.(as_count|as_rate|rollup)\(([^()]*)\)/;
const ROLLUP = /^\s*(avg|sum|min|max|count)\s*(?:,\s*[1-9]\d{0,6}\s*)?$/;

/** True when the value may stand as a whole tag value. */
export function isTagValue(value: string): boolean {
  return TAG_VALUE.test(value);
}

/** Reads a query or a template of one; the error is one sentence for its author. */
export function parseDatadogQuery(text: string): Read<DatadogQuery> {
  const [, aggregator, metric, , filter, rest] = QUERY.exec(text) ?? [];
  if (aggregator === undefined || metric === undefined || filter === undefined || rest === undefined) {
    return {
      error: 'a Datadog query is written sum:metric.name{tag:value}.as_count(), with one metric and no functions',
    };
  }
  const suffix = readSuffix(rest);
  if ('error' in suffix) return suffix;
  const tags = readTags(filter, text.indexOf('{') + 1);
  return 'error' in tags ? tags : { aggregator, metric, tags: tags.tags, suffix };
}

/** Commas mean "and"; `*` alone means everything. */
export function readTags(filter: string, offset: number): Read<{ readonly tags: readonly DatadogTag[] }> {
  if (filter.trim() === '*') return { tags: [] };
  const tags: DatadogTag[] = [];
  let from = offset;
  for (const part of filter.split(',')) {
    const [, space = '', bang = '', key, value] = TAG.exec(part) ?? [];
    if (key === undefined || value === undefined) return { error: tagError(part) };
    tags.push({ key, value, negated: bang !== '', from: from + space.length + bang.length + key.length + 1 });
    from += part.length + 1;
  }
  return { tags };
}

function tagError(part: string): string {
  const shown = part.trim().slice(0, 60);
  if (shown === '') return 'the braces need tags such as {version:${version}}, or * for everything';
  if (/\s(AND|OR|NOT|IN)\s|[()]/i.test(part)) {
    return `in braces only tag:value, joined by commas, and !tag:value are understood, not ${shown}`;
  }
  if (/["'=]/.test(part)) return `Datadog has no quotation marks and no =: write tag:value instead of ${shown}`;
  return `${shown} is not a tag:value whose value is text or one whole placeholder`;
}

function readSuffix(rest: string): Read<DatadogQuery['suffix']> {
  const suffix = { asCount: false, asRate: false, rollup: null as string | null };
  let left = rest;
  for (let found = SUFFIX.exec(left); found !== null; found = SUFFIX.exec(left)) {
    const [whole, name, argument = ''] = found;
    if (name === 'rollup') {
      const method = ROLLUP.exec(argument)?.[1];
      if (method === undefined) return { error: 'a rollup is written .rollup(sum) or .rollup(avg, 60)' };
      suffix.rollup = method;
    } else if (argument.trim() !== '') return { error: `.${name}() takes nothing in its parentheses` };
    else if (name === 'as_count') suffix.asCount = true;
    else suffix.asRate = true;
    left = left.slice(whole.length);
  }
  if (left.trim() === '') return suffix;
  if (/^\s*by\b/.test(left)) return { error: 'by {…} gives one series for each group, and a rule needs exactly one' };
  return { error: `only .as_count(), .as_rate() and .rollup() may follow the braces, not ${left.trim().slice(0, 40)}` };
}

/** Why its sum over a window is not a number of events; null when it is. */
export function whyUncountable({ aggregator, suffix }: DatadogQuery): string | null {
  if (aggregator !== 'sum' && aggregator !== 'count')
    return `a ratio adds up counts: write sum: instead of ${aggregator}:`;
  if (suffix.asRate) return 'a ratio needs counts, and as_rate() is per second: write .as_count()';
  if (!suffix.asCount) return 'a ratio needs counts, and Datadog averages over time without it: end with .as_count()';
  if (suffix.rollup !== null && suffix.rollup !== 'sum')
    return `a ratio adds up counts: .rollup(${suffix.rollup}) does not`;
  return null;
}

/**
 * How one number is made of all points in the window (`aggregator` of Datadog's scalar queries): counts
 * are added, extremes stay extremes, everything else is averaged.
 */
export function windowAggregator({ aggregator, suffix }: DatadogQuery): 'sum' | 'min' | 'max' | 'avg' {
  if (suffix.asCount) return 'sum';
  return aggregator === 'min' || aggregator === 'max' ? aggregator : 'avg';
}
