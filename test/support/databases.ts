import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../../src/storage/store.ts';

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

const TEMPLATE = 'ringgate_template';

/** Once per server: migrating takes ten times as long as copying what is migrated. */
export async function makeTemplateDatabase(serverUrl: string): Promise<void> {
  await runSql(serverUrl, `create database ${TEMPLATE}`);
  await migrate({ databaseUrl: urlOf(serverUrl, TEMPLATE), dataDir: '' });
}

/** A database of its own on that server: migrated and otherwise empty, or with nothing in it. */
export async function createDatabase(
  serverUrl: string,
  content: 'migrated' | 'nothing' = 'nothing',
): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runSql(serverUrl, `create database ${name}${content === 'migrated' ? ` template ${TEMPLATE}` : ''}`);
  return {
    url: urlOf(serverUrl, name),
    async drop() {
      await runSql(serverUrl, `drop database if exists ${name} with (force)`);
    },
  };
}

function urlOf(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
