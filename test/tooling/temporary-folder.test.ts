import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

const memory = mkdtempSync(join(tmpdir(), 'ringgate-memory-'));
afterAll(() => rmSync(memory, { recursive: true, force: true }));

describe('the folder of the tests', () => {
  it('is made in memory where there is enough of it', () => {
    const folder = temporaryFolder(memory, 1);
    expect(folder.startsWith(`${memory}/ringgate-tests-`)).toBe(true);
    expect(existsSync(folder)).toBe(true);
  });

  it.each([
    ['too little of it', memory, Number.MAX_SAFE_INTEGER],
    ['no such file system', join(memory, 'missing'), 1],
    ['a file where it should be', fileURLToPath(import.meta.url), 1],
  ])('is the usual one where there is %s', (_, where, needed) => {
    expect(temporaryFolder(where, needed)).toBe(tmpdir());
  });
});
