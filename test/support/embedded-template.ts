import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../src/storage/store.ts';
import { DATA, ownFolder } from './left-behind.ts';

const MIGRATIONS = new URL('../../migrations/', import.meta.url);

/**
 * Making a new embedded database takes seconds, copying one a moment. The template is made once per
 * version of PGlite and of the migrations, and kept in the temporary directory between runs.
 */
export async function copyTemplate(dataDir: string): Promise<void> {
  const template = join(tmpdir(), `ringgate-template-${fingerprint()}`);
  if (!existsSync(template)) await makeTemplate(template);
  cpSync(template, dataDir, { recursive: true });
}

async function makeTemplate(template: string): Promise<void> {
  const fresh = ownFolder(DATA);
  await migrate({ databaseUrl: null, dataDir: fresh });
  try {
    renameSync(fresh, template);
  } catch {
    // Another worker was faster.
    rmSync(fresh, { recursive: true, force: true });
  }
}

function fingerprint(): string {
  const hash = createHash('sha256');
  hash.update(readFileSync(createRequire(import.meta.url).resolve('@electric-sql/pglite')));
  for (const file of readdirSync(MIGRATIONS).sort()) hash.update(readFileSync(new URL(file, MIGRATIONS)));
  return hash.digest('hex').slice(0, 16);
}
