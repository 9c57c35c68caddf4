import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Measurement } from '../../src/domain/measurement.ts';
import * as fake from '../support/fake-prometheus.ts';
import { askAlone } from './asking.ts';

type Expected = Partial<Measurement> & Pick<Measurement, 'kind'>;

const unavailable = (reason: string) => ({ kind: 'unavailable', reason }) as Expected;
const unexpected = unavailable('unexpected-answer');
const notJson = unavailable('not-json');
const serverError = unavailable('server-error');
const AT = 1_700_000_000;
const series = (element: unknown) => fake.success('vector', [element]);

const TABLE: readonly [string, fake.FakeAnswer, Expected][] = [
  // Numbers, as sent
  ['one series', fake.vector('12'), { kind: 'value', value: '12' }],
  ['zero', fake.vector('0'), { kind: 'value', value: '0' }],
  ['a negative number', fake.vector('-0.5'), { kind: 'value', value: '-0.5' }],
  ['many digits', fake.vector('118.98305084745763'), { kind: 'value', value: '118.98305084745763' }],
  ['an exponent', fake.vector('1.5e+21'), { kind: 'value', value: '1.5e+21' }],
  ['a scalar', fake.scalar('3.25'), { kind: 'value', value: '3.25' }],
  ['a compressed answer', fake.gzipped(fake.vector('7')), { kind: 'value', value: '7' }],
  ['empty warnings', fake.vector('1', { warnings: [] }), { kind: 'value', value: '1' }],
  ['isPartial false', fake.vector('1', { isPartial: false }), { kind: 'value', value: '1' }],
  ['fields nobody knows', fake.vector('1', { stats: { seriesFetched: '3' } }), { kind: 'value', value: '1' }],
  // Nothing, or not a number
  ['an empty vector', fake.empty(), { kind: 'no-data' }],
  ['NaN', fake.vector('NaN'), { kind: 'not-a-number', value: 'NaN' }],
  ['+Inf', fake.vector('+Inf'), { kind: 'not-a-number', value: '+Inf' }],
  ['-Inf', fake.vector('-Inf'), { kind: 'not-a-number', value: '-Inf' }],
  ['a scalar NaN', fake.scalar('NaN'), { kind: 'not-a-number', value: 'NaN' }],
  ['three series', fake.severalSeries([1, 2, 3]), { kind: 'too-many-series', series: 3 }],
  [
    'series cut off by the limit',
    fake.severalSeries([1, 2], { warnings: ['results truncated due to limit'] }),
    { kind: 'too-many-series', series: 2 },
  ],
  // Numbers that only JavaScript would accept
  ['an empty text', fake.vector(''), unexpected],
  ['a hexadecimal text', fake.vector('0x10'), unexpected],
  ['a blank before the number', fake.vector(' 1'), unexpected],
  ['Infinity as JavaScript spells it', fake.vector('Infinity'), unexpected],
  ['a number beyond every double', fake.vector('1e999'), unexpected],
  ['a number with a comma', fake.vector('1,5'), unexpected],
  ['a JSON number instead of text', series({ metric: {}, value: [AT, 1] }), unexpected],
  ['null instead of text', series({ metric: {}, value: [AT, null] }), unexpected],
  // Other shapes
  ['a native histogram', series({ metric: {}, histogram: [AT, { count: '1', sum: '1' }] }), unexpected],
  ['a series without labels', series({ value: [AT, '1'] }), unexpected],
  ['a sample without a time', series({ metric: {}, value: ['1'] }), unexpected],
  ['a string result', fake.success('string', [AT, '1']), unexpected],
  ['a matrix', fake.success('matrix', [{ metric: {}, values: [[AT, '1']] }]), unexpected],
  ['an unknown result type', fake.success('streams', []), unexpected],
  ['a result that is no list', fake.success('vector', null), unexpected],
  ['success without data', fake.json({ status: 'success' }), unexpected],
  ['another JSON document', fake.json({ healthy: true, value: 1 }), unexpected],
  ['a JSON list', fake.json([1]), unexpected],
  [
    'success with status 202',
    fake.json({ status: 'success', data: { resultType: 'scalar', result: [AT, '1'] } }, 202),
    unexpected,
  ],
  ['an error type nobody knows', fake.apiError('weird', 'x', 400), unexpected],
  ['not_found of the API', fake.apiError('not_found', 'x'), unexpected],
  // Incomplete answers
  ['warnings', fake.vector('1', { warnings: ['store down'] }), { kind: 'partial', warnings: ['store down'] }],
  ['warnings with nothing', fake.empty({ warnings: ['store down'] }), { kind: 'partial', warnings: ['store down'] }],
  ['warnings that are no list', fake.vector('1', { warnings: 'down' }), { kind: 'partial' }],
  ['isPartial', fake.vector('1', { isPartial: true }), { kind: 'partial' }],
  // Errors of the API
  ['a parse error', fake.apiError('bad_data', 'parse error'), { kind: 'rejected', detail: 'parse error' }],
  ['a query that cannot run', fake.apiError('execution', 'many-to-many'), { kind: 'rejected', detail: 'many-to-many' }],
  ['a query that is too large', fake.apiError('too_large_entry', 'too large', 413), { kind: 'rejected' }],
  ['a query timeout', fake.apiError('timeout', 'x'), serverError],
  ['a cancelled query', fake.apiError('canceled', 'x'), serverError],
  ['an internal error', fake.apiError('internal', 'x'), serverError],
  ['unavailable', fake.apiError('unavailable', 'x'), serverError],
  ['a timeout sent with status 200', fake.apiError('timeout', 'x', 200), serverError],
  ['too many requests of Mimir', fake.apiError('too_many_requests', 'x', 429), unavailable('rate-limited')],
  // Whatever stands in front
  ['400 in plain text', fake.text('Bad Request', 400), notJson],
  ['401', fake.text('no', 401), unavailable('unauthorized')],
  ['403 in HTML', fake.text('<html>', 403, 'text/html'), unavailable('unauthorized')],
  ['404', fake.text('404 page not found', 404), notJson],
  ['405', fake.text('Method Not Allowed', 405), notJson],
  ['413', fake.text('too large', 413), notJson],
  ['422 in plain text', fake.text('no', 422), notJson],
  ['429', fake.text('slow down', 429), unavailable('rate-limited')],
  ['499', fake.text('', 499), serverError],
  ['500', fake.text('oops', 500), serverError],
  ['502 in HTML', fake.text('<html>Bad Gateway</html>', 502, 'text/html'), serverError],
  ['503 of a starting server', fake.text('Service Unavailable', 503), serverError],
  ['504', fake.text('', 504), serverError],
  [
    '500 with a value in it',
    fake.json({ status: 'success', data: { resultType: 'scalar', result: [AT, '0'] } }, 500),
    serverError,
  ],
  ['200 with HTML', fake.text('<html>Please log in</html>', 200, 'text/html'), notJson],
  ['JSON that calls itself HTML', fake.withHeaders(fake.vector('1'), { 'content-type': 'text/html' }), notJson],
  ['half a document', fake.text('{"status":"success","data":{"resul', 200, 'application/json'), notJson],
  ['an empty body', fake.text('', 200, 'application/json'), notJson],
  ['204', { status: 204, headers: {}, body: '' }, notJson],
  ['a body that is not gzip', fake.withHeaders(fake.vector('1'), { 'content-encoding': 'gzip' }), notJson],
  ['a redirect', fake.redirect('/elsewhere'), unavailable('redirect')],
  ['a redirect to the metadata service', fake.redirect('http://169.254.169.254/latest/', 307), unavailable('redirect')],
];

describe('an answer of Prometheus becomes one measurement', () => {
  const ask = askAlone;
  let server: fake.FakePrometheus;

  beforeAll(async () => {
    server = await fake.startFakePrometheus();
  });
  afterAll(() => server.stop());

  it.each(TABLE)('%s', async (_title, answer, expected) => {
    server.answer(() => answer);
    const { measurement } = await ask({ url: server.url });
    expect(measurement).toMatchObject(expected);
  });

  it('keeps infos for the record and judges the value all the same', async () => {
    server.answer(() => fake.vector('4', { infos: ['PromQL info: metric might not be a counter'] }));
    const measured = await ask({ url: server.url });
    expect(measured.measurement).toEqual({ kind: 'value', value: '4' });
    expect(measured.infos).toEqual(['PromQL info: metric might not be a counter']);
  });

  it('quotes neither bodies nor redirect targets', async () => {
    const answers = [
      fake.text('body-canary', 500),
      fake.text('body-canary', 404),
      fake.text('<p>body-canary', 200, 'text/html'),
      fake.json({ secret: 'body-canary' }),
      fake.redirect('http://body-canary/'),
      fake.vector('body-canary'),
    ];
    for (const answer of answers) {
      server.answer(() => answer);
      expect(JSON.stringify(await ask({ url: server.url }))).not.toContain('body-canary');
    }
  });

  it('shortens what the provider says about a refused query and takes control characters out', async () => {
    server.answer(() => fake.apiError('bad_data', `line\u0000\n\u202eone ${'x'.repeat(1000)}`));
    const { measurement } = await ask({ url: server.url });
    expect(measurement).toMatchObject({ kind: 'rejected', detail: expect.stringMatching(/^line one x{290}…$/) });
  });
});
