import { existsSync } from 'node:fs';

/** What the page needs of swagger-ui-dist. */
export const swaggerUiFiles = ['swagger-ui-bundle.js', 'swagger-ui.css'] as const;

/** Where `npm run build` puts them, beside this file's compiled form. */
export const vendoredFolder = 'swagger-ui';

/** The folder with those files: the copy in a build, otherwise the development dependency. */
export function swaggerUiFolder(): URL {
  const vendored = new URL(`${vendoredFolder}/`, import.meta.url);
  return existsSync(vendored) ? vendored : new URL('./', import.meta.resolve('swagger-ui-dist/package.json'));
}
