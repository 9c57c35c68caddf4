/** How a client of the gate is described to the matrix of test/acceptance/dialects.test.ts. */
export type Heard =
  | { readonly status: number; readonly headers: Headers; readonly body: string }
  | { readonly failed: 'refused' | 'late' };

/** It goes on, asks again, pauses for a person, fails where it stands, or takes the release back. */
export type Reaction = 'on' | 'waits' | 'pauses' | 'stops' | 'back';

export interface WebRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** How long the client waits for an answer. */
  readonly timeoutMs: number;
}

/** What one of our recipes makes of a client. */
export interface Dialect {
  /** What it asks, by a name of its own; Flagger asks several things at a time. */
  readonly asks: Readonly<Record<string, WebRequest>>;
  /** What it does within an hour in which each question is always answered like that. */
  reacts(heard: Readonly<Record<string, Heard>>): Reaction;
}

/** The version that every situation is about, and that a recipe's own variable stands for. */
export const ASKED_VERSION = '1.4.2';

/** The first reaction of an hour that is not to ask again. `times` counts from 1. */
export function hourly(perHour: number, react: (times: number) => Reaction): Reaction {
  for (let times = 1; times <= perHour; times += 1) {
    const reaction = react(times);
    if (reaction !== 'waits') return reaction;
  }
  return 'waits';
}

/** The parsed body, undefined when it is not JSON. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The member of a JSON object, undefined where there is none. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

export function is2xx(status: number): boolean {
  return status >= 200 && status < 300;
}
