import { copyFileSync, mkdirSync } from 'node:fs';
import { swaggerUiFiles, vendoredFolder } from '../../src/http/docs/swagger-ui-folder.ts';

/**
 * A step of `npm run build`: puts what /docs serves of swagger-ui-dist, and its licence, beside the compiled code.
 * So it is no run-time dependency: an image is smaller by 12 MB, and installing ringgate runs none of the install
 * scripts that package brings along, which report to its makers.
 */
const from = new URL('../../node_modules/swagger-ui-dist/', import.meta.url);
const to = new URL(`../../dist/http/docs/${vendoredFolder}/`, import.meta.url);

mkdirSync(to, { recursive: true });
for (const name of [...swaggerUiFiles, 'LICENSE', 'NOTICE']) copyFileSync(new URL(name, from), new URL(name, to));
