import { Temporal } from 'temporal-polyfill';
import type { FreezeEnd } from '../../src/domain/freeze.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** Offsets are looked up this often; all changes lie on such a step. */
const STEP = 15 * MINUTE;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** What the clock of a zone shows, minute by minute, in the days around an instant. Local times are ms as if on UTC. */
export interface Clock {
  readonly from: number;
  readonly to: number;
  /** By local time that is shown: the first and the last instant that it is shown at. */
  readonly shown: ReadonlyMap<number, readonly [first: number, last: number]>;
  /** Where the clock jumps ahead: the local times left out, and the offsets before and after. */
  readonly gaps: readonly { from: number; to: number; before: number; after: number }[];
}

/** Walks the clock from 11 days before until 3 days after. */
export function walkClock(zone: string, around: number): Clock {
  const from = Math.floor(around / STEP) * STEP - 11 * DAY;
  const to = from + 14 * DAY;
  const shown = new Map<number, [number, number]>();
  const gaps: { from: number; to: number; before: number; after: number }[] = [];
  let before = offsetAt(zone, from);
  for (let step = from; step < to; step += STEP) {
    const after = offsetAt(zone, step);
    if (after > before) gaps.push({ from: step + before, to: step + after, before, after });
    for (let at = step; at < step + STEP; at += MINUTE) shown.set(at + after, [shown.get(at + after)?.[0] ?? at, at]);
    before = after;
  }
  return { from, to, shown, gaps };
}

function offsetAt(zone: string, at: number): number {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6;
}

/** The intervals of every local minute that is a start: a freeze the widest way, an allowed window the narrowest. */
export function intervalsOf(
  clock: Clock,
  kind: 'freeze' | 'allow',
  isStart: (local: number) => boolean,
  end: FreezeEnd,
): readonly (readonly [number, number])[] {
  const read = (local: number, early: boolean): number | undefined => {
    const gap = clock.gaps.find((each) => each.from <= local && local < each.to);
    if (gap !== undefined) return local - (early ? gap.after : gap.before);
    return clock.shown.get(local)?.[early ? 0 : 1];
  };
  const starts = [...clock.shown.keys(), ...clock.gaps.flatMap(minutesOf)].filter(isStart);
  return starts.flatMap((local) => {
    const begun = read(local, kind === 'freeze');
    if (begun === undefined) return [];
    const ended = endOf(local, begun, end, (at) => read(at, kind === 'allow'));
    return [[begun, ended ?? clock.to] as const];
  });
}

function minutesOf({ from, to }: { from: number; to: number }): number[] {
  return Array.from({ length: (to - from) / MINUTE }, (_, i) => from + i * MINUTE);
}

function endOf(local: number, begun: number, end: FreezeEnd, read: (local: number) => number | undefined) {
  if (typeof end === 'string') throw new Error('only for recurring windows');
  if ('duration' in end) return begun + Number.parseInt(end.duration, 10) * MINUTE;
  const timeOfDay = Date.parse(`1970-01-01T${end.time}:00Z`);
  for (let at = local + MINUTE; ; at += MINUTE) {
    if (at % DAY !== timeOfDay) continue;
    if (end.weekday === undefined || WEEKDAYS[new Date(at).getUTCDay()] === end.weekday) return read(at);
  }
}
