import { type Standing, stillStands } from '../domain/still-stands.ts';
import { decisionEntry, readDecision } from './audit.ts';
import type { Validity } from './documents.ts';
import { situationOf } from './gather.ts';
import type { Ports } from './ports.ts';
import { isRepeated, questionIn, type RecordedBody } from './repeated-hold.ts';

/**
 * Whether a recorded decision still stands, at the store's present instant. Nothing is recorded.
 * @throws GateError `not-found`.
 */
export async function validity(ports: Pick<Ports, 'store' | 'windowsAt'>, id: string): Promise<Validity> {
  const body = readDecision(await decisionEntry(ports, id));
  const { stands, because, checkedAt } = await standingOf(ports, body);
  return { stands, verdict: body.verdict, because, validUntil: body.decision.validUntil, checkedAt };
}

/** The same for a body that was read already. */
export async function standingOf(
  ports: Pick<Ports, 'store' | 'windowsAt'>,
  body: RecordedBody,
): Promise<Standing & { readonly checkedAt: string }> {
  const { decision, verdict: told } = body;
  const question = questionIn(body);
  const facts = isRepeated(body) ? null : body.facts;
  const state = await ports.store.gateState(question.service, question.version);
  const checkedAt = state.now;
  const { service } = state;
  if (service === null)
    return { stands: false, because: `There is no service ${question.service} any more.`, checkedAt };
  const now = situationOf(ports, { ...state, service }, question, facts?.controls?.askers ?? []);
  return { ...stillStands({ told, facts, decision }, now), checkedAt };
}
