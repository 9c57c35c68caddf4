import { type DatadogTemplate, fillDatadog, isForDatadog, parseDatadog } from './datadog-template.ts';
import { kept } from './kept.ts';
import {
  ageQuery,
  distanceQuery,
  fillTemplate,
  namesIn,
  type ParsedTemplate,
  parseTemplate,
  selectorsOf,
  type TemplateNames,
  type TemplateValues,
} from './template.ts';

/**
 * Queries of every language that rules may be written in. A text says itself which one it is: PromQL
 * and Datadog's have none in common, so a rule means the same whatever becomes of its provider.
 */
export type QueryTemplate = ParsedTemplate | DatadogTemplate;
export type QueryLanguage = QueryTemplate['language'];

/** The language that the text can be of. */
export const languageOf = kept((text: string): QueryLanguage => (isForDatadog(text) ? 'datadog' : 'promql'), 2000);

/** Reads a query template; the error is one sentence for its author. */
export function parseQuery(text: string): QueryTemplate | { readonly error: string } {
  return languageOf(text) === 'datadog' ? parseDatadog(text) : parseTemplate(text);
}

/** Puts the values in. The error says which value is missing or impossible; nothing is ever thrown. */
export function fillQuery(
  template: QueryTemplate,
  values: TemplateValues,
): { readonly query: string } | { readonly error: string } {
  return template.language === 'datadog' ? fillDatadog(template, values) : fillTemplate(template, values);
}

/** Which placeholders occur. What is asked of Datadog has its window beside it instead of in it. */
export function namesOfQuery({ language, slots }: QueryTemplate): TemplateNames {
  const names = namesIn(slots);
  return language === 'datadog' ? { ...names, window: true } : names;
}

/** The window that goes with a filled query beside its text; none where the text has it, or needs none. */
export function windowBeside(query: string, windowMs: number | null): { readonly windowMs?: number } {
  const beside = languageOf(query) === 'datadog' && windowMs !== null && !isMonitor(query);
  return beside ? { windowMs } : {};
}

/**
 * What has to be asked to learn the age of the newest sample behind a filled query. A monitor judges
 * that itself: without data its state is "No Data".
 */
export function ageQueries(
  query: string,
  maxAgeMs: number,
): readonly { readonly query: string; readonly windowMs?: number }[] {
  if (languageOf(query) === 'promql') {
    return selectorsOf(query).map((selector) => ({ query: ageQuery(selector, maxAgeMs) }));
  }
  return isMonitor(query) ? [] : [{ query, windowMs: maxAgeMs }];
}

/** What has to be asked to learn how far apart samples are. Datadog cannot be asked for that. */
export function distanceQueries(query: string, spanMs: number): readonly string[] {
  return languageOf(query) === 'promql' ? selectorsOf(query).map((selector) => distanceQuery(selector, spanMs)) : [];
}

function isMonitor(query: string): boolean {
  return query.startsWith('/api/v1/monitor/');
}
