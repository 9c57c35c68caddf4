import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const PACKAGES = {
  prometheus: 'prometheus',
  promtool: 'prometheus',
  curl: 'curl',
  chromium: 'chromium',
  faketime: 'faketime',
  groovy: 'groovy',
  java: 'groovy',
} as const;

/**
 * The path of a program that a test cannot do without. A missing one fails the test, on every
 * machine: a test that is left out quietly proves nothing.
 */
export function requireBinary(name: keyof typeof PACKAGES): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (isExecutable(path)) return path;
  }
  const where = process.env.CI ? 'in CI' : 'on this machine';
  throw new Error(`${name} is missing ${where}; on Debian: apt-get install --no-install-recommends ${PACKAGES[name]}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
