/** Everything a metric source can say that is no number to decide on, and how the gate has to call it. */
import * as fake from './fake-prometheus.ts';

export interface Uncertain {
  readonly what: string;
  readonly answer: fake.FakeAnswer;
  readonly cause: string;
  /** Of `provider-unavailable`: which kind. */
  readonly reason?: string;
  /** The source's own time, when it is to be short. */
  readonly timeout?: string;
  /** Where the source is, when it is elsewhere. */
  readonly url?: string;
  /** Which queries are answered so: those for bad events, or for the age of the data. */
  readonly part?: 'age';
}

const AT = 1_700_000_000;
const JSON_TYPE = 'application/json';
const value = (sample: unknown) => fake.success('vector', [{ metric: {}, value: sample }]);
const zero = { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [AT, '0'] }] } };

const of = (cause: string, rows: Readonly<Record<string, fake.FakeAnswer>>): Uncertain[] =>
  Object.entries(rows).map(([what, answer]) => ({ what, answer, cause }));
const unavailable = (reason: string, rows: Readonly<Record<string, fake.FakeAnswer>>): Uncertain[] =>
  of('provider-unavailable', rows).map((row) => ({ ...row, reason }));

export const UNCERTAIN: readonly Uncertain[] = [
  ...of('no-data', { 'nothing at all': fake.empty() }),
  ...of('not-a-number', {
    NaN: fake.vector('NaN'),
    '+Inf': fake.vector('+Inf'),
    '-Inf': fake.vector('-Inf'),
    'a scalar NaN': fake.scalar('NaN'),
  }),
  ...of('too-many-series', {
    'two series, both zero': fake.severalSeries([0, 0]),
    'many series, cut off by the limit': fake.severalSeries(Array(20).fill(0), {
      warnings: ['results truncated due to limit'],
    }),
  }),
  ...of('partial-data', {
    'zero and a warning': fake.vector('0', { warnings: ['store 10.0.0.1 did not answer'] }),
    'nothing and a warning': fake.empty({ warnings: ['store 10.0.0.1 did not answer'] }),
    'zero and a warning that is no list': fake.vector('0', { warnings: 'down' }),
    'zero and isPartial': fake.vector('0', { isPartial: true }),
  }),
  ...of('query-rejected', {
    'a parse error': fake.apiError('bad_data', 'parse error'),
    'a query that cannot run': fake.apiError('execution', 'many-to-many matching not allowed'),
    'a query that is too large for Mimir': fake.apiError('too_large_entry', 'too large', 413),
  }),
  ...unavailable('not-json', {
    '400 in plain text': fake.text('Bad Request', 400),
    '404 in plain text': fake.text('404 page not found', 404),
    '413 of a proxy': fake.text('<html>', 413, 'text/html'),
    '422 in plain text': fake.text('no', 422),
    'a login page': fake.text('<html>Please log in</html>', 200, 'text/html'),
    'half a document': fake.text('{"status":"success","data":{"resul', 200, JSON_TYPE),
    'an empty body': fake.text('', 200, JSON_TYPE),
    '204': { status: 204, headers: {}, body: '' },
    'zero that calls itself HTML': fake.text(JSON.stringify(zero), 200, 'text/html'),
    'zero that is not the gzip it claims to be': fake.withHeaders(fake.vector('0'), { 'content-encoding': 'gzip' }),
  }),
  ...unavailable('unauthorized', { 401: fake.text('', 401), '403 in HTML': fake.text('<html>', 403, 'text/html') }),
  ...unavailable('rate-limited', {
    '429': fake.text('slow down', 429),
    'too many requests of Mimir, with a time to wait': fake.withHeaders(fake.apiError('too_many_requests', 'x', 429), {
      'retry-after': '30',
    }),
  }),
  ...unavailable('server-error', {
    '499': fake.apiError('canceled', 'x'),
    '500 in plain text': fake.text('oops', 500),
    '500 with a zero in it': fake.json(zero, 500),
    '502 in HTML': fake.text('<html>Bad Gateway</html>', 502, 'text/html'),
    '503 of a starting server': fake.text('Service Unavailable', 503),
    '503 of a query timeout': fake.apiError('timeout', 'query timed out'),
    '504': fake.text('', 504),
  }),
  ...unavailable('redirect', {
    'a redirect': fake.redirect('/graph', 301),
    'a redirect to a metadata address': fake.redirect('http://169.254.169.254/latest/meta-data/'),
  }),
  ...unavailable('unexpected-answer', {
    'another document': fake.json({ healthy: true, value: 0 }),
    'a list': fake.json([0]),
    'success with status 202': fake.json(zero, 202),
    'a range': fake.success('matrix', [{ metric: {}, values: [[AT, '0']] }]),
    'a text': fake.success('string', [AT, '0']),
    'a native histogram': fake.success('vector', [{ metric: {}, histogram: [AT, { count: '0', sum: '0' }] }]),
    'an empty number': value([AT, '']),
    'a hexadecimal number': value([AT, '0x0']),
    'a JSON number': value([AT, 0]),
    'a number beyond every double': value([AT, '1e999']),
    null: value([AT, null]),
  }),
  ...unavailable('too-large', { 'a gzip bomb': fake.gzipBomb(100_000_000) }),
  ...unavailable('connection', {
    'a reset in the middle': fake.resetMidBody,
    'an answer that is cut off': fake.cutOff,
    'a connection that is closed': fake.hangUp,
  }),
  ...unavailable('clock-skew', {
    'zero from an hour ago': fake.withHeaders(fake.vector('0'), {
      date: new Date(Date.now() - 3_600_000).toUTCString(),
    }),
    // Ahead of the moment in which it is sent: the table is walked for longer than that on a busy machine.
    'zero from a minute and a half ahead': (response) => {
      const date = new Date(Date.now() + 95_000).toUTCString();
      response.writeHead(200, { 'content-type': JSON_TYPE, date }).end(JSON.stringify(zero));
    },
  }),
  ...of('deadline-exceeded', {
    silence: fake.silent,
    'one byte per second': fake.drip(),
    'bytes for ever': fake.drip(20),
  }).map((row) => ({ ...row, timeout: '300ms' })),
  ...of('provider-unavailable', { 'no connection': fake.empty(), 'a name nobody knows': fake.empty() }).map(
    (row, i) => ({
      ...row,
      reason: 'connection',
      url: ['http://127.0.0.1:1', 'http://nobody.invalid:9090'][i] ?? '',
    }),
  ),
  {
    what: 'a metadata address as its own',
    answer: fake.empty(),
    cause: 'provider-unavailable',
    reason: 'address-refused',
    url: 'http://169.254.169.254',
  },
  ...of('stale-data', { 'data of six minutes ago': fake.vector('361'), 'no data new enough': fake.empty() }).map(
    (row) => ({
      ...row,
      part: 'age' as const,
    }),
  ),
  ...of('not-a-number', { 'an age that is NaN': fake.vector('NaN') }).map((row) => ({ ...row, part: 'age' as const })),
];
