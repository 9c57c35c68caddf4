import type { Assets } from './assets.ts';

/**
 * The page at /docs: swagger-ui over our own openapi.yaml, and nothing of anybody else's. Addresses are relative to
 * /docs, so the page also works behind a proxy that puts the service below a path of its own.
 */
export function pageHtml({ script, start, style, ownStyle }: Assets): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>ringgate API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="docs/${style.name}">
    <link rel="stylesheet" href="docs/${ownStyle.name}">
    <script src="docs/${script.name}" defer></script>
    <script src="docs/${start.name}" defer></script>
  </head>
  <body>
    <div id="reference"></div>
    <noscript>This page needs JavaScript. The same is in <a href="openapi.yaml">openapi.yaml</a>.</noscript>
  </body>
</html>
`;
}

/** Scripts and styles from here only, pictures that are in them, and the one request for openapi.yaml. */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * A reference, not a console: nobody can send requests or enter a token here, and no validator is asked.
 * Extensions are shown because `x-right` is what a reader looks for first.
 */
export const startScript = `'use strict';
SwaggerUIBundle({
  url: 'openapi.yaml',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 2,
  displayOperationId: true,
  showExtensions: true,
  filter: true,
  validatorUrl: null,
  supportedSubmitMethods: [],
});
`;

/** Hides what is for sending requests, and puts the right an operation needs above its parameters. */
export const ownStyleSheet = `.swagger-ui .scheme-container,
.swagger-ui .authorization__btn,
.swagger-ui .parameters-col_description :is(input, select),
.swagger-ui .response-control-media-type__accept-message,
.swagger-ui .response-col_links { display: none }
.swagger-ui .opblock-body { display: flex; flex-direction: column }
.swagger-ui .opblock-body > .opblock-description-wrapper { order: -2 }
.swagger-ui .opblock-body > .opblock-section:last-child { order: -1 }
noscript { display: block; margin: 2em; font-family: sans-serif }
`;
