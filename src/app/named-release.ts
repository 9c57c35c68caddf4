import { invalid } from '../domain/errors.ts';
import { parseRelease, type Release } from '../domain/release.ts';
import { type Plan, planOf } from '../domain/service.ts';
import { noService } from './no-service.ts';
import type { GateState, Ports } from './ports.ts';

/** A release that a body names, with its plan and the state in which something is to be said about it. */
export interface NamedRelease {
  readonly release: Release;
  readonly plan: Plan;
  readonly state: GateState;
}

/** @throws GateError `invalid-request`, or `not-found` for an unknown service. */
export async function namedRelease(ports: Pick<Ports, 'store'>, name: string): Promise<NamedRelease> {
  const release = parseRelease(name);
  if (release === null) throw invalid([{ pointer: '/release', message: 'must be service@version' }]);
  const state = await ports.store.gateState(release.service, release.version);
  if (state.service === null) throw noService(release.service);
  return { release, plan: planOf(state.service), state };
}
