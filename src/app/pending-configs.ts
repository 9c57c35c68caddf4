import type { RuleDocument } from '../domain/rule.ts';
import type { ServiceDocument } from '../domain/service.ts';
import type { GateState, Store } from './ports.ts';

/** What saving a service or rule is checked against. */
export type ServiceReader = Pick<Store, 'gateState' | 'lives'>;

export interface PendingService {
  readonly document: ServiceDocument | null;
  readonly rules: ReadonlyMap<string, RuleDocument>;
}

/**
 * The state as it will be once several documents have been saved together: what each of them refers to may be one of
 * the others. Each service is read once, so that all of them are checked against the same.
 */
export function withPending(store: ServiceReader, pending: ReadonlyMap<string, PendingService>): ServiceReader {
  const read = new Map<string, Promise<GateState>>();
  return {
    gateState(service, version) {
      const known =
        read.get(service) ?? store.gateState(service, version).then((state) => after(state, pending.get(service)));
      read.set(service, known);
      return known;
    },
    lives: (service, version) => store.lives(service, version),
  };
}

function after(state: GateState, pending: PendingService | undefined): GateState {
  if (pending === undefined) return state;
  const kept = state.rules.filter(({ name }) => !pending.rules.has(name));
  const added = [...pending.rules].map(([name, rule]) => ({ name, rule }));
  return { ...state, service: pending.document ?? state.service, rules: [...kept, ...added] };
}
