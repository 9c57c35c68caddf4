#!/usr/bin/env node
import { readFileSync } from 'node:fs';

/**
 * The command of the installed package, which runs on whatever Node there is. An older one fails while it loads
 * our modules, in words that help nobody, so nothing of ours is imported before its version is known.
 */
const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const [needed] = /\d+/.exec(engines.node) ?? [];

if (Number.parseInt(process.versions.node, 10) < Number(needed)) {
  process.stderr.write(
    `ringgate: this is Node.js ${process.versions.node} (${process.execPath}), and ringgate needs ${needed} or newer.\n` +
      'Put a newer one first on the PATH, or take the image, which brings its own.\n',
  );
  process.exitCode = 1;
} else {
  await import('./main.ts');
}
