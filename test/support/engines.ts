import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { type OpenedStore, openStore, type StoreOptions } from '../../src/storage/store.ts';
import { copyTemplate } from './embedded-template.ts';

/** For `describe.each(engineKinds)('… on %s', (kind) => …)`. */
export const engineKinds = ['embedded', 'postgres'] as const;
export type EngineKind = (typeof engineKinds)[number];

/** An empty database of its own. `destroy` closes every store that was opened on it. */
export interface TestEngine {
  readonly kind: EngineKind;
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  open(overrides?: Partial<StoreOptions>): Promise<OpenedStore>;
  destroy(): Promise<void>;
}

export async function openEngine(kind: EngineKind): Promise<TestEngine> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ringgate-data-'));
  if (kind === 'embedded') await copyTemplate(dataDir);
  const database = kind === 'postgres' ? await createDatabase(inject('postgresUrl')) : null;
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

/** One statement past the store, for looking behind it and for breaking things. */
export async function runSql(url: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

async function createDatabase(serverUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runSql(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async drop() {
      await runSql(serverUrl, `drop database if exists ${name} with (force)`);
    },
  };
}
