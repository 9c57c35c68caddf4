import { readFileSync } from 'node:fs';

/** One fenced block of the README. */
export interface Block {
  readonly language: string;
  readonly lines: string;
}

/** Every block, from top to bottom. */
export function readmeBlocks(): readonly Block[] {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  return [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map((m) => ({ language: m[1] ?? '', lines: m[2] ?? '' }));
}

/** The file that the README tells pipelines to keep in their repository. */
export function gateScript(): string {
  const found = readmeBlocks().find(({ lines }) => lines.startsWith('gate()'));
  if (found === undefined) throw new Error('the README shows no gate.sh');
  return found.lines;
}
