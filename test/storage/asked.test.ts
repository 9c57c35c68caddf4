import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Asked } from '../../src/app/ports.ts';
import type { OpenedStore } from '../../src/storage/store.ts';
import { engineKinds, openEngine, runSql, type TestEngine } from '../support/engines.ts';
import { aCommit } from './commits.ts';

const asked: Asked = { id: 'a'.repeat(64), fingerprint: 'f', decision: '0199f0c2-7a10-7b1c-9d3e-2f4a6b8c0d1e' };
const scope = `asked/${asked.id}`;

describe.each(engineKinds)('Answers under a key on %s', (kind) => {
  let engine: TestEngine;
  let store: OpenedStore;
  beforeAll(async () => {
    engine = await openEngine(kind);
    store = await engine.open();
  });
  afterAll(() => engine.destroy());

  it('are found with the revision that guards them, which also refuses a second one at once', async () => {
    expect(await store.asked(asked.id)).toEqual({ row: null, revisions: { [scope]: 0 } });
    const put = () =>
      store.append(aCommit({ expects: { [scope]: 0 }, raises: [scope], writes: [{ kind: 'put-asked', asked }] }));
    expect((await Promise.all([put(), put()])).sort()).toEqual(['recorded', 'state-changed']);
    expect(await store.asked(asked.id)).toEqual({ row: asked, revisions: { [scope]: 1 } });
    expect(await store.revisions(['global', scope])).toEqual({ history: expect.any(Number), global: 0, [scope]: 1 });
  });

  it('give way to a later answer under the same key', async () => {
    const later = { ...asked, fingerprint: 'g' };
    const write = { kind: 'put-asked', asked: later } as const;
    expect(await store.append(aCommit({ expects: { [scope]: 1 }, raises: [scope], writes: [write] }))).toBe('recorded');
    expect(await store.asked(asked.id)).toEqual({ row: later, revisions: { [scope]: 2 } });
  });
});

describe('Answers under a key after a day', () => {
  it('are forgotten together with their revision, and younger ones are not', async () => {
    const engine = await openEngine('postgres');
    try {
      let now = 0;
      const store = await engine.open({ monotonicMs: () => now });
      const put = (id: string) =>
        store.append(aCommit({ raises: [`asked/${id}`], writes: [{ kind: 'put-asked', asked: { ...asked, id } }] }));
      await put('old');
      await put('young');
      const url = engine.databaseUrl ?? '';
      await runSql(url, `update asked set at = clock_timestamp() - interval '24 hours 1 minute' where id = 'old'`);
      await runSql(url, `update asked set at = clock_timestamp() - interval '23 hours' where id = 'young'`);
      now += 61 * 60_000;
      await store.append(aCommit());
      await store.append(aCommit());
      expect(await runSql(url, 'select id from asked')).toEqual([{ id: 'young' }]);
      expect(await runSql(url, `select scope from revision where scope like 'asked/%'`)).toEqual([
        { scope: 'asked/young' },
      ]);
    } finally {
      await engine.destroy();
    }
  });
});
