import {
  type Asker,
  askerNamed,
  MOST_STATED,
  manyOthersPath,
  type Named,
  namedAskers,
  newAskers,
} from '../domain/asker.ts';
import { GateError } from '../domain/errors.ts';
import { samePerson } from '../domain/person.ts';
import { formatRelease, type Release } from '../domain/release.ts';
import { again } from './again.ts';
import type { ControlPorts } from './control-commit.ts';
import type { DecisionBody } from './decision-record.ts';
import { noService } from './no-service.ts';
import type { GateState, RequestContext, Write } from './ports.ts';
import { newEntry } from './record.ts';
import { requirePlain } from './require-plain.ts';
import { hasRight } from './rights.ts';

/** Who is behind a question: the person that it names, and the operator who asks. */
export function namedBy({ principal }: RequestContext, actor: string | null): readonly Named[] {
  const own: readonly Named[] = hasRight(principal, 'operate') ? [{ name: principal.name, source: 'token' }] : [];
  if (actor === null || askerNamed(own, actor) !== undefined) return own;
  return [{ name: actor, source: principal.kind === 'github' ? 'github' : 'stated' }, ...own];
}

/** The rows by which a decision remembers who asked. A dry run makes nobody an asker. */
export function askerWrites(body: DecisionBody, state: GateState, named: readonly Named[]): readonly Write[] {
  const { question } = body.facts;
  if (question.dryRun) return [];
  const { service, version } = question;
  return newAskers(state.askers, named).map((each) => {
    const asker: Asker = { ...each, decision: body.id, at: body.at };
    return { kind: 'put-asker', service, version, asker };
  });
}

/**
 * Nobody stands behind what they have asked for. Whoever asks later is left out when a decision is taken. `deed` is
 * what they want to do.
 * @throws GateError `forbidden` for one of the askers, and `conflict` where anybody may be one.
 */
export function requireNotAsked(askers: readonly Asker[], release: string, person: string, deed: string): void {
  const asker = askerNamed(namedAskers(askers), person);
  if (asker !== undefined) {
    const path = `/releases/${release}/askers/${encodeURIComponent(asker.name)}?reason=…`;
    const wrong = `; if a caller has named ${asker.name} wrongly, another operator takes that back with DELETE ${path}`;
    const because = `${person} has asked for ${release} (decision ${asker.decision}), so somebody else has to ${deed}`;
    throw new GateError('forbidden', because + (asker.source === 'stated' ? wrong : ''));
  }
  const many = askers.find(({ source }) => source === 'many');
  if (many === undefined) return;
  const because = `callers have named more than ${MOST_STATED} people as asking for ${release} (decision ${many.decision}), so anybody may have asked, and nobody can ${deed}`;
  throw new GateError(
    'conflict',
    `${because}; another operator takes that back with DELETE ${manyOthersPath(release)}`,
  );
}

/**
 * Takes back that somebody has asked, where only a caller has said so. A question that names them again makes them
 * an asker again. Whoever takes back the many may have been one of them, and counts as one until another operator takes
 * that back, too.
 * @throws GateError `not-found`, `forbidden` for the person, and `conflict` where it is not only said.
 */
export async function withdrawAsker(
  ports: ControlPorts,
  context: RequestContext,
  release: Release,
  { name, reason }: { readonly name: string; readonly reason: string },
): Promise<void> {
  requirePlain({ reason });
  const subject = formatRelease(release);
  const operator = context.principal.name;
  if (samePerson(name, operator)) {
    throw new GateError('forbidden', `${operator} cannot take back the own name; another operator can`);
  }
  await again(subject, async () => {
    const state = await ports.store.gateState(release.service, release.version);
    if (state.service === null) throw noService(release.service);
    const asker = askerNamed(state.askers, name);
    if (asker === undefined) throw notAsked(subject, name);
    requireOnlyStated(asker, subject);
    const after = asker.source === 'many' ? inPlaceOfMany(state.askers, asker, operator) : null;
    const own = { service: release.service, release: subject, reason, actor: operator, before: asker, after };
    const entry = newEntry(ports, context, { kind: 'asker-withdraw', at: state.now, ...own });
    const taken = { kind: 'delete-asker', ...release, asker } as const;
    const put = after === null ? [] : [{ kind: 'put-asker', ...release, asker: after } as const];
    const raises = [`service/${release.service}`];
    const outcome = await ports.store.append({ entry, expects: state.revisions, raises, writes: [taken, ...put] });
    if (outcome !== 'recorded') return null;
    ports.events.changed({ request: context, kind: 'asker-withdraw', subject });
    return asker;
  });
}

function inPlaceOfMany(askers: readonly Asker[], many: Asker, operator: string): Asker | null {
  if (askerNamed(namedAskers(askers), operator) !== undefined) return null;
  return { ...many, name: operator, source: 'stated' };
}

function notAsked(subject: string, name: string): GateError {
  const list = `GET /releases/${subject} lists who has`;
  return new GateError('not-found', `${name} is not known to have asked for ${subject}; ${list}`);
}

function requireOnlyStated({ name, source, decision }: Asker, subject: string): void {
  if (source === 'stated' || source === 'many') return;
  const how = source === 'token' ? 'with a token of that name' : 'at GitHub, which has signed it';
  const advice = 'it stays so until an operator clears the release; let somebody else approve';
  throw new GateError('conflict', `${name} has asked for ${subject} ${how} (decision ${decision}): ${advice}`);
}
