import { describe, expect, it } from 'vitest';
import type { ProviderDocument } from '../../src/app/ports.ts';
import { checkProviderDocument } from '../../src/app/provider-check.ts';

const prometheus = (rest: object = {}) =>
  ({ kind: 'prometheus', url: 'http://prometheus:9090', ...rest }) as ProviderDocument;
const recorded = (rest: object = {}) => ({ kind: 'recorded', ...rest }) as ProviderDocument;
const keys = { kind: 'keys', apiKey: { env: 'GATE_SECRET_A' }, applicationKey: { file: '/run/secrets/b' } };
const datadog = (rest: object = {}) =>
  ({ kind: 'datadog', site: 'datadoghq.eu', auth: keys, ...rest }) as ProviderDocument;
const bearer = (token: object) => prometheus({ auth: { kind: 'bearer', token } });

describe('a provider document', () => {
  it.each<[string, ProviderDocument]>([
    ['a plain URL', prometheus()],
    ['a path prefix', prometheus({ url: 'https://mimir.example/prometheus/' })],
    ['fixed headers and params', prometheus({ headers: { 'X-Scope-OrgID': 'a|b' }, params: { dedup: 'true' } })],
    ['a profile', prometheus({ profile: 'mimir', headers: { 'X-Scope-OrgID': 'team-a' } })],
    ['the params of another profile', prometheus({ profile: 'thanos', params: { nocache: '1' } })],
    ['a bearer token by name', bearer({ env: 'GATE_SECRET_MAIN' })],
    [
      'a password from a file',
      prometheus({ auth: { kind: 'basic', username: 'u', password: { file: '/run/secrets/x' } } }),
    ],
    ['a site of Datadog with its keys', datadog({ timeout: '5s', delay: '60s' })],
    ['a URL in place of the site', datadog({ site: undefined, url: 'https://proxy.example/datadog' })],
    ['a timeout and a delay', prometheus({ timeout: '100ms', delay: '10m' })],
    [
      'a recording',
      recorded({ answers: [{ contains: ['5..'], value: '0' }, { outcome: 'no-data' }, { value: '+Inf' }] }),
    ],
  ])('may hold %s', (_title, document) => {
    expect(checkProviderDocument(document)).toEqual([]);
  });

  it.each<[string, ProviderDocument, string]>([
    ['no URL', prometheus({ url: undefined }), '/url'],
    ['a URL that is none', prometheus({ url: 'prometheus:9090/x y' }), '/url'],
    ['a data URL', prometheus({ url: 'data:application/json,{}' }), '/url'],
    ['a file URL', prometheus({ url: 'file:///etc/passwd' }), '/url'],
    ['a password in the URL', prometheus({ url: 'http://u:p@prometheus' }), '/url'],
    ['a query in the URL', prometheus({ url: 'http://prometheus/?query=1' }), '/url'],
    ['an empty fragment in the URL', prometheus({ url: 'http://prometheus/#' }), '/url'],
    ['an unknown kind', { kind: 'other' } as unknown as ProviderDocument, '/kind'],
    ['an Authorization header', prometheus({ headers: { aUTHORIZATION: 'x' } }), '/headers/aUTHORIZATION'],
    ['a Host header', prometheus({ headers: { Host: 'x' } }), '/headers/Host'],
    ['a hop-by-hop header', prometheus({ headers: { 'Transfer-Encoding': 'chunked' } }), '/headers/Transfer-Encoding'],
    ['a line break in a header', prometheus({ headers: { 'X-A': 'b\r\nX-C: d' } }), '/headers/X-A'],
    ['a line break in a header name', prometheus({ headers: { 'X/~\n': 'b' } }), '/headers/X~1~0\n'],
    ['the prototype as a header', prometheus({ headers: JSON.parse('{"__proto__": "x"}') }), '/headers/__proto__'],
    ['the query as a param', prometheus({ params: { query: 'up' } }), '/params/query'],
    ['the time as a param', prometheus({ params: { time: '0' } }), '/params/time'],
    ['the timeout as a param', prometheus({ params: { timeout: '1h' } }), '/params/timeout'],
    [
      'what Thanos sets',
      prometheus({ profile: 'thanos', params: { partial_response: 'true' } }),
      '/params/partial_response',
    ],
    ['what Thanos sets, unchanged', prometheus({ profile: 'thanos', params: { dedup: 'true' } }), '/params/dedup'],
    [
      'what VictoriaMetrics sets',
      prometheus({ profile: 'victoriametrics', params: { deny_partial_response: '0' } }),
      '/params/deny_partial_response',
    ],
    ['a recording with a profile', recorded({ profile: 'thanos' }), '/profile'],
    ['a secret from any variable', bearer({ env: 'PATH' }), '/auth/token/env'],
    ['a secret from a relative file', bearer({ file: 'secrets/x' }), '/auth/token/file'],
    ['a secret from a parent folder', bearer({ file: '/run/secrets/../../etc/shadow' }), '/auth/token/file'],
    ['two references at once', bearer({ env: 'GATE_SECRET_A', file: '/a' }), '/auth/token'],
    [
      'a colon in a user name',
      prometheus({ auth: { kind: 'basic', username: 'a:b', password: { env: 'GATE_SECRET_A' } } }),
      '/auth/username',
    ],
    ['a timeout too short', prometheus({ timeout: '99ms' }), '/timeout'],
    ['a timeout too long', prometheus({ timeout: '26s' }), '/timeout'],
    ['a timeout that is no duration', prometheus({ timeout: '3' }), '/timeout'],
    ['a delay too long', prometheus({ delay: '601s' }), '/delay'],
    ['a scrape interval too short', prometheus({ scrapeInterval: '500ms' }), '/scrapeInterval'],
    ['a scrape interval too long', prometheus({ scrapeInterval: '2h' }), '/scrapeInterval'],
    ['answers of a real server', prometheus({ answers: [] }), '/answers'],
    ['a recording with a URL', recorded({ url: 'http://prometheus' }), '/url'],
    ['a recording with a credential', recorded({ auth: { kind: 'none' } }), '/auth'],
    ['a site that there is not', datadog({ site: 'datadoghq.example' }), '/site'],
    ['neither site nor URL', datadog({ site: undefined }), '/site'],
    ['both site and URL', datadog({ url: 'https://x.example' }), '/site'],
    ['a site of a Prometheus', prometheus({ site: 'datadoghq.eu' }), '/site'],
    ['a site of a recording', recorded({ site: 'datadoghq.eu' }), '/site'],
    ['no keys', datadog({ auth: undefined }), '/auth'],
    ['a token for keys', datadog({ auth: { kind: 'bearer', token: { env: 'GATE_SECRET_A' } } }), '/auth'],
    ['keys for a token', prometheus({ auth: keys }), '/auth/kind'],
    ['a key from any variable', datadog({ auth: { ...keys, apiKey: { env: 'PATH' } } }), '/auth/apiKey/env'],
    [
      'a key from a relative file',
      datadog({ auth: { ...keys, applicationKey: { file: 'x' } } }),
      '/auth/applicationKey/file',
    ],
    ['headers for Datadog', datadog({ headers: { 'DD-API-KEY': 'x' } }), '/headers'],
    ['params for Datadog', datadog({ params: { a: 'b' } }), '/params'],
    ['answers of Datadog', datadog({ answers: [] }), '/answers'],
    ['an answer without anything', recorded({ answers: [{ value: '1' }, {}] }), '/answers/1'],
    ['an answer with both', recorded({ answers: [{ value: '1', outcome: 'no-data' }] }), '/answers/0'],
    ['a value that is no number', recorded({ answers: [{ value: 'many' }] }), '/answers/0/value'],
  ])('may not hold %s', (_title, document, pointer) => {
    expect(checkProviderDocument(document).map((error) => error.pointer)).toEqual([pointer]);
  });

  it('names every wrong field at once', () => {
    const document = prometheus({ url: 'ftp://x', headers: { Host: 'x' }, params: { time: '0' }, timeout: '1h' });
    const pointers = checkProviderDocument(document).map((error) => error.pointer);
    expect(pointers.toSorted()).toEqual(['/headers/Host', '/params/time', '/timeout', '/url']);
  });
});
