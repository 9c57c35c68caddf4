import type { FreezeFact, Span } from './controls.ts';
import type { Situation } from './facts.ts';

/**
 * When the calendar lets a ring be entered, from the windows around the moment of asking. Only those
 * are known, so an answer far ahead may be too early by a window that comes later; whoever asks then
 * is told so then.
 */

/** The first instant from `from` on at which nothing that is known closes the ring; null when none is known. */
export function openFrom({ question, controls }: Situation, from: string): string | null {
  const heeded = (controls?.freezes ?? []).filter(({ exempt }) => !exempt.includes(question.change));
  const freezes = heeded.filter(({ kind }) => kind === 'freeze');
  const closed = freezes.flatMap(spansOf);
  const allowing = controls?.freezes.filter(({ kind }) => kind === 'allow') ?? [];
  const exempted = allowing.some(({ exempt }) => exempt.includes(question.change));
  const open = allowing.length === 0 || exempted ? null : allowing.flatMap(spansOf);
  let at = from;
  for (let steps = 0; steps <= closed.length + (open?.length ?? 0); steps += 1) {
    const next = pushed(at, closed, open);
    if (next === null || next === at) return next;
    at = next;
  }
  return at;
}

/** The first instant after `at` at which the calendar closes the ring; null when none is known. */
export function closesAfter({ question, controls }: Situation, at: string): string | null {
  const heeded = (controls?.freezes ?? []).filter(({ exempt }) => !exempt.includes(question.change));
  const begins = heeded.flatMap(({ kind, next }) => (kind === 'freeze' && next !== null ? [next.start] : []));
  const ends = allowedUntil(controls?.freezes ?? [], question.change);
  const known = [...begins, ...(ends === null ? [] : [ends])].filter((instant) => instant > at);
  return known.sort()[0] ?? null;
}

/** While several allow windows are open the last one to end counts. */
function allowedUntil(freezes: readonly FreezeFact[], change: string): string | null {
  const allowing = freezes.filter(({ kind }) => kind === 'allow');
  if (allowing.some(({ exempt }) => exempt.includes(change))) return null;
  const ends = allowing.flatMap(({ active }) => (active === null ? [] : [active.end]));
  return ends.sort().at(-1) ?? null;
}

function spansOf({ active, next }: FreezeFact): readonly Span[] {
  return [active, next].filter((span) => span !== null);
}

/** Moves past the freeze that covers `at`, or to the allow window that begins next. */
function pushed(at: string, closed: readonly Span[], open: readonly Span[] | null): string | null {
  const freeze = closed.find((span) => span.start <= at && at < span.end);
  if (freeze !== undefined) return freeze.end;
  if (open === null || open.some((span) => span.start <= at && at < span.end)) return at;
  const starts = open.map(({ start }) => start).filter((start) => start > at);
  return starts.sort()[0] ?? null;
}
