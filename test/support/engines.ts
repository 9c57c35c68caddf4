import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { inject } from 'vitest';
import { type OpenedStore, openStore, type StoreOptions } from '../../src/storage/store.ts';
import { createDatabase } from './databases.ts';
import { copyTemplate } from './embedded-template.ts';
import { DATA, ownFolder } from './left-behind.ts';

export { runSql } from './databases.ts';

/** For `describe.each(engineKinds)('… on %s', (kind) => …)`. */
export const engineKinds = ['embedded', 'postgres'] as const;
export type EngineKind = (typeof engineKinds)[number];

/** A database of its own, with nothing of anybody in it. `destroy` closes every store that was opened on it. */
export interface TestEngine {
  readonly kind: EngineKind;
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  open(overrides?: Partial<StoreOptions>): Promise<OpenedStore>;
  destroy(): Promise<void>;
}

export async function openEngine(kind: EngineKind, content: 'migrated' | 'nothing' = 'migrated'): Promise<TestEngine> {
  const dataDir = ownFolder(DATA);
  if (kind === 'embedded' && content === 'migrated') await copyTemplate(dataDir);
  const database = kind === 'postgres' ? await createDatabase(inject('postgresUrl'), content) : null;
  const opened: OpenedStore[] = [];
  return {
    kind,
    dataDir,
    databaseUrl: database?.url ?? null,
    async open(overrides = {}) {
      const store = await openStore({
        databaseUrl: database?.url ?? null,
        dataDir,
        newId: randomUUID,
        monotonicMs: () => performance.now(),
        ...overrides,
      });
      opened.push(store);
      return store;
    },
    async destroy() {
      for (const store of opened) await store.close();
      await database?.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
