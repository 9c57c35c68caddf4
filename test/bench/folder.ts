import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from './cleanups.ts';

/** A temporary folder that is gone when the run ends. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringgate-bench-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
