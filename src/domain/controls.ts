/**
 * What people and the calendar say about one question: freezes, halts, approvals and overrides, as
 * they stood at the decision's instant. Plain data and part of the facts, so that a decision can be
 * taken again when the calendar, a zone's rules or an approval have long changed.
 */
export interface Controls {
  /** Those that cover the ring that was asked for, by name; without freezes that are over. */
  readonly freezes: readonly FreezeFact[];
  /** Those that stand and cover the release. */
  readonly halts: readonly Halt[];
  /** Those of this release that were not withdrawn. */
  readonly approvals: readonly Approval[];
  /** Those of this release that were not withdrawn; whether they apply is judged. */
  readonly overrides: readonly Override[];
  /** Everybody who has asked for the release since it was last cleared: nobody approves what they asked for themselves. */
  readonly askers: readonly string[];
  /** More people were named than are remembered: anybody may have asked. Absent where they were not. */
  readonly askedByMany?: true;
}

/** A freeze or allow window with its real instants around the moment of asking. */
export interface FreezeFact {
  readonly name: string;
  readonly kind: 'freeze' | 'allow';
  readonly title: string | null;
  readonly reason: string | null;
  readonly timeZone: string;
  /** Change classes that it does not stop. */
  readonly exempt: readonly string[];
  /** False when its windows could not be worked out: then it counts as frozen. */
  readonly known: boolean;
  /** The window that is open now, half open, RFC 3339 UTC. */
  readonly active: Span | null;
  /** The next one after now. */
  readonly next: Span | null;
  /** What the clocks in its zone show when the open window ends, `2026-11-30T08:00:00+01:00[Europe/Berlin]`. */
  readonly localUntil: string | null;
  /** The same for when the next one begins. */
  readonly localNext: string | null;
}

export interface Span {
  readonly start: string;
  readonly end: string;
}

/** Who did something: the token's id, and the name by which a person is known. */
export interface Person {
  readonly id: string | null;
  readonly name: string;
}

/** Something a person did at an instant. */
export interface Deed {
  readonly at: string;
  readonly by: Person;
}

/** Stops the line for a release, a service or everything until it is lifted. */
export interface Halt extends Deed {
  readonly id: string;
  readonly scope: HaltScope;
  readonly reason: string;
  readonly lifted: (Deed & { readonly reason: string | null }) | null;
}

export type HaltScope = { readonly release: string } | { readonly service: string } | { readonly everything: true };

/** One person's word that a release may enter a ring. */
export interface Approval extends Deed {
  readonly id: string;
  /** `service@version`. */
  readonly release: string;
  readonly ring: string;
  /** The release's epoch when it was given; it lapses when the release has to start again. */
  readonly epoch: number;
  readonly comment: string | null;
  readonly withdrawn: Deed | null;
}

/** Break-glass: named checks of one release and rings are waived until it expires. */
export interface Override extends Deed {
  readonly id: string;
  readonly release: string;
  readonly rings: readonly string[];
  /** Names of checks, `rule/<name>`, or `*` for all that need no second person. */
  readonly checks: readonly string[];
  readonly reason: string;
  readonly incident: string | null;
  readonly expiresAt: string;
  /** Second persons. */
  readonly approvals: readonly (Deed & { readonly comment: string | null })[];
  readonly withdrawn: Deed | null;
}
