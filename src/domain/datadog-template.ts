import { type DatadogTag, isTagValue, parseDatadogQuery, readTags, whyUncountable } from './datadog-query.ts';
import { foreignPlaceholder } from './foreign-placeholder.ts';
import { kept } from './kept.ts';
import { splice } from './splice.ts';
import { KNOWN_PLACEHOLDER, MAX_TEMPLATE_LENGTH, type Slot, type TemplateValues, valueNamed } from './template.ts';

/**
 * What is asked of Datadog, with placeholders: a metric query, or the path of an SLO or a monitor. Two
 * locks: a value has to be on the allow-list of its place, and the filled text must differ from its
 * template in nothing but those values.
 */
export interface DatadogTemplate {
  readonly language: 'datadog';
  readonly kind: 'metric' | 'slo' | 'monitor';
  readonly text: string;
  readonly slots: readonly Slot[];
  /** The text with every value blanked out. */
  readonly outline: string;
  /** Of a metric query: why it cannot be one side of a ratio; null when it can. */
  readonly uncountable: string | null;
}

type Parsed = DatadogTemplate | { readonly error: string };

const SLO = /^\/api\/v1\/slo\/(.*)\/history$/s;
const MONITOR = /^\/api\/v1\/monitor\/([^ ]*)(?: \{(.*)\})?$/s;
const FOREIGN_BRACES = /^(?:\$\{[^{}]*\}|\$(?!\{)|[^"'`#{}$])*\{(?:\$\{[^{}]*\}|[^"'`#{}])+\}/;
const DOUBLE_BRACES = /^\s*(?:avg|sum|min|max|count|p\d[\d.]*):[A-Za-z][A-Za-z0-9_.]*\{[^"'`]*\{\{/;
const LABEL = /^\$\{(labels\.[a-zA-Z_][a-zA-Z0-9_]*)\}$/;
const ID = { slo: /^[0-9a-f]{32}$/, monitor: /^[1-9]\d{0,17}$/ };
const WANTED = {
  metric: 'only small letters, digits and _ . : / - after a letter or digit can be a tag value of Datadog',
  slo: 'the id of an SLO is 32 hexadecimal digits',
  monitor: 'the id of a monitor is a number',
};

/** The path of an SLO's history; `id` may be `${labels.NAME}`. */
export function sloPath(id: string): string {
  return `/api/v1/slo/${id}/history`;
}

/** The path of a monitor, and behind it the tags of the group that is meant, if it is not the whole. */
export function monitorPath(id: string, group: string | undefined): string {
  return group === undefined ? `/api/v1/monitor/${id}` : `/api/v1/monitor/${id} {${group}}`;
}

/**
 * True for what can be meant for Datadog only. PromQL quotes whatever stands in its braces, so a text
 * whose first braces hold something without a quotation mark is none, and neither is a path.
 */
export function isForDatadog(text: string): boolean {
  return text.startsWith('/api/v1/') || FOREIGN_BRACES.test(text) || DOUBLE_BRACES.test(text);
}

/** Reads a template; the error is one sentence for its author. */
export const parseDatadog: (text: string) => Parsed = kept(readTemplate, 1000);

function readTemplate(text: string): Parsed {
  if (text.length > MAX_TEMPLATE_LENGTH) return { error: `the query is longer than ${MAX_TEMPLATE_LENGTH} characters` };
  const slo = SLO.exec(text)?.[1];
  if (slo !== undefined) return readPath('slo', text, slo, []);
  const [, monitor, group] = MONITOR.exec(text) ?? [];
  if (monitor !== undefined) {
    const tags = group === undefined ? { tags: [] } : readTags(group, text.indexOf(' {') + 2);
    if ('error' in tags) return tags;
    if (
      group !== undefined &&
      (tags.tags.length === 0 || tags.tags.some((tag) => tag.negated || tag.value.includes('*')))
    ) {
      return { error: 'a group is named by its tags, such as version:${version},ring:${ring}' };
    }
    return readPath('monitor', text, monitor, tags.tags);
  }
  const foreign = foreignPlaceholder(text);
  if (foreign !== null) return { error: foreignMessage(foreign) };
  const query = parseDatadogQuery(text);
  if ('error' in query) return query;
  const slots = slotsIn(query.tags);
  if ('error' in slots) return slots;
  const outline = blanked(text, query.tags);
  return { language: 'datadog', kind: 'metric', text, slots, outline, uncountable: whyUncountable(query) };
}

function foreignMessage(foreign: string): string {
  const whose = foreign.startsWith('$') ? "a template variable of Datadog's dashboards" : "another tool's placeholder";
  return `${foreign} is ${whose}, which nobody fills here: write a tag such as version:\${version} or service:\${service}`;
}

function readPath(kind: 'slo' | 'monitor', text: string, id: string, tags: readonly DatadogTag[]): Parsed {
  const label = LABEL.exec(id)?.[1];
  if (label === undefined && !ID[kind].test(id)) return { error: `${WANTED[kind]}, or one whole \${labels.NAME}` };
  const from = text.indexOf(id, '/api/v1/'.length + kind.length);
  const own = label === undefined ? [] : [{ name: label, from, to: from + id.length, negated: false }];
  const slots = slotsIn(tags);
  if ('error' in slots) return slots;
  const outline = blanked(text, [{ key: '', value: id, negated: false, from }, ...tags]);
  return { language: 'datadog', kind, text, slots: [...own, ...slots], outline, uncountable: null };
}

function slotsIn(tags: readonly DatadogTag[]): readonly Slot[] | { readonly error: string } {
  const slots: Slot[] = [];
  for (const { value, from, negated } of tags) {
    if (!value.startsWith('${')) continue;
    const name = value.slice(2, -1);
    if (name === 'window') return { error: '${window} has no place in a Datadog query: its window is sent beside it' };
    if (name === 'release') {
      return { error: '${release} has an @, which no tag value has: write service:${service},version:${version}' };
    }
    if (!KNOWN_PLACEHOLDER.test(name)) {
      return { error: `unknown placeholder \${${name}}; known are \${service} \${version} \${ring} \${labels.NAME}` };
    }
    slots.push({ name, from, to: from + value.length, negated });
  }
  return slots;
}

function blanked(text: string, tags: readonly Pick<DatadogTag, 'from' | 'value'>[]): string {
  return splice(
    text,
    tags.map(({ from, value }) => ({ from, to: from + value.length })),
    () => '_',
  );
}

/** Puts the values in. The error says which value is missing or impossible; nothing is ever thrown. */
export function fillDatadog(
  template: DatadogTemplate,
  values: TemplateValues,
): { readonly query: string } | { readonly error: string } {
  for (const { name, from } of template.slots) {
    const value = valueNamed(name, values);
    if (value === undefined || value === '') return { error: `\${${name}} has no value here` };
    const wrong = whyRefused(template, from, value);
    if (wrong !== null) return { error: `the value of \${${name}} is ${value}, and ${wrong}` };
  }
  const query = splice(template.text, template.slots, ({ name }) => valueNamed(name, values) ?? '');
  const filled = readTemplate(query);
  const same = !('error' in filled) && filled.outline === template.outline && filled.slots.length === 0;
  return same ? { query } : { error: 'the filled query does not have the shape of its template' };
}

/** The id stands first in a path; everything after the space or within braces is a tag's value. */
function whyRefused({ kind, text }: DatadogTemplate, from: number, value: string): string | null {
  if (kind !== 'metric' && !text.slice(0, from).includes(' ')) return ID[kind].test(value) ? null : WANTED[kind];
  return isTagValue(value) ? null : WANTED.metric;
}
