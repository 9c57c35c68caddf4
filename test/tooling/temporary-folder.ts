import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/**
 * Where tests put their databases. Every embedded one is a copy of a thousand files, which costs ten times as much
 * on a disk as in memory. Containers often have little memory there, and some forbid to run what lies in it.
 */
export function temporaryFolder(memory = '/dev/shm', neededBytes = 4 * 2 ** 30): string {
  const folder = join(memory, `ringgate-tests-${userInfo().uid}`);
  try {
    const { bavail, bsize } = statfsSync(memory);
    if (bavail * bsize < neededBytes) return tmpdir();
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    return canRunFrom(folder) ? folder : tmpdir();
  } catch {
    return tmpdir();
  }
}

function canRunFrom(folder: string): boolean {
  const script = join(folder, `can-run-${process.pid}`);
  writeFileSync(script, '#!/bin/sh\n');
  chmodSync(script, 0o755);
  const { status } = spawnSync(script);
  rmSync(script);
  return status === 0;
}
