import { GateError } from '../domain/errors.ts';
import type { FreezeDocument } from '../domain/freeze.ts';
import { covers } from '../domain/freeze-scope.ts';
import { planOf, ringOf, type ServiceDocument } from '../domain/service.ts';
import { getConfig } from './catalogue.ts';
import type { Ports } from './ports.ts';

/** What is asked about: a ring of a service, all its rings, that ring wherever there is one, or everything. */
export interface FreezeTarget {
  readonly service: string | null;
  readonly ring: string | null;
}

/**
 * Tells which freezes concern what is asked about. Of a service that is known its labels count too;
 * a ring without a service is looked for by its name alone.
 * @throws GateError `not-found` for a service or ring that is not there: an empty answer would hide a typing error.
 */
export async function concerns(
  ports: Pick<Ports, 'store'>,
  { service, ring }: FreezeTarget,
): Promise<(document: FreezeDocument) => boolean> {
  if (service === null) return ring === null ? () => true : (freeze) => namesRing(freeze, ring);
  const { document } = await getConfig(ports, { kind: 'service', owner: '', name: service });
  const plan = planOf(document as ServiceDocument);
  const rings = ring === null ? plan.rings : [ringOf(plan, ring)].filter((found) => found !== undefined);
  if (rings.length === 0) throw new GateError('not-found', `the service ${service} has no ring ${ring}`);
  const targets = rings.map(({ name, labels }) => ({ service, ring: name, labels }));
  return (freeze) => targets.some((target) => covers(freeze, target));
}

function namesRing(freeze: FreezeDocument, ring: string): boolean {
  const scope = { services: ['*'], rings: freeze.scope.rings };
  return covers({ ...freeze, scope }, { service: '', ring, labels: {} });
}
