import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { DAY_MS, LATEST, type LocalMs } from './local-time.ts';
import { type RruleParts, readRrule, startsPerDay } from './rrule-parts.ts';
import { type Starts, stepFor } from './starts.ts';
import type { Until } from './until.ts';
import { localOf } from './zone.ts';

/**
 * The starts of a recurrence rule from its first start on, in local time: the library computes as if on UTC, where
 * no clock changes. UNTIL is ours, because it may be local or an instant. Null when the rule is not valid.
 */
export function rruleStarts(text: string, first: LocalMs, zone: string): Starts | null {
  const read = readRrule(text);
  if (read === null) return null;
  const { last, lastInstant } = boundsOf(read.until, zone);
  const rule = new RRuleTemporal({
    rruleString: [...read.parts]
      .filter(([name]) => name !== 'UNTIL')
      .map((part) => part.join('='))
      .join(';'),
    dtstart: Temporal.Instant.fromEpochMilliseconds(first).toZonedDateTimeISO('UTC'),
    strict: true,
  });
  const between = (from: LocalMs, to: LocalMs): readonly LocalMs[] | null => {
    try {
      const found = rule.between(new Date(from), new Date(to - 1), true);
      return found.map((at) => at.epochMilliseconds).filter((at) => at >= from && at < to);
    } catch {
      return null; // it gave up after its own number of attempts
    }
  };
  return { first, last, lastInstant, stepMs: stepOf(read), between };
}

/** A rule with COUNT is counted from its start each time, and has few starts: it is asked once. */
function stepOf(rule: RruleParts): number {
  return rule.parts.has('COUNT') ? LATEST : stepFor(startsPerDay(rule.parts));
}

/** A day counts until its end, a local time is compared with local times, an instant with instants. */
function boundsOf(until: Until | null, zone: string): { readonly last: LocalMs; readonly lastInstant: number } {
  if (until === null) return { last: LATEST, lastInstant: LATEST };
  if (until.kind === 'instant') return { last: localOf(until.ms, zone) + DAY_MS, lastInstant: until.ms };
  return { last: until.kind === 'day' ? until.ms + DAY_MS - 1 : until.ms, lastInstant: LATEST };
}
