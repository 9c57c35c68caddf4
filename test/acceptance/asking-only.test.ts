import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flaggerAfter } from '../support/clients/flagger.ts';
import { type EngineKind, engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { type Answer, type Gate, startGate } from '../support/gate.ts';
import { aPipeline, type Pipeline } from '../support/pipeline.ts';
import { recipeFile } from '../support/readme.ts';

/** What Flagger sends with every webhook. */
const sent = (phase: string) => ({ name: 'checkout', namespace: 'shop', phase, checksum: '6d4b8f5c7', metadata: {} });
const BOTH = { plan: { deployments: 'assumed' } } as const;

describe.each(engineKinds)('Clients that only ask, on %s', (kind: EngineKind) => {
  let engine: TestEngine;
  let gate: Gate;
  let shop: Pipeline;

  beforeAll(async () => {
    engine = await openEngine(kind);
    gate = await startGate(engine);
  });
  afterAll(async () => {
    await gate.stop();
    await engine.destroy();
  });
  const inShop = async (setup: Parameters<typeof aPipeline>[1], tell: () => Promise<void>) => {
    shop = await aPipeline(gate, setup);
    await tell().finally(() => shop.stop());
  };
  const hook = (version: string, ring: string, query: string, phase = 'Progressing'): Promise<Answer> =>
    gate.call('POST', `/gates/${shop.service}@${version}/${ring}?${query}`, { body: sent(phase) });

  it('have a release rolled back that was pushed into a running canary without the gate', () =>
    inShop(BOTH, async () => {
      expect((await hook('1.2.0', 'canary', 'view=flagger-confirm', 'Initialized')).status).toBe(200);
      gate.minutes(1);
      shop.counts(300, 1000, 'bad2');
      expect((await hook('bad2', 'canary', 'stage=exit&view=flagger-rollback')).status).toBe(200);
      const { lives, mark } = (await gate.call('GET', `/releases/${shop.service}@bad2`)).body;
      expect(lives).toMatchObject([{ ring: 'canary', origin: 'ungated', claimed: true }]);
      expect(mark).toMatchObject({ reason: 'errors: objective-breached' });
      expect((await shop.ask('1.2.0', 'canary', { stage: 'exit' })).headers.get('gate-verdict')).toBe('hold');
    }));

  it('report by the hooks of Flagger’s recipe what became of a canary, in both rings', () =>
    inShop(BOTH, async () => {
      const tell = async (version: string, phase: 'Succeeded' | 'Failed') => {
        for (const { url, body } of Object.values(flaggerAfter(recipeFile('flagger.yaml'), phase))) {
          const path = url.replace('https://gate.example', '').replace('checkout@1.4.2', `${shop.service}@${version}`);
          expect((await gate.call('POST', path, { body })).status).toBe(200);
        }
        return (await gate.call('GET', `/releases/${shop.service}@${version}`)).body;
      };
      await shop.proves('1.1.0', 'canary');
      await shop.expect('promote', '1.1.0', 'early');
      expect((await tell('1.1.0', 'Succeeded')).live).toEqual(['canary', 'global']);
      await hook('1.2.0', 'canary', 'view=flagger-confirm', 'Waiting');
      await hook('1.2.0', 'canary', 'stage=exit&view=flagger-rollback');
      expect(await tell('1.2.0', 'Failed')).toMatchObject({ live: [], mark: null });
    }));

  it('say by a parameter that a release runs, in the address or in the body', () =>
    inShop(BOTH, async () => {
      shop.counts(300, 1000, 'bad');
      const query = { stage: 'exit', running: 'true' };
      expect((await shop.ask('bad1', 'canary', query)).status).toBe(409);
      const body = { stage: 'exit', running: true };
      expect((await gate.call('POST', `/gates/${shop.service}@bad3/canary`, { body })).status).toBe(409);
    }));

  it('leave the last ring to the next release without ever having asked for its exit', () =>
    inShop(BOTH, async () => {
      for (const version of ['1.1.0', '1.2.0', '1.3.0']) {
        await shop.expect('promote', version, 'canary');
        await shop.expect('hold', version, 'early');
        gate.minutes(16);
        await shop.expect('promote', version, 'early');
        await shop.expect('hold', version, 'global');
        gate.minutes(61);
        await shop.expect('promote', version, 'global');
      }
    }));

  it('leave a ring in which they gave up a release that had met its rules', () =>
    inShop(BOTH, async () => {
      await shop.expect('promote', '1.1.0', 'canary');
      await shop.expect('hold', '1.1.0', 'canary', { stage: 'exit' });
      gate.minutes(16);
      await shop.expect('promote', '1.2.0', 'canary');
    }));

  it('are told the report that frees a ring in which they gave up a release that nothing is known of', () =>
    inShop(BOTH, async () => {
      await shop.expect('promote', '1.1.0', 'canary');
      await shop.expect('hold', '1.1.0', 'canary', { stage: 'exit' });
      shop.counts(0, 0, '1.1.0');
      gate.minutes(26);
      const held = await shop.expect('hold', '1.2.0', 'canary');
      const { clears, action } = held.findings.find(({ check }: { check: string }) => check === 'occupancy');
      const report = `PUT /releases/${shop.service}@1.1.0/rings/canary {"state":"abandoned"}`;
      expect({ clears, action }).toEqual({ clears: 'by-person', action: { who: 'pipeline', do: report } });
      const [, path = '', body = ''] = /^PUT (\S+) (.+)$/.exec(action.do) ?? [];
      await gate.call('PUT', path, { body: JSON.parse(body) });
      await shop.expect('promote', '1.2.0', 'canary');
    }));

  it('have the decision about the occupant recorded with the newcomer’s, and say so to whoever reads it', () =>
    inShop(BOTH, async () => {
      await shop.expect('promote', '1.1.0', 'canary');
      await shop.expect('hold', '1.1.0', 'canary', { stage: 'exit' });
      gate.minutes(16);
      const { id } = await shop.expect('promote', '1.2.0', 'canary');
      const list = `/decisions?release=${shop.service}@1.1.0&caller=system`;
      const { items } = (await gate.call('GET', list)).body;
      expect(items).toMatchObject([
        { verdict: 'promote', stage: 'exit', caller: { kind: 'system', id: null, for: id } },
      ]);
    }));
});
