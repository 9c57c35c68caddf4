import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Databases of the tests. In memory, those of a run that was killed would take it from all that come later. */
export const DATA = 'ringgate-data-';

/** A new folder whose name tells which process it belongs to. */
export function ownFolder(prefix: string): string {
  return mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
}

/** The folders of processes that are gone. */
export function leftBehind(prefix: string): readonly string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(prefix))
    .filter((name) => !isAlive(Number(name.slice(prefix.length).split('-')[0])))
    .map((name) => join(tmpdir(), name));
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
