import { aRule, aService } from './builders.ts';

/** A body that its schema allows and that means something impossible, and the field that a refusal has to name. */
export interface Impossible {
  readonly what: string;
  readonly body: unknown;
  readonly pointer: string;
}

const [ring] = aService().rings;

/** By operation. What a schema refuses never reaches the use case; these do, and must not have changed anything by then. */
export const IMPOSSIBLE: Readonly<Record<string, Impossible>> = {
  putService: {
    what: 'a ring that stands twice',
    body: aService({ rings: [ring, ring].flatMap((one) => one ?? []) }),
    pointer: '/rings/1/name',
  },
  putRule: {
    what: 'a rollback that comes before the hold',
    body: aRule({ limits: { window: '10m', hold: { above: 0.5 }, rollback: { above: 0.1 } } }),
    pointer: '/limits/hold/above',
  },
  putFreeze: {
    what: 'an end before the start',
    body: {
      ...{ kind: 'freeze', scope: { services: ['*'], rings: ['*'] }, timeZone: 'UTC' },
      ...{ start: '2026-01-02T00:00:00', end: '2026-01-01T00:00:00' },
    },
    pointer: '/end',
  },
  createToken: {
    what: 'a token for longer than a year',
    body: { name: 'x', role: 'auditor', expires: '366d' },
    pointer: '/expires',
  },
  createOverride: {
    what: 'an override that has ended',
    body: {
      ...{ release: 'checkout@1.4.2', rings: ['canary'], checks: ['bake'] },
      ...{ reason: 'somebody has to go on with this', expiresAt: '2020-01-01T00:00:00Z' },
    },
    pointer: '/expiresAt',
  },
};
