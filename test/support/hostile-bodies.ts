/** Bodies, headers and cursors that are sent as they are. */
import { gzipSync } from 'node:zlib';
import { MARKER } from './hostile-texts.ts';

type Bytes = readonly (readonly [what: string, body: Buffer])[];

/** Small on the wire, 24 MiB when it is unpacked. */
export const BOMB = gzipSync(Buffer.alloc(24 * 1024 * 1024, ' '), { level: 9 });

const UUID = '0199f0c2-7a10-7b1c-9d3e-2f4a6b8c0d1e';
export const CURSORS = [
  '',
  'null',
  '[]',
  '{}',
  '"a"',
  '[1,2]',
  '[null,null]',
  '["a","b"]',
  '["\\ud800","\\u0000"]',
  '["__proto__","constructor"]',
  `["${'a'.repeat(600)}","b"]`,
  `["2026-11-22T10:00:00.000Z","${UUID}"]`,
  `["0000-00-00T99:99:99.999Z","${UUID}"]`,
  `["9999-99-99T00:00:00.000Z","${UUID}"]`,
  `["0000-01-01T00:00:00.000Z","a","b"]`,
  `["2026-11-22T10:00:00.000Z","${UUID}","x"]`,
  `["2026-11-22T10:00:00.000Z","' or 1=1--","x"]`,
  '["2026-02-31T10:00:00.000Z","checkout","1"]',
  '['.repeat(700),
];

/** Bodies that nobody may take for a document. */
export const MUST_FAIL = /malformed|trailing|truncated|not UTF-8|UTF-16|byte order/;

/** The same where any text may be a document. */
export const NEVER_TEXT = /not UTF-8/;

/** Bodies that begin with the text of a valid one, or with nothing of the kind. */
export function bodiesFrom(text: string): Bytes {
  const utf8 = Buffer.from(text);
  return [
    ['trailing garbage', Buffer.from(`${text}x`)],
    ['trailing document', Buffer.from(`${text}${text}`)],
    ['truncated', utf8.subarray(0, utf8.length - 1)],
    ['malformed: single quotes', Buffer.from(`{'a':1}`)],
    ['malformed: comment', Buffer.from(`/* a */${text}`)],
    ['malformed: NaN', Buffer.from('{"a":NaN}')],
    ['malformed: bare NUL', Buffer.from([0])],
    ['malformed: form', Buffer.from('stage=exit&dryRun=true')],
    ['malformed: XML', Buffer.from('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')],
    ['not UTF-8', Buffer.from('{"\xff":"\xfe"}', 'latin1')],
    ['not UTF-8: overlong', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['not UTF-8: surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['a number', Buffer.from('1e999')],
    ['null', Buffer.from('null')],
    ['a list', Buffer.from(`[${text}]`)],
    ['deep lists', Buffer.from(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)],
    ['deep objects', Buffer.from(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`)],
    ['deep context', Buffer.from(`{"context":${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}}`)],
    ['__proto__', Buffer.from('{"__proto__":{"polluted":true},"context":{"__proto__":{"polluted":true}}}')],
    ['constructor', Buffer.from('{"constructor":{"prototype":{"polluted":true}},"reason":"x","state":"failed"}')],
    ['repeated fields', Buffer.from(`{"reason":"a","reason":"b","state":"failed","state":"deployed"}`)],
    [
      'huge numbers',
      Buffer.from('{"minEvents":1e309,"context":{"n":1e309,"m":-1e400,"k":123456789012345678901234567890}}'),
    ],
    ['white space only', Buffer.from(' \n\t ')],
    ['many unknown fields', Buffer.from(`{${Array.from({ length: 4000 }, (_, i) => `"k${i}":1`).join(',')}}`)],
  ];
}

export function codingsOf(plain: Buffer): Bytes {
  const zipped = gzipSync(plain);
  return [
    ['gzip', zipped],
    ['gzip', BOMB],
    ['gzip', plain],
    ['gzip', zipped.subarray(0, zipped.length - 9)],
    ['gzip', Buffer.concat([zipped, zipped])],
    ['gzip, gzip', gzipSync(zipped)],
    ['deflate', plain],
    ['br', plain],
    ['zstd', plain],
    ['identity', plain],
    [`x-${MARKER}`, plain],
  ];
}

export const HEADERS: readonly (readonly [string, string])[] = [
  ['X-Request-Id', `${MARKER}<b>`],
  ['X-Request-Id', `${MARKER} ${'x'.repeat(200)}`],
  ['X-Request-Id', '../../etc/passwd'],
  ['X-Forwarded-For', `${MARKER}, 127.0.0.1`],
  ['X-Forwarded-Proto', MARKER],
  ['X-Forwarded-Host', MARKER],
  ['Forwarded', `for=${MARKER}`],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['X-Original-URL', '/tokens'],
  ['Accept', 'image/png'],
  ['Accept', 'text/plain'],
  ['Accept', '*/*;q=0'],
  ['Accept', `${'text/plain,'.repeat(600)}*/*`],
  ['Accept', ';;;===,,,'],
  ['Accept-Encoding', 'gzip;q=1.0, *;q=0'],
  ['Accept-Language', MARKER],
  ['Authorization', `Basic ${MARKER}`],
  ['Authorization', `Bearer ${'a'.repeat(5000)}`],
  ['Authorization', 'Bearer'],
  ['Cookie', `session=${MARKER}; __proto__=1`],
  ['Origin', `https://${MARKER}.example`],
  ['Range', 'bytes=0-0,-1,5-'],
  ['If-Modified-Since', 'Thu, 01 Jan 2099 00:00:00 GMT'],
  ['If-None-Match', `"${MARKER}"`],
  ['If-Match', '"\xff\xfe"'],
  ['If-Match', '"'.repeat(1999)],
  ['Expect', '100-continue'],
  ['Upgrade', 'websocket'],
  ['Upgrade', 'h2c'],
  ['Te', 'trailers, deflate;q=0.5'],
  ['Max-Forwards', '0'],
  ['Content-Type', 'application/json'],
  ['__proto__', MARKER],
  ['constructor', MARKER],
];

/** Made once for each limit: they are large. */
const HUGE = new Map<number, Bytes>();

export function hugeBodies(limit: number): Bytes {
  const made = HUGE.get(limit) ?? makeHugeBodies(limit);
  HUGE.set(limit, made);
  return made;
}

function makeHugeBodies(limit: number): Bytes {
  const numbers = Array.from({ length: Math.floor(limit / 10) }, (_, i) => `"${i}"`).join(',');
  return [
    ['one byte too many', Buffer.from(`{"x":"${'y'.repeat(limit - 7)}"}`)],
    ['exactly the limit', Buffer.from(`{"x":"${'y'.repeat(limit - 8)}"}`)],
    ['many wrong items', Buffer.from(`{"rings":[${'0,'.repeat(limit / 2 - 20)}0]}`)],
    ['many different items', Buffer.from(`{"measuredIn":[${numbers}]}`)],
    ['many different items', Buffer.from(`{"name":"a","role":"pipeline","changes":[${numbers}]}`)],
    [
      'many fields',
      Buffer.from(`{"labels":{${Array.from({ length: limit / 16 }, (_, i) => `"k ${i}":1`).join(',')}}}`),
    ],
  ];
}
