/** A freeze or allow window as it is configured: what `PUT /freezes/{freeze}` takes and `GET` returns. */
export interface FreezeDocument {
  readonly title?: string;
  readonly kind: 'freeze' | 'allow';
  readonly scope: {
    readonly services: readonly string[];
    readonly rings: readonly string[];
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly timeZone: string;
  readonly start?: string;
  readonly recurrence?: { readonly rrule: string } | { readonly cron: string };
  readonly end: string | { readonly duration: string } | { readonly weekday?: Weekday; readonly time: string };
  readonly exempt?: readonly string[];
  readonly reason?: string;
}

export type Weekday = 'MO' | 'TU' | 'WE' | 'TH' | 'FR' | 'SA' | 'SU';
