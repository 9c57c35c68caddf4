import { type ChangeOptions, deleteConfig, type PutResult, putConfig } from '../../src/app/catalogue.ts';
import type { ConfigKey, ProviderDocument } from '../../src/app/ports.ts';
import { newEntry } from '../../src/app/record.ts';
import type { Life } from '../../src/domain/life.ts';
import type { RuleDocument } from '../../src/domain/rule.ts';
import type { ServiceDocument } from '../../src/domain/service.ts';
import { type MemoryPorts, memoryPorts, requestBy } from './memory-ports.ts';

export const MAIN: ConfigKey = { kind: 'provider', owner: '', name: 'main' };
export const CHECKOUT: ConfigKey = { kind: 'service', owner: '', name: 'checkout' };
export const ERRORS: ConfigKey = { kind: 'rule', owner: 'checkout', name: 'errors' };
export const recorded: ProviderDocument = { kind: 'recorded', answers: [] };

export const plan: ServiceDocument = {
  rings: [
    { name: 'canary', bake: '15m' },
    { name: 'global', bake: '1h' },
  ],
};

/** A plan whose rings name their provider by a label. */
export const regional: ServiceDocument = {
  rings: [
    { name: 'canary', bake: '15m', labels: { prom: 'main' } },
    { name: 'global', bake: '1h', labels: { prom: 'other' } },
  ],
};

export const rule: RuleDocument = asking('main');

/** A rule of release scope that asks this provider. */
export function asking(provider: string): RuleDocument {
  const query = 'max(latency{version="${version}",ring="${ring}"})';
  return { indicator: { kind: 'threshold', provider, query }, limits: { hold: { above: 1 } } };
}

/** A catalogue with the provider `main` and the service `checkout`, over a memory store. */
export interface CatalogueFixture {
  readonly ports: MemoryPorts;
  put(key: ConfigKey, document: unknown, options?: Partial<ChangeOptions>): Promise<PutResult>;
  remove(key: ConfigKey, options?: Partial<ChangeOptions>): Promise<void>;
  /** Puts a life of checkout into the store as a decision would. */
  live(ring: string, fields?: Partial<Life>): Promise<void>;
}

export async function aCatalogue(): Promise<CatalogueFixture> {
  const ports = memoryPorts();
  const by = requestBy('configurator');
  const always: ChangeOptions = { ifMatch: null, ifNoneMatch: null, reason: null };
  const fixture: CatalogueFixture = {
    ports,
    put: (key, document, options) => putConfig(ports, by, key, document, { ...always, ...options }),
    remove: (key, options) => deleteConfig(ports, by, key, { ...always, ...options }),
    live: async (ring, fields) => {
      const entry = newEntry(ports, null, { kind: 'test', at: await ports.store.now() });
      const write = { kind: 'put-life', service: 'checkout', life: lifeIn(ring, fields) } as const;
      await ports.store.append({ entry, expects: {}, raises: ['service/checkout'], writes: [write] });
    },
  };
  await fixture.put(MAIN, recorded);
  await fixture.put(CHECKOUT, plan);
  return fixture;
}

function lifeIn(ring: string, fields: Partial<Life> = {}): Life {
  const life: Life = {
    version: '1.4.2',
    ring,
    n: 1,
    epoch: 1,
    phase: 'live',
    end: null,
    origin: 'gated',
    promisedAt: '2026-11-22T09:00:00.000Z',
    leaseUntil: null,
    liveAt: '2026-11-22T09:01:00.000Z',
    provenAt: null,
    endedAt: null,
    report: null,
    reportedAt: null,
    enteredBy: null,
    provenBy: null,
    reason: null,
  };
  return { ...life, ...fields };
}
