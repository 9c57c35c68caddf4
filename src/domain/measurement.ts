/**
 * What a provider's answer means. "I cannot tell" is a result of its own, never a value and never an
 * exception: only `value` can ever lead to promote or rollback, everything else holds (law 1).
 * Sources of the kinds: the Prometheus HTTP API's result types, error types and warnings.
 */
export type Measurement =
  /** Exactly one finite number, the text as the provider sent it. */
  | { readonly kind: 'value'; readonly value: string }
  /** A well-formed answer with nothing in it. */
  | { readonly kind: 'no-data' }
  | { readonly kind: 'not-a-number'; readonly value: 'NaN' | '+Inf' | '-Inf' }
  | { readonly kind: 'too-many-series'; readonly series: number }
  /** The provider says itself that the answer may be incomplete. */
  | { readonly kind: 'partial'; readonly warnings: readonly string[] }
  /** The provider understood the request and refused the query: a configuration error. */
  | { readonly kind: 'rejected'; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly reason: UnavailableReason; readonly detail: string }
  /** The rule's query cannot be filled with this release's values, so nothing was sent: a configuration error. */
  | { readonly kind: 'unaskable'; readonly detail: string }
  /** No answer before the decision's (or the provider's own) time ran out. */
  | { readonly kind: 'deadline-exceeded' };

export type UnavailableReason =
  | 'connection' // refused, reset, name not found, TLS
  | 'address-refused' // the guard does not let us go there
  | 'redirect' // answered 3xx; never followed
  | 'unauthorized' // 401 or 403: our credential is wrong or missing
  | 'rate-limited' // 429
  | 'server-error' // 5xx and 499
  | 'not-json' // HTML, plain text, half a document
  | 'unexpected-answer' // JSON, but not the documented shape or result type
  | 'too-large'
  | 'clock-skew' // the provider's clock is too far from ours
  | 'circuit-open' // it failed several times in a row and is left alone for a moment; not asked
  | 'overloaded' // too many questions to it wait already; not asked
  | 'misconfigured'; // a secret that cannot be read, an unknown provider

/** One query to be asked: complete and ready to send. Its answer is recorded under the same `id`. */
export interface MetricQuestion {
  /** Unique within a decision, e.g. `errors/canary/bad/0`. */
  readonly id: string;
  readonly provider: string;
  /** The filled query text as it will be sent. */
  readonly query: string;
  /** How far back it looks, where the text itself has no range; milliseconds. */
  readonly windowMs?: number;
  /**
   * `age` asks for the seconds since the newest sample, `distance` for those between two samples, `series` whether a
   * term of a count has any series and what new ones began with; the others for counts or a value.
   */
  readonly part: 'bad' | 'good' | 'total' | 'value' | 'age' | 'series' | 'distance';
  /** Evaluation instant, RFC 3339 UTC. */
  readonly at: string;
}

/** A question together with what came back. Part of a decision's facts. */
export interface Measured extends MetricQuestion {
  readonly measurement: Measurement;
  /** Lint the provider added; recorded, never judged. */
  readonly infos: readonly string[];
}
