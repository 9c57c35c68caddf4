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

/** What stands in docker/recipes. */
export function recipeFile(path: string): string {
  return readFileSync(new URL(`../../docker/recipes/${path}`, import.meta.url), 'utf8');
}
