import { formatDuration } from './duration.ts';
import { foreignPlaceholder, placeholderInstead } from './foreign-placeholder.ts';
import { kept } from './kept.ts';
import { nodesOf, type Promql, parsePromql, placeIn, textOf } from './promql.ts';
import { findMistake } from './promql-check.ts';
import { contradictionIn } from './promql-contradiction.ts';
import { countOf } from './promql-count.ts';
import type { Measure } from './promql-count-call.ts';
import { type Placeholder, placementError, replacedSpan } from './promql-placeholder.ts';
import { outlineOf } from './promql-selectors.ts';
import { decodeString, encodeString } from './promql-string.ts';
import { type CountTerm, countTerms } from './promql-terms.ts';
import { formatRelease } from './release.ts';
import { splice } from './splice.ts';

export { ageQuery, distanceQuery, selectorsOf } from './promql-selectors.ts';

/**
 * Queries with placeholders. Rule authors write PromQL; callers only ever supply values, and a value
 * may never become anything but one string literal or one duration. Three locks: a placeholder is
 * accepted only where such a literal stands, the value is encoded as one, and the filled query must
 * have the very shape that the template had when it was saved.
 */
export interface ParsedTemplate {
  readonly language: 'promql';
  readonly text: string;
  readonly slots: readonly Slot[];
  readonly shape: string;
  /** Why the value cannot be one side of a ratio; null when it can. */
  readonly uncountable: string | null;
  /** In what it counts, and scaled by what; null when it counts nothing. */
  readonly measure: Measure | null;
  /** As one side of a ratio: what is added up and subtracted. */
  readonly terms: readonly CountTerm[];
  /** Why a selector cannot match what its author means: another tool's placeholder, or matchers at odds; or null. */
  readonly unmatchable: string | null;
  /** True when an offset or @ makes some selector look at another time. */
  readonly movedInTime: boolean;
}

export interface Slot {
  /** `service`, `version`, `release`, `ring`, `window` or `labels.NAME`. */
  readonly name: string;
  /** The span that the value replaces: the literal with its quotes, or the duration. */
  readonly from: number;
  readonly to: number;
  /** True in a `!=` matcher. */
  readonly negated: boolean;
}

export interface TemplateValues {
  readonly service: string;
  readonly version: string;
  readonly ring: string;
  /** The ring's labels over the service's. */
  readonly labels: Readonly<Record<string, string>>;
  /** At least a second; null when there is no window. */
  readonly windowMs: number | null;
}

export const MAX_TEMPLATE_LENGTH = 8000;
export const MIN_WINDOW_MS = 1000;
/** A hundred years: Prometheus counts nanoseconds in 64 bits, which end after 292. */
export const MAX_WINDOW_MS = 36_500 * 86_400_000;

/** The names that placeholders have. */
export const KNOWN_PLACEHOLDER = /^(service|version|release|ring|window|labels\.[a-zA-Z_][a-zA-Z0-9_]*)$/;
const DUMMY_WINDOW = ' 5m      ';

type Parsed = ParsedTemplate | { readonly error: string };

/** Reads a query template; the error is one sentence for its author. */
export const parseTemplate: (text: string) => Parsed = kept(readTemplate, 1000);

function readTemplate(text: string): Parsed {
  const unreadable = unreadableText(text);
  if (unreadable !== null) return { error: unreadable };
  const found = findPlaceholders(text);
  if ('error' in found) return found;
  const query = parsePromql(mask(text, found.placeholders));
  const error = firstError(query, found.placeholders);
  if (error !== null) return { error };
  const slots = found.placeholders.map((at) => ({ name: at.name, ...replacedSpan(query, at) }));
  const movedInTime = nodesOf(query, 'OffsetExpr', 'StepInvariantExpr').length > 0;
  const written = { ...query, text };
  const count = { uncountable: null, measure: null, ...countOf(written), terms: countTerms(written) };
  const unmatchable = foreignIn(query) ?? contradictionIn(written);
  return { language: 'promql', text, slots, shape: query.shape, ...count, unmatchable, movedInTime };
}

/** A value put in by us is masked, so what is found was written by the author. */
function foreignIn(query: Promql): string | null {
  for (const node of nodesOf(query, 'StringLiteral')) {
    const isMatcher = node.parent?.name.endsWith('LabelMatcher') === true;
    const value = decodeString(textOf(query, node)) ?? '';
    // Ours are masked: one that is still there was written with an escape, and nobody fills it.
    const found = /\$\{\w*\}?/.exec(value)?.[0] ?? foreignPlaceholder(value);
    // An argument such as that of label_replace() has its own $1 and $name.
    if (found === null || (!isMatcher && found.startsWith('$'))) continue;
    const instead = `write a whole label value such as ${placeholderInstead(found)}`;
    return `${found} is another tool's placeholder and would be compared as it stands: ${instead} (${placeIn(query.text, node.from)})`;
  }
  return null;
}

function unreadableText(text: string): string | null {
  if (text.trim() === '') return 'the query is empty';
  if (text.length > MAX_TEMPLATE_LENGTH) return `the query is longer than ${MAX_TEMPLATE_LENGTH} characters`;
  if (!text.isWellFormed()) return 'the query contains half a surrogate pair, which is no character';
  const odd = /[^\P{Cc}\n\t]|[\p{Bidi_Control}\ufffd]/u.exec(text);
  if (odd === null) return null;
  const code = (odd[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `the query contains the character U+${code}, which may not stand in one (${placeIn(text, odd.index)})`;
}

function findPlaceholders(text: string): { placeholders: readonly Placeholder[] } | { error: string } {
  const placeholders: Placeholder[] = [];
  for (let from = text.indexOf('${'); from >= 0; from = text.indexOf('${', from + 2)) {
    const end = text.indexOf('}', from);
    if (end < 0) return { error: `a placeholder begins with \${ but has no } (${placeIn(text, from)})` };
    const name = text.slice(from + 2, end);
    if (!KNOWN_PLACEHOLDER.test(name)) return { error: unknownPlaceholder(name, placeIn(text, from)) };
    placeholders.push({ name, from, to: end + 1 });
  }
  const bare = /(["'`])\$([a-zA-Z_][\w.]*)\1/.exec(text);
  if (bare === null) return { placeholders };
  const where = placeIn(text, bare.index);
  const instead = placeholderInstead(bare[2] ?? '');
  return { error: `$${bare[2]} would be compared as it stands: a placeholder is written ${instead} (${where})` };
}

function unknownPlaceholder(name: string, where: string): string {
  const known = ['service', 'version', 'release', 'ring', 'labels.NAME', 'window'].map((one) => `\${${one}}`).join(' ');
  return `unknown placeholder \${${name}} (${where}); known are ${known}`;
}

/**
 * The same text with every placeholder replaced by something as long that parses wherever it stands:
 * a duration, or a row of underscores, which is a string's content, a name or a label.
 */
function mask(text: string, placeholders: readonly Placeholder[]): string {
  return splice(text, placeholders, (at) => (at.name === 'window' ? DUMMY_WINDOW : '_'.repeat(at.to - at.from)));
}

function firstError(query: Promql, placeholders: readonly Placeholder[]): string | null {
  for (const at of placeholders) {
    const misplaced = placementError(query, at);
    if (misplaced !== null) return misplaced;
  }
  if (query.errorAt !== null) return `the query is not PromQL (${placeIn(query.text, query.errorAt)})`;
  return findMistake(query);
}

/** Puts the values in. The error says which value is missing or impossible; nothing is ever thrown. */
export function fillTemplate(
  template: ParsedTemplate,
  values: TemplateValues,
): { readonly query: string } | { readonly error: string } {
  const literals = new Map<string, string>();
  for (const { name } of template.slots) {
    const literal = name === 'window' ? windowLiteral(values.windowMs) : stringLiteral(name, valueNamed(name, values));
    if ('error' in literal) return literal;
    literals.set(name, literal.text);
  }
  const query = splice(template.text, template.slots, (slot) => literals.get(slot.name) ?? '');
  if (outlineOf(query).shape !== template.shape) {
    return { error: 'the filled query does not have the shape of its template' };
  }
  return { query };
}

/** What a placeholder other than `${window}` stands for; undefined when there is no such value. */
export function valueNamed(name: string, values: TemplateValues): string | undefined {
  if (name === 'service') return values.service;
  if (name === 'version') return values.version;
  if (name === 'ring') return values.ring;
  if (name === 'release') return values.service && values.version && formatRelease(values);
  const label = name.slice('labels.'.length);
  return Object.hasOwn(values.labels, label) ? values.labels[label] : undefined;
}

/** An empty value is refused because `label=""` also matches every series without the label. */
function stringLiteral(name: string, value: string | undefined): { text: string } | { error: string } {
  if (value === undefined || value === '') return { error: `\${${name}} has no value here` };
  if (!value.isWellFormed()) return { error: `the value of \${${name}} contains half a surrogate pair` };
  return { text: encodeString(value) };
}

function windowLiteral(windowMs: number | null): { text: string } | { error: string } {
  if (windowMs === null) return { error: `\${window} has no value here: the rule has no window` };
  if (!(windowMs >= MIN_WINDOW_MS && windowMs <= MAX_WINDOW_MS)) {
    return { error: `a window must be between 1s and ${formatDuration(MAX_WINDOW_MS)}` };
  }
  return { text: formatDuration(windowMs) };
}

/** Which placeholders occur; `version` also for `${release}`. */
export function namesIn(slots: readonly Slot[]): TemplateNames {
  const names = new Set(slots.map((slot) => slot.name));
  return {
    service: names.has('service') || names.has('release'),
    version: names.has('version') || names.has('release'),
    ring: names.has('ring'),
    window: names.has('window'),
    labels: [...names].filter((name) => name.startsWith('labels.')).map((name) => name.slice('labels.'.length)),
  };
}

export interface TemplateNames {
  readonly service: boolean;
  readonly version: boolean;
  readonly ring: boolean;
  readonly window: boolean;
  readonly labels: readonly string[];
}
