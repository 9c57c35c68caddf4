/** What a release does in one ring proves no other one, on both engines and over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aService } from '../support/builders.ts';
import { type EngineKind, engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { type Gate, startGate } from '../support/gate.ts';

const RULE = {
  indicator: {
    kind: 'ratio',
    provider: 'main',
    bad: 'sum(increase(requests_total{service="${service}",version="${version}",code=~"5.."}[${window}]))',
    total: 'sum(increase(requests_total{service="${service}",version="${version}"}[${window}]))',
  },
  limits: { window: '10m', hold: { above: 0.01 }, rollback: { above: 0.05 } },
};
const ANSWERS = [{ contains: ['5..'], value: '2' }, { value: '1200' }];

describe.each(engineKinds)('A rule that selects the release and not the ring, on %s', (kind: EngineKind) => {
  let engine: TestEngine;
  let gate: Gate;

  beforeAll(async () => {
    engine = await openEngine(kind);
    gate = await startGate(engine);
    const put = (path: string, body: object, as: 'admin' | 'configurator') => gate.call('PUT', path, { body, as });
    await put('/providers/main', { kind: 'recorded', answers: ANSWERS }, 'admin');
    await put('/services/checkout', aService(), 'configurator');
    const saved = await put('/services/checkout/rules/errors', RULE, 'configurator');
    expect(saved.body.warnings).toEqual([expect.stringContaining('selects the release and not the ring')]);
  }, 60_000);
  afterAll(async () => {
    await gate?.stop();
    await engine?.destroy();
  });

  async function exitOf(ring: string) {
    expect((await gate.call('GET', `/gates/checkout@1/${ring}`)).status).toBe(200);
    await gate.call('PUT', `/releases/checkout@1/rings/${ring}`, { body: { state: 'deployed' } });
    gate.minutes(61);
    return gate.call('GET', `/gates/checkout@1/${ring}?stage=exit`);
  }

  it('proves canary, and early only once it says that this is meant', async () => {
    expect((await exitOf('canary')).status).toBe(200);
    const early = await exitOf('early');
    expect({ status: early.status, verdict: early.headers.get('gate-verdict') }).toEqual({
      status: 423,
      verdict: 'hold',
    });
    expect(early.body.summary).toContain(
      'errors counts checkout@1 in canary and early together, which proves none of them',
    );
    const body = { ...RULE, attribution: 'release' };
    expect(
      (await gate.call('PUT', '/services/checkout/rules/errors', { body, as: 'configurator' })).body.warnings,
    ).toEqual([]);
    expect((await gate.call('GET', '/gates/checkout@1/early?stage=exit')).status).toBe(200);
  });
});
