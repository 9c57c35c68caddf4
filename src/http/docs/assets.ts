import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ownStyleSheet, startScript } from './page.ts';
import { swaggerUiFiles, swaggerUiFolder } from './swagger-ui-folder.ts';

/**
 * What the page loads. A request names a key of this table, never a path, so nothing outside of it can be had. The
 * name holds a hash of the content: it may be cached for ever, and a new version of ringgate has new names.
 */
export interface Asset {
  /** Like `swagger-ui-0123456789abcdef.css`. */
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

export interface Assets {
  readonly script: Asset;
  readonly start: Asset;
  readonly style: Asset;
  readonly ownStyle: Asset;
  find(name: string): Asset | undefined;
}

const TYPES = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' } as const;

/** Reads two megabytes, so it is done when somebody first opens the page, and once. */
export async function loadAssets(): Promise<Assets> {
  const folder = swaggerUiFolder();
  const [script, style] = swaggerUiFiles.map((name) => readFile(new URL(name, folder), 'utf8'));
  const assets = {
    script: named('swagger-ui-bundle', 'js', (await script) ?? ''),
    start: named('start', 'js', startScript),
    style: named('swagger-ui', 'css', (await style) ?? ''),
    ownStyle: named('page', 'css', ownStyleSheet),
  };
  const byName = new Map(Object.values(assets).map((asset) => [asset.name, asset]));
  return { ...assets, find: (name) => byName.get(name) };
}

function named(stem: string, ending: keyof typeof TYPES, text: string): Asset {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { name: `${stem}-${hash}.${ending}`, type: TYPES[ending], text };
}
