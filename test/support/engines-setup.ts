import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { makeTemplateDatabase } from './databases.ts';
import { DATA, leftBehind } from './left-behind.ts';
import { startPostgresServer } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

/** One real PostgreSQL for the whole run; each test file makes databases of its own in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const folder of leftBehind(DATA)) rmSync(folder, { recursive: true, force: true });
  const server = await startPostgresServer();
  await makeTemplateDatabase(server.url);
  project.provide('postgresUrl', server.url);
  return () => server.stop();
}
