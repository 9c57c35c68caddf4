import type { Halt } from '../domain/controls.ts';
import type { DecisionBody } from './decision-record.ts';
import type { Entry } from './ports.ts';
import type { Told } from './tell.ts';

/** A halt that stood when the release asked for the ring. */
export interface MetHalt {
  readonly ring: string;
  readonly halt: Halt;
}

/** Every halt that the release met, once for each ring in which it met it. */
export function haltsIn(entries: readonly Entry[]): readonly MetHalt[] {
  const met = new Map<string, MetHalt>();
  for (const entry of entries) {
    const { kind, ring, facts } = JSON.parse(entry.body) as DecisionBody;
    if (kind !== 'decision' || facts?.question.dryRun !== false) continue;
    for (const halt of facts.controls?.halts ?? []) met.set(`${ring}/${halt.id}`, { ring, halt });
  }
  return [...met.values()];
}

/** Who stopped what, and who let it run again. `lifts` are records of lifted halts. */
export function tellHalts(met: readonly MetHalt[], lifts: readonly Entry[]): readonly Told[] {
  const lifted = new Map(lifts.map((entry) => [(JSON.parse(entry.body) as { after: Halt }).after.id, entry]));
  return met.flatMap(({ ring, halt }) => {
    const { id, at, by, reason } = halt;
    const what = whatOf(halt);
    const because = `${by.name} stopped ${what} (${reason}).`;
    const begin = { at, what: 'halted', because, entry: id, by: by.name, ungated: false };
    const end = lifted.get(id);
    return [{ ring, event: begin }, ...(end === undefined ? [] : [{ ring, event: liftOf(end, what) }])];
  });
}

function liftOf(entry: Entry, what: string): Told['event'] {
  const { at, actor, reason } = JSON.parse(entry.body) as { at: string; actor: string; reason: string | null };
  const because = `${actor} let ${what} go on${reason === null ? '' : ` (${reason})`}.`;
  return { at, what: 'lifted', because, entry: entry.id, by: actor, ungated: false };
}

function whatOf({ scope }: Halt): string {
  if ('release' in scope) return scope.release;
  return 'service' in scope ? scope.service : 'everything';
}
