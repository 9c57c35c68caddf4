import { expect } from 'vitest';
import type { Answer, Gate } from './gate.ts';
import { until } from './poll.ts';

/** What a pipeline and an operator do with one service of two rings in which nothing has to be measured. */
export interface ShopUsers {
  plans(): Promise<void>;
  ask(version: string, ring: string, stage?: 'enter' | 'exit'): Promise<Answer>;
  verdict(version: string, ring: string, stage?: 'enter' | 'exit'): Promise<string | null>;
  /** Takes the release through a ring: enter, deploy, exit. */
  proves(version: string, ring: string): Promise<void>;
  halt(scope: object): Promise<Answer>;
  /** Resolves when the gate decides and records again. Nothing is let through by that. */
  answers(): Promise<void>;
}

export function shopUsers(gate: Gate): ShopUsers {
  const users: ShopUsers = {
    async plans() {
      const rings = ['canary', 'early'].map((name) => ({ name, bake: '0s' }));
      const body = { rings, allowUnmeasured: true };
      expect((await gate.call('PUT', '/services/shop', { as: 'configurator', body })).status).toBe(201);
    },
    ask: (version, ring, stage = 'enter') => gate.call('GET', `/gates/shop@${version}/${ring}?stage=${stage}`),
    verdict: async (...question) => (await users.ask(...question)).headers.get('gate-verdict'),
    async proves(version, ring) {
      expect(await users.verdict(version, ring)).toBe('promote');
      const report = { body: { state: 'deployed' } };
      const { status } = await gate.call('PUT', `/releases/shop@${version}/rings/${ring}`, report);
      expect(status).toBeLessThan(300);
      expect(await users.verdict(version, ring, 'exit')).toBe('promote');
    },
    halt: (scope) => gate.call('POST', '/halts', { as: 'operator', body: { scope, reason: 'customers cannot pay' } }),
    async answers() {
      await until('an answer that is on record', async () => {
        const { headers, body } = await gate.call('GET', '/gates/shop@0/canary?dryRun=true');
        return headers.get('gate-verdict') === null || body.audit === null ? null : true;
      });
    },
  };
  return users;
}
