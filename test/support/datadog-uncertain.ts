/** Everything that Datadog can say of a count that is no number to decide on, and how the gate has to call it. */
import * as answers from './fake-answers.ts';

export interface UncertainDatadog {
  readonly what: string;
  readonly answer: answers.FakeAnswer;
  readonly cause: string;
  /** Of `provider-unavailable`: which kind. */
  readonly reason?: string;
  /** Which of the two endpoints says it. */
  readonly endpoint: 'scalar' | 'timeseries';
}

type Rows = Readonly<Record<string, answers.FakeAnswer>>;

const at = (cause: string, rows: Rows, endpoint: UncertainDatadog['endpoint'] = 'scalar'): UncertainDatadog[] =>
  Object.entries(rows).map(([what, answer]) => ({ what, answer, cause, endpoint }));
const unavailable = (
  reason: string,
  rows: Rows,
  endpoint: UncertainDatadog['endpoint'] = 'scalar',
): UncertainDatadog[] => at('provider-unavailable', rows, endpoint).map((row) => ({ ...row, reason }));

const JSON_API = { 'content-type': 'application/vnd.api+json' };
const columns = (...list: unknown[]) => ({ data: { type: 'scalar_response', attributes: { columns: list } } });
const numbers = (...values: unknown[]) => ({ name: 'a', type: 'number', values });
const zero = columns(numbers(0));
const points = (times: unknown, values: unknown) => ({ data: { attributes: { times, values, series: [] } } });

export const UNCERTAIN_DATADOG: readonly UncertainDatadog[] = [
  ...at('no-data', {
    'a column without values': answers.json(columns(numbers())),
    'a column without values, as JSON:API': answers.json(columns(numbers()), 200, JSON_API),
    'no columns': answers.json(columns()),
    null: answers.json(columns(numbers(null))),
  }),
  ...at('too-many-series', {
    'two zeros': answers.json(columns(numbers(0, 0))),
    'two groups': answers.json(columns({ type: 'group', values: [['a'], ['b']] }, numbers(0, 0))),
  }),
  ...at('query-rejected', {
    'errors as texts': answers.json({ errors: ['Error parsing query'] }, 400),
    'errors as objects': answers.json(
      { errors: [{ status: '400', title: 'Bad Request', detail: 'no' }] },
      400,
      JSON_API,
    ),
    'something that is not there': answers.json({ errors: ['Not found'] }, 404),
    'a status of error with 200': answers.json({ status: 'error', error: 'Rule must be a query', series: [] }),
    'a status of error and nothing else': answers.json({ status: 'error', ...zero }),
    'an error without data with 200': answers.json({ errors: 'timed out in the middle' }),
  }),
  ...at('partial-data', {
    'zero and a text of errors': answers.json({ ...zero, errors: 'some shards did not answer' }),
    'zero and a list of errors': answers.json({ ...zero, errors: [{ error: 'some shards did not answer' }] }),
    'zero and an error': answers.json({ ...zero, error: 'some shards did not answer' }),
  }),
  ...unavailable('unauthorized', {
    '401': answers.json({ errors: ['Unauthorized'] }, 401),
    'a 403 that lacks a permission': answers.json({ errors: ['Failed permission authorization checks'] }, 403),
  }),
  ...unavailable('rate-limited', {
    '429 without a word': answers.json({ errors: [] }, 429),
    '429 with a time to wait': answers.json({ errors: ['Too many requests'] }, 429, { 'x-ratelimit-reset': '5' }),
  }),
  ...unavailable('server-error', {
    '500': answers.json({ errors: ['Internal server error'] }, 500),
    '503 in HTML': answers.text('<html>', 503, 'text/html'),
    '408': answers.json({ errors: ['Request timeout'] }, 408),
  }),
  ...unavailable('redirect', { 'a redirect': answers.redirect('https://app.datadoghq.com/account/login') }),
  ...unavailable('not-json', {
    'a login page': answers.text('<html>Log in</html>', 200, 'text/html'),
    'half a document': answers.text('{"data":{"attri', 200, 'application/json'),
    '202 without a body': answers.text('', 202, 'application/json'),
  }),
  ...unavailable('unexpected-answer', {
    'a list': answers.json([0]),
    'another document': answers.json({ data: { type: 'monitor' } }),
    '202 with a zero': answers.json(zero, 202),
    'a text for a number': answers.json(columns(numbers('0'))),
    'two columns of numbers': answers.json(columns(numbers(0), numbers(0))),
    'values that are no list': answers.json(columns({ type: 'number', values: 0 })),
  }),
  ...unavailable('clock-skew', {
    'zero from an hour ago': answers.json(zero, 200, { date: new Date(Date.now() - 3_600_000).toUTCString() }),
  }),
  ...unavailable('too-large', { 'more than a megabyte': answers.flood(3_000_000) }),
  ...unavailable('connection', { 'an answer that is cut off': answers.cutOff }),
  ...at('stale-data', { 'no point that is new enough': answers.json(points([], [])) }, 'timeseries'),
  ...at('stale-data', { 'only points without a value': answers.json(points([1], [[null]])) }, 'timeseries'),
  ...unavailable(
    'unexpected-answer',
    {
      'times in seconds': answers.json(points([Math.floor(Date.now() / 1000)], [[1]])),
      'times in microseconds': answers.json(points([Date.now() * 1000], [[1]])),
      'more values than times': answers.json(points([], [[1]])),
      'no times': answers.json({ data: { attributes: {} } }),
    },
    'timeseries',
  ),
  ...at('too-many-series', { 'points of two groups': answers.json(points([1], [[1], [1]])) }, 'timeseries'),
];
