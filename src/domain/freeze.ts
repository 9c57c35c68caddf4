export type Weekday = 'MO' | 'TU' | 'WE' | 'TH' | 'FR' | 'SA' | 'SU';

/**
 * A freeze, or an allowed window, as it is configured: what `PUT /freezes/{freeze}` takes and `GET` returns.
 * Every time in it is local to `timeZone`; `calendar/` turns it into instants.
 */
export interface FreezeDocument {
  readonly title?: string;
  /** `allow`: outside every allowed window that covers it, a scope is closed. */
  readonly kind: 'freeze' | 'allow';
  readonly scope: FreezeScope;
  /** An IANA name. */
  readonly timeZone: string;
  /** A local date-time: the one start, DTSTART of an rrule, or when a cron expression begins to apply. */
  readonly start?: string;
  readonly recurrence?: { readonly rrule: string } | { readonly cron: string };
  readonly end: FreezeEnd;
  /** Classes of change that may pass nevertheless. */
  readonly exempt?: readonly string[];
  readonly reason?: string;
}

/** Names may hold `*` for any text. Labels are those of a ring over those of its service; `*` is any value. */
export interface FreezeScope {
  readonly services: readonly string[];
  readonly rings: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** A local date-time, an exact length, or the first such local time after the start. */
export type FreezeEnd = string | { readonly duration: string } | { readonly weekday?: Weekday; readonly time: string };
