import { instant } from '../instant.ts';

/** From `start` until just before `end`; instants are RFC 3339 UTC with milliseconds. */
export interface Window {
  readonly start: string;
  readonly end: string;
}

/** The same in milliseconds since the epoch. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Spans in order, with those that overlap or touch joined into one. */
export function merged(spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last === undefined || span.start > last.end) joined.push(span);
    else if (span.end > last.end) joined[joined.length - 1] = { start: last.start, end: span.end };
  }
  return joined;
}

/** A span as it is told to others. */
export function windowOf(span: Span): Window {
  return { start: instant(span.start), end: instant(span.end) };
}
