export interface Span {
  /** Offsets into the text; `to` is not in the span. */
  readonly from: number;
  readonly to: number;
}

/** The text with each span replaced. Spans are in the order of the text and do not overlap. */
export function splice<T extends Span>(text: string, spans: readonly T[], replacement: (span: T) => string): string {
  let done = '';
  let end = 0;
  for (const span of spans) {
    done += text.slice(end, span.from) + replacement(span);
    end = span.to;
  }
  return done + text.slice(end);
}
