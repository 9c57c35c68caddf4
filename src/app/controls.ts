import { everyAsker, isAskedByMany, namedAskers } from '../domain/asker.ts';
import type { Approval, Controls, FreezeFact, Halt, Override } from '../domain/controls.ts';
import type { Question } from '../domain/facts.ts';
import type { FreezeDocument } from '../domain/freeze.ts';
import { covers } from '../domain/freeze-scope.ts';
import { planOf, ringOf, type ServiceDocument } from '../domain/service.ts';
import type { FreezeWindows, WindowsAt } from './freeze-windows.ts';
import type { ControlRow, GateState } from './ports.ts';

/**
 * What people and the calendar say about a question, worked out at the instant of the state. `askers` are the people
 * behind the question itself, beside those who have asked for the release before.
 */
export function controlsFor(
  state: Omit<GateState, 'service'> & { readonly service: ServiceDocument },
  question: Pick<Question, 'service' | 'ring'>,
  askers: readonly string[],
  windowsAt: WindowsAt,
): Controls {
  const labels = ringOf(planOf(state.service), question.ring)?.labels ?? {};
  const target = { service: question.service, ring: question.ring, labels };
  const covering = state.freezes.filter(({ document }) => covers(document, target));
  const freezes = covering.map(({ name, document }) => factOf(name, document, windowsAt(document, state.now)));
  return {
    freezes: freezes.filter((freeze) => !isOver(freeze)),
    halts: documentsOf<Halt>(state.controls, 'halt'),
    approvals: documentsOf<Approval>(state.controls, 'approval'),
    overrides: documentsOf<Override>(state.controls, 'override'),
    askers: everyAsker([...namedAskers(state.askers).map(({ name }) => name), ...askers]),
    ...(isAskedByMany(state.askers) ? { askedByMany: true } : {}),
  };
}

function factOf(name: string, document: FreezeDocument, windows: FreezeWindows): FreezeFact {
  const { kind, title = null, reason = null, timeZone, exempt = [] } = document;
  return { name, kind, title, reason, timeZone, exempt, ...windows };
}

/** It stops nothing any more; calendars that are imported year after year would fill every record. */
function isOver({ kind, known, active, next }: FreezeFact): boolean {
  return kind === 'freeze' && known && active === null && next === null;
}

/** The documents of one kind. */
export function documentsOf<T>(rows: readonly ControlRow[], kind: ControlRow['kind']): readonly T[] {
  return rows.filter((row) => row.kind === kind).map(({ document }) => document as T);
}
