import type { FreezeFact } from '../controls.ts';
import { type Finding, holds, passes } from '../finding.ts';
import { openFrom } from '../opening.ts';
import type { Scene } from '../scene.ts';

const SUBJECT = { check: 'freeze' } as const;

/**
 * No release enters a ring during a freeze that covers it, nor outside its allow windows where there
 * are any; a freeze beats an allow window. A calendar that cannot be worked out counts as frozen.
 * Leaving a ring as proven changes nothing in production, so `exit` is not stopped.
 */
export function checkFreezes(scene: Scene): readonly Finding[] {
  const { controls, question } = scene.situation;
  if (controls === undefined) return [];
  const subject = { ...SUBJECT, ring: scene.ring.name };
  if (question.stage === 'exit') return [passes(subject, 'not-applicable', { stage: 'exit' })];
  const { freezes } = controls;
  const stopping = freezes.filter((freeze) => isStopping(freeze));
  const findings = stopping.map((freeze) =>
    freeze.exempt.includes(question.change)
      ? passes(subject, 'not-applicable', { ...told(freeze), exempt: question.change })
      : frozen(scene, freeze),
  );
  const outside = checkAllowed(scene, freezes);
  if (findings.length > 0 || outside !== null) return outside === null ? findings : [...findings, outside];
  return [passes(subject, 'open', upcoming(freezes))];
}

function isStopping(freeze: FreezeFact): boolean {
  return freeze.kind === 'freeze' && (freeze.active !== null || !freeze.known);
}

function frozen(scene: Scene, freeze: FreezeFact): Finding {
  const subject = { ...SUBJECT, ring: scene.ring.name };
  if (freeze.active === null) return holds(subject, 'frozen', 'by-person', { ...told(freeze), known: false });
  const evidence = {
    ...told(freeze),
    since: freeze.active.start,
    until: freeze.active.end,
    localUntil: freeze.localUntil,
  };
  return holds(subject, 'frozen', 'by-time', evidence, openFrom(scene.situation, freeze.active.end) ?? undefined);
}

/** Null where no allow window has a say, or one is open. */
function checkAllowed(scene: Scene, freezes: readonly FreezeFact[]): Finding | null {
  const allowing = freezes.filter(({ kind }) => kind === 'allow');
  if (allowing.length === 0 || allowing.some(({ active }) => active !== null)) return null;
  const subject = { ...SUBJECT, ring: scene.ring.name };
  const { change } = scene.situation.question;
  const windows = allowing.map(({ name, next, localNext }) => ({ name, next: next?.start ?? null, localNext }));
  const evidence = { windows };
  if (allowing.some(({ exempt }) => exempt.includes(change))) {
    return passes(subject, 'not-applicable', { ...evidence, exempt: change });
  }
  const opens = openFrom(scene.situation, scene.at);
  const comes = allowing.some(({ next }) => next !== null);
  return holds(subject, 'outside-allowed-window', comes ? 'by-time' : 'by-person', evidence, opens ?? undefined);
}

function told({ name, title, reason, timeZone }: FreezeFact) {
  return { freeze: name, title, reason, timeZone };
}

/** The next thing that will close the ring, for whoever plans. */
function upcoming(freezes: readonly FreezeFact[]): Readonly<Record<string, unknown>> {
  const next = freezes
    .filter(({ kind, next: span }) => kind === 'freeze' && span !== null)
    .sort((a, b) => ((a.next?.start ?? '') < (b.next?.start ?? '') ? -1 : 1))[0];
  return next === undefined ? {} : { next: { freeze: next.name, ...next.next, localStart: next.localNext } };
}
