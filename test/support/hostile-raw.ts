/** Bytes that no client library would send, each with the answers it must get. */
import { newTokenText } from '../../src/app/token-format.ts';

export interface RawCase {
  readonly what: string;
  readonly bytes: Buffer;
  /** The statuses of all answers in their order; empty where the connection is ended without one. */
  readonly statuses: readonly number[];
  readonly ends: boolean;
  readonly isHead: boolean;
  /** What one of the refusals must name; null when nothing in particular. */
  readonly pointer: string | null;
}

const BODY = '{"rings":[{"name":"canary","bake":"15m"}]}';

type Row = readonly [
  what: string,
  text: string,
  statuses: readonly number[],
  more?: { readonly ends?: boolean; readonly isHead?: boolean; readonly pointer?: string },
];

const LENGTH = { pointer: '/header/Content-Length' };
const CODING = { pointer: '/header/Transfer-Encoding' };
const HEADER = { pointer: '/header' };
const PATH = { pointer: '/path' };
const MANY = 40;

/** `bearer` is the header of somebody who may configure, `weaker` of somebody who may only read, `asking` of a pipeline. */
export function rawCases(bearer: string, weaker: string, asking: string): readonly RawCase[] {
  const rows = [
    ...framing(bearer),
    ...transferCodings(bearer),
    ...heads(bearer, weaker),
    ...methodsAndTargets(bearer),
    ...versions(),
    ...pipelines(bearer),
    ...contexts(asking),
  ];
  return rows.map(([what, text, statuses, more]) => ({
    what,
    bytes: Buffer.from(text, 'latin1'),
    statuses,
    ends: more?.ends ?? false,
    isHead: more?.isHead ?? false,
    pointer: more?.pointer ?? null,
  }));
}

function put(bearer: string, headers: string, body: string, service = 'raw'): string {
  const start = `PUT /services/${service} HTTP/1.1\r\nHost: gate.example\r\n${bearer}Content-Type: application/json\r\n`;
  return `${start}${headers}\r\n${body}`;
}

function get(target: string, headers = '', version = 'HTTP/1.1'): string {
  return `GET ${target} ${version}\r\nHost: gate.example\r\n${headers}\r\n`;
}

function framing(bearer: string): readonly Row[] {
  const length = BODY.length;
  const sized = (value: string) => put(bearer, `Content-Length: ${value}\r\n`, BODY);
  return [
    ['a body shorter than its length', sized(String(length + 1)), [400], { ends: true }],
    ['a body longer than its length', sized(String(length - 1)), [400, 400]],
    ['a body of no length', put(bearer, '', BODY), [400, 400]],
    ['a negative length', sized('-1'), [400], LENGTH],
    ['a signed length', sized(`+${length}`), [400], LENGTH],
    ['a hexadecimal length', sized('0x2a'), [400], LENGTH],
    ['a list of lengths', sized(`${length}, ${length}`), [400], LENGTH],
    ['an empty length', sized(''), [400], LENGTH],
    ['a length beyond 64 bits', sized('99999999999999999999'), [400], LENGTH],
    ['a length beyond the limit, and nothing of it', sized('1048577'), [413]],
    ['two lengths', put(bearer, `Content-Length: ${length}\r\nContent-Length: 0\r\n`, BODY), [400], LENGTH],
    [
      'two equal lengths',
      put(bearer, `Content-Length: ${length}\r\nContent-Length: ${length}\r\n`, BODY),
      [400],
      LENGTH,
    ],
    ['half a head', 'GET /livez HTTP/1.1\r\nHost: ga', [400], { ends: true }],
    ['nothing', '', [], { ends: true }],
    ['an awaited body', put(bearer, `Expect: 100-continue\r\nContent-Length: ${length}\r\n`, BODY), [201]],
    [
      'an unknown expectation',
      put(bearer, `Expect: miracles\r\nConnection: close\r\nContent-Length: ${length}\r\n`, BODY),
      [417],
    ],
  ];
}

function transferCodings(bearer: string): readonly Row[] {
  const chunk = `${BODY.length.toString(16)}\r\n${BODY}\r\n`;
  const coded = (coding: string, body = `${chunk}0\r\n\r\n`) => put(bearer, `Transfer-Encoding: ${coding}\r\n`, body);
  return [
    ['a body in chunks', coded('chunked'), [200]],
    [
      'a body in chunks with an extension and a trailer',
      coded('chunked', `${chunk.replace('\r\n', ';a=b\r\n')}0\r\nX-A: b\r\n\r\n`),
      [200],
    ],
    [
      'both framings',
      put(bearer, `Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`, `${chunk}0\r\n\r\n`),
      [400],
      CODING,
    ],
    [
      'both framings, the other way round',
      put(bearer, `Transfer-Encoding: chunked\r\nContent-Length: 5\r\n`, `${chunk}0\r\n\r\n`),
      [400],
    ],
    ['an unknown transfer coding', coded('xchunked'), [400], CODING],
    ['chunked, but not last', coded('chunked, identity'), [400], CODING],
    ['chunked twice', coded('chunked, chunked'), [400], CODING],
    ['gzip, chunked', coded('gzip, chunked'), [400], CODING],
    ['chunked behind a vertical tab', coded('\vchunked'), [400], HEADER],
    [
      'two transfer codings',
      put(bearer, 'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n', `${chunk}0\r\n\r\n`),
      [400],
    ],
    ['a chunk size that is none', coded('chunked', 'zz\r\n\r\n'), [400]],
    ['a negative chunk size', coded('chunked', '-1\r\n\r\n'), [400]],
    ['a chunk size beyond 64 bits', coded('chunked', 'fffffffffffffffff\r\n\r\n'), [400]],
    ['a chunk without an end', coded('chunked', `${chunk}`), [400], { ends: true }],
    ['a chunk longer than its size', coded('chunked', `5\r\n${BODY}\r\n0\r\n\r\n`), [400]],
    ['chunks ended by bare line feeds', coded('chunked', `${chunk.replaceAll('\r\n', '\n')}0\n\n`), [400]],
    ['chunk extensions without end', coded('chunked', `1;${'a'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`), [413]],
    ['a request inside a chunk', coded('chunked', `0\r\n\r\n${get('/livez')}`), [400, 200]],
  ];
}

function heads(bearer: string, weaker: string): readonly Row[] {
  const garbage = `Authorization: Bearer gkp_${'a'.repeat(36)}\r\n`;
  return [
    ['bare line feeds', get('/livez').replaceAll('\r\n', '\n'), [400]],
    ['a bare line feed in the head', get('/livez', 'X-A: b\nX-B: c\r\n'), [400], HEADER],
    ['a bare carriage return in a value', get('/livez', 'X-A: b\rX-B: c\r\n'), [400], HEADER],
    ['a NUL in a value', get('/livez', 'X-A: b\0c\r\n'), [400], HEADER],
    ['a control character in the request id', get('/livez', 'X-Request-Id: 12345678\u001b\r\n'), [400], HEADER],
    ['a space before the colon', get('/livez', 'X-A : b\r\n'), [400], HEADER],
    ['a space in a name', get('/livez', 'X A: b\r\n'), [400], HEADER],
    ['no name', get('/livez', ': b\r\n'), [400], HEADER],
    ['no colon', get('/livez', 'X-A\r\n'), [400], HEADER],
    ['a folded header', get('/livez', 'X-A: b\r\n c\r\n'), [400], HEADER],
    ['bytes that are no ASCII in a value', get('/livez', 'X-A: \xff\xfe\r\n'), [200]],
    ['no host', 'GET /livez HTTP/1.1\r\n\r\n', [400], { pointer: '/header/Host' }],
    ['an empty host', 'GET /livez HTTP/1.1\r\nHost:\r\n\r\n', [200]],
    ['a strange host', 'GET /livez HTTP/1.1\r\nHost: "><script>:99999/a\r\n\r\n', [200]],
    ['a header of 20 KB', get('/livez', `X-A: ${'a'.repeat(20_000)}\r\n`), [431]],
    ['a target of 20 KB', get(`/livez?${'a'.repeat(20_000)}`), [431]],
    ['a name of 20 KB', get('/livez', `${'a'.repeat(20_000)}: b\r\n`), [431]],
    ['500 headers', get('/livez', 'a: b\r\n'.repeat(500)), [200]],
    ['5,000 headers', get('/livez', 'a: b\r\n'.repeat(5000)), [431]],
    ['two credentials, the first unknown', get('/tokens', `${garbage}${bearer}`), [401]],
    ['two credentials, the first too weak', put(weaker + bearer, `Content-Length: ${BODY.length}\r\n`, BODY), [403]],
    [
      'a credential in the address',
      get(`/decisions?actor=${newTokenText('auditor')}`, weaker),
      [400],
      { pointer: '/query/*' },
    ],
    ['an upgrade', get('/livez', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n'), [200]],
    [
      'an upgrade to HTTP/2',
      get('/livez', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'),
      [200],
    ],
    ['a connection header that names others', get('/tokens', 'Connection: authorization, close\r\n'), [401]],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
    ['noise', Array.from({ length: 3000 }, (_, i) => String.fromCharCode((i * 7919) % 256)).join(''), [400]],
    ['blank lines before the request', `\r\n\r\n${get('/livez')}`, [200]],
  ];
}

function methodsAndTargets(bearer: string): readonly Row[] {
  const of = (method: string, target: string) => `${method} ${target} HTTP/1.1\r\nHost: gate.example\r\n${bearer}\r\n`;
  const gate = '/gates/healthy@1/canary';
  return [
    ['HEAD of a gate', of('HEAD', gate), [405], { isHead: true }],
    ['HEAD of a service', of('HEAD', '/services/cart'), [405], { isHead: true }],
    ['OPTIONS of a gate', of('OPTIONS', gate), [405]],
    ['OPTIONS of everything', of('OPTIONS', '*'), [404]],
    ['TRACE', of('TRACE', gate), [405]],
    ['CONNECT', of('CONNECT', 'gate.example:443'), [405]],
    ['PATCH', of('PATCH', '/services/cart'), [405]],
    ['PROPFIND', of('PROPFIND', '/services/cart'), [405]],
    ['QUERY', of('QUERY', '/services'), [405]],
    ['PURGE', of('PURGE', '/services/cart'), [405]],
    ['a method in lower case', of('delete', '/services/cart'), [400]],
    ['an unknown method', of('RINGGATE', gate), [400]],
    ['no method', of('', gate), [400]],
    ['the whole address', of('GET', 'http://elsewhere.example/livez'), [200]],
    ['an address with a broken port', of('GET', 'http://a:99999999/livez'), [200]],
    ['an address with a broken host', of('GET', 'http://[/livez'), [400], PATH],
    ['a path of slashes', of('GET', '//'), [404]],
    ['a path of an address', of('GET', '//elsewhere.example/livez'), [404]],
    ['no path', of('GET', ''), [400], PATH],
    ['a path without a slash', of('GET', 'livez'), [400], PATH],
    ['a backslash', of('GET', '/\\livez'), [404]],
    ['steps up', of('GET', '/services/../tokens'), [404]],
    ['encoded steps up', of('GET', '/services/%2e%2e/%2e%2e/tokens'), [404]],
    ['an encoded slash', of('GET', '/services%2fcart'), [404]],
    ['a NUL in the path', of('GET', '/services/%00'), [400]],
    ['a path that cannot be decoded', of('GET', '/services/%ff'), [400]],
    ['a path in another case', of('GET', '/Services/cart'), [404]],
    ['a slash at the end', of('DELETE', '/services/cart/'), [404]],
    ['a space in the path', of('GET', '/livez /x'), [400]],
    ['a fragment', of('GET', '/livez#x'), [200]],
    ['10,000 steps', of('GET', '/a'.repeat(5000)), [404]],
    ['a long row of slashes and marks', of('GET', `/${'?'.repeat(10_000)}`), [404]],
  ];
}

/** The one place where a caller may say whatever it likes, and still not this. */
function contexts(asking: string): readonly Row[] {
  const ask = (context: string): string => {
    const body = `{"dryRun":true,"context":${context}}`;
    const typed = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    return `POST /gates/healthy@1/canary HTTP/1.1\r\nHost: gate.example\r\n${asking}${typed}\r\n${body}`;
  };
  return [
    ['__proto__', ask('{"__proto__":{"polluted":1}}'), [400], { pointer: '/context/__proto__' }],
    [`${MANY} levels`, ask(`${'{"a":'.repeat(MANY)}1${'}'.repeat(MANY)}`), [400]],
    ['a control character', ask('{"a":"\\u001b[31m"}'), [400], { pointer: '/context/a' }],
  ];
}

function versions(): readonly Row[] {
  return [
    ['HTTP/1.0', 'GET /livez HTTP/1.0\r\n\r\n', [200]],
    ['HTTP/1.0 with chunks', 'POST /tokens HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', [401]],
    ['HTTP/0.9', 'GET /livez\r\n', [400], { ends: true }],
    ['HTTP/1.9', get('/livez', '', 'HTTP/1.9'), [400]],
    ['the beginning of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
    ['a protocol in lower case', get('/livez', '', 'http/1.1'), [400]],
    ['a response', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', [400]],
  ];
}

function pipelines(bearer: string): readonly Row[] {
  const wrong = get('/gates/healthy@1/canary?unknown=1', bearer);
  return [
    ['30 requests at once', get('/livez').repeat(30), Array<number>(30).fill(200)],
    [
      'wrong and right ones in turn',
      `${wrong}${get('/livez')}`.repeat(10),
      Array.from({ length: 20 }, (_, i) => [403, 200][i % 2] ?? 0),
    ],
    ['a request behind a refused body', `${put(bearer, 'Content-Length: 2\r\n', '[]')}${get('/livez')}`, [400, 200]],
    [
      'a request behind a body nobody reads',
      `${get('/livez', 'Content-Length: 5\r\n')}hello${get('/livez')}`,
      [200, 200],
    ],
    ['a request behind noise', `noise\r\n\r\n${get('/livez')}`, [400]],
    ['noise behind a request', `${get('/services', bearer)}noise\r\n\r\n`, [200, 400]],
    ['noise behind many requests', `${get('/services', bearer).repeat(9)}noise\r\n\r\n`, [...Array(9).fill(200), 400]],
    [
      'a broken body behind a request',
      `${get('/services', bearer)}${put(bearer, 'Transfer-Encoding: chunked\r\n', 'zz\r\n\r\n')}`,
      [200, 400],
    ],
    ['a tunnel behind a request', `${get('/services', bearer)}CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n`, [200, 405]],
    [
      'an unknown expectation behind a request',
      `${get('/services', bearer)}${get('/livez', 'Expect: miracles\r\n')}`,
      [200, 417],
    ],
  ];
}
