import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Write } from '../../src/app/ports.ts';
import { canonicalJson } from '../../src/domain/audit/canonical.ts';
import type { Life } from '../../src/domain/life.ts';
import type { OpenedStore } from '../../src/storage/store.ts';
import { engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { aCommit, aLife, aService, putConfig, putLife } from './commits.ts';

const VERSIONS = 20_000;
const plan = { concurrency: 'supersede', rings: ['canary', 'early'].map((name) => ({ name, bake: '1m' })) };

/** Versions that were let in once each, over the last hour, and never deployed. */
function letIn(now: number): readonly Life[] {
  return Array.from({ length: VERSIONS }, (_, i) => {
    const since = now - (i * 3_600_000) / VERSIONS;
    const [start, end] = [new Date(since).toISOString(), new Date(since + 900_000).toISOString()];
    return aLife({
      ...{
        version: `1.${i}`,
        phase: 'promised',
        promisedAt: start,
        leaseUntil: end,
        renewedAt: start,
        placedAt: start,
      },
      ...{ spans: [{ start, end }], liveAt: null, report: null, reportedAt: null },
    });
  });
}

describe.each(engineKinds)('What a decision knows of history on %s', (kind) => {
  let engine: TestEngine;
  let store: OpenedStore;

  beforeAll(async () => {
    engine = await openEngine(kind);
    store = await engine.open();
    const configured = ['fresh', 'busy'].map((service) => putConfig(aService(service), plan));
    await store.append(aCommit({ raises: ['global'], writes: configured }));
    const [live, lapsed] = [aLife({ version: 'live' }), aLife({ version: 'asked' })];
    const common: readonly Write[] = ['fresh', 'busy'].flatMap((service) =>
      [live, lapsed].map((life) => putLife(life, service)),
    );
    const busy = letIn(Date.now() - 1000).map((life) => putLife(life, 'busy'));
    await store.append(aCommit({ writes: common }));
    for (let i = 0; i < busy.length; i += 5000) await store.append(aCommit({ writes: busy.slice(i, i + 5000) }));
  }, 60_000);
  afterAll(() => engine.destroy());

  const sizeOf = async (service: string): Promise<number> =>
    canonicalJson((await store.gateState(service, 'asked')).rollout).length;

  it('is as much after 20,000 versions were let in within an hour as on a fresh service, but for the leases that stand', async () => {
    const { rollout } = await store.gateState('busy', 'asked');
    expect(rollout.lives.map(({ version }) => version).sort()).toEqual(['1.0', 'asked', 'live']);
    expect(await sizeOf('busy')).toBeLessThan((await sizeOf('fresh')) + 1000);
  });

  it('still has the promise of the version itself, long after its lease', async () => {
    const { rollout } = await store.gateState('busy', `1.${VERSIONS - 1}`);
    expect(rollout.lives.map(({ version }) => version)).toContain(`1.${VERSIONS - 1}`);
  });
});
