import { type Asker, askerNamed, type Named, newAskers } from '../domain/asker.ts';
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
 * Takes back that somebody has asked, where only a caller has said so. A question that names them again makes them
 * an asker again.
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
    const own = { service: release.service, release: subject, reason, actor: operator, before: asker, after: null };
    const entry = newEntry(ports, context, { kind: 'asker-withdraw', at: state.now, ...own });
    const write = { kind: 'delete-asker', ...release, asker } as const;
    const raises = [`service/${release.service}`];
    const outcome = await ports.store.append({ entry, expects: state.revisions, raises, writes: [write] });
    if (outcome !== 'recorded') return null;
    ports.events.changed({ request: context, kind: 'asker-withdraw', subject });
    return asker;
  });
}

function notAsked(subject: string, name: string): GateError {
  const list = `GET /releases/${subject} lists who has`;
  return new GateError('not-found', `${name} is not known to have asked for ${subject}; ${list}`);
}

function requireOnlyStated({ name, source, decision }: Asker, subject: string): void {
  if (source === 'stated') return;
  const how = source === 'token' ? 'with a token of that name' : 'at GitHub, which has signed it';
  const advice = 'it stays so until an operator clears the release; let somebody else approve';
  throw new GateError('conflict', `${name} has asked for ${subject} ${how} (decision ${decision}): ${advice}`);
}
