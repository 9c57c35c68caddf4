import { advance } from '../domain/advance.ts';
import type { Named } from '../domain/asker.ts';
import { askerWrites } from './askers.ts';
import { type Asker, type DecisionBody, decisionBody, ownAsker } from './decision-record.ts';
import type { Commit, Ports, Write } from './ports.ts';
import { entryFrom } from './record.ts';
import type { RecordedBody } from './repeated-hold.ts';
import type { Round } from './round.ts';
import { writesOf } from './writes.ts';

/** A look that is ready to be recorded. */
export interface DecisionCommit {
  readonly body: DecisionBody;
  /** Everything that is recorded with it, itself the last: in short what repeats something that was told before. */
  readonly records: readonly RecordedBody[];
  readonly commit: Commit;
}

/**
 * The decision, what the gate has found out by itself on the way to it, who asked, and everything that changes by it:
 * one transaction.
 */
export function decisionCommit(ports: Ports, asker: Asker, round: Round, named: readonly Named[]): DecisionCommit {
  const bodies = bodiesOf(ports, asker, round);
  const { revisions } = round.state;
  const body = bodies.at(-1) as DecisionBody;
  const parts = bodies.map((each) =>
    partOf(ports, each, each === body ? askerWrites(body, round.state, named) : [], revisions.history),
  );
  const writes = parts.flatMap((part) => part.writes);
  return committing(
    bodies,
    parts.map(({ record }) => record),
    { expects: revisions, raises: raisedBy(body, writes), writes },
  );
}

/** The same for what did not stay true for long enough: it is recorded whole, and changes nothing but who asked. */
export function contestedCommit(ports: Ports, asker: Asker, round: Round, named: readonly Named[]): DecisionCommit {
  const bodies = bodiesOf(ports, asker, round);
  const body = bodies.at(-1) as DecisionBody;
  const writes = askerWrites(body, round.state, named);
  return committing(bodies, bodies, { expects: {}, raises: raisedBy(body, writes), writes });
}

function raisedBy({ service }: DecisionBody, writes: readonly Write[]): readonly string[] {
  return writes.length > 0 ? [`service/${service}`] : [];
}

type Bodies = readonly [DecisionBody] | readonly [own: DecisionBody, body: DecisionBody];

/** Whoever shares a round with others records it alone all the same, so what was found of the occupant gets its id here. */
function bodiesOf(ports: Ports, asker: Asker, { facts, decision, occupant }: Round): Bodies {
  const id = ports.runtime.newId();
  if (occupant === null) return [decisionBody(id, asker, facts, decision)];
  const own = ports.runtime.newId();
  const named = { ...facts, occupant: { ...occupant.found, decision: own } };
  return [
    decisionBody(own, ownAsker(asker, id), occupant.facts, occupant.decision),
    decisionBody(id, asker, named, decision),
  ];
}

/** Whatever changes state is recorded with its facts. */
function partOf(
  ports: Ports,
  body: DecisionBody,
  also: readonly Write[],
  history: number,
): { readonly record: RecordedBody; readonly writes: readonly Write[] } {
  const writes = [...writesOf(body.service, advance(body.facts, body.decision, body.id)), ...also];
  return { writes, record: writes.length > 0 ? body : ports.desk.holds.shortened(body, history) };
}

function committing(
  bodies: Bodies,
  records: readonly RecordedBody[],
  changes: Pick<Commit, 'expects' | 'raises' | 'writes'>,
): DecisionCommit {
  const entries = records.map((record) => entryFrom(record.id, record));
  const entry = entries.at(-1) as Commit['entry'];
  return { body: bodies.at(-1) as DecisionBody, records, commit: { entry, also: entries.slice(0, -1), ...changes } };
}
