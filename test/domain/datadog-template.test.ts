import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDatadogQuery, windowAggregator } from '../../src/domain/datadog-query.ts';
import { type DatadogTemplate, fillDatadog, parseDatadog } from '../../src/domain/datadog-template.ts';
import { languageOf } from '../../src/domain/query-template.ts';
import { parseTemplate, type TemplateValues } from '../../src/domain/template.ts';

const VALUES: TemplateValues = {
  service: 'checkout',
  version: '1.4.2',
  ring: 'canary',
  labels: { region: 'eu-west-1', slo: '0123456789abcdef0123456789abcdef', monitor: '42' },
  windowMs: null,
};
const QUERY = 'sum:requests{service:${service},version:${version},!ring:${ring},zone:${labels.region}}.as_count()';

function parsed(text: string): DatadogTemplate {
  const template = parseDatadog(text);
  if ('error' in template) throw new Error(template.error);
  return template;
}
const errorOf = (text: string) => {
  const template = parseDatadog(text);
  return 'error' in template ? template.error : null;
};

describe('a query for Datadog', () => {
  it('is filled where a placeholder is a whole tag value', () => {
    expect(fillDatadog(parsed(QUERY), VALUES)).toEqual({
      query: 'sum:requests{service:checkout,version:1.4.2,!ring:canary,zone:eu-west-1}.as_count()',
    });
    expect(parsed(QUERY).slots.map(({ name, negated }) => [name, negated])).toEqual([
      ['service', false],
      ['version', false],
      ['ring', true],
      ['labels.region', false],
    ]);
  });

  it.each([
    'sum:requests{*}.as_count()',
    ' sum:a.b_c{ env:prod , version:${version} }.rollup(sum, 60).as_count() ',
    'p99.9:trace.http.request{service:${service},path:/api/*}',
    'avg:latency{version:${version}}.rollup(max)',
    'count:dist{version:1.0}.as_count()',
  ])('may be %s', (text) => {
    expect(errorOf(text)).toBeNull();
    expect(languageOf(text)).toBe('datadog');
  });

  it.each<[string, string]>([
    ['requests{version:${version}}', 'is written sum:metric.name'],
    ['sum:requests', 'is written sum:metric.name'],
    ['default_zero(sum:requests{version:${version}})', 'is written sum:metric.name'],
    ['sum:a{x:y} + sum:b{x:y}', 'may follow the braces, not + sum:b'],
    ['sum:requests{}', 'need tags such as'],
    ['sum:requests{a:b,}', 'need tags such as'],
    ['sum:requests{version:1.0 OR version:1.1}', 'joined by commas'],
    ['sum:requests{version IN (a,b)}', 'joined by commas'],
    ['sum:requests{version="${version}"}', 'no quotation marks'],
    ['sum:requests{version:v${version}}', 'one whole placeholder'],
    ['sum:requests{${ring}:x}', 'one whole placeholder'],
    ['sum:requests{version:${release}}', 'has an @'],
    ['sum:requests{version:${window}}', 'its window is sent beside it'],
    ['sum:requests{version:${nothing}}', 'unknown placeholder'],
    ['sum:requests{version:1.0} by {host}', 'exactly one'],
    ['sum:requests{version:1.0}.fill(zero)', 'not .fill(zero)'],
    ['sum:requests{version:1.0}.as_count(5)', 'takes nothing'],
    ['sum:requests{version:1.0}.rollup(median)', 'a rollup is written'],
    ['/api/v1/slo/../monitor/history', '32 hexadecimal digits'],
    ['/api/v1/slo/x${labels.slo}/history', '32 hexadecimal digits'],
    ['/api/v1/monitor/42?delete=1', 'a number'],
    ['/api/v1/monitor/42 {version:*}', 'a group is named by its tags'],
    ['/api/v1/monitor/42 {}', 'need tags such as'],
  ])('may not be %s', (text, message) => {
    expect(errorOf(text)).toContain(message);
  });

  it.each<[string, string | null]>([
    ['sum:requests{a:b}.as_count()', null],
    ['count:dist{a:b}.rollup(sum).as_count()', null],
    ['avg:requests{a:b}.as_count()', 'write sum: instead of avg:'],
    ['sum:requests{a:b}', 'averages over time'],
    ['sum:requests{a:b}.as_rate()', 'per second'],
    ['sum:requests{a:b}.as_count().rollup(avg)', '.rollup(avg) does not'],
  ])('counts events or says why it does not: %s', (text, reason) => {
    const { uncountable } = parsed(text);
    if (reason === null) expect(uncountable).toBeNull();
    else expect(uncountable).toContain(reason);
  });

  it.each([
    ['sum:requests{a:b}.as_count()', 'sum'],
    ['max:queue{a:b}', 'max'],
    ['min:queue{a:b}', 'min'],
    ['avg:latency{a:b}', 'avg'],
    ['p95:latency{a:b}', 'avg'],
  ])('is one number over its window: %s', (text, aggregator) => {
    const query = parseDatadogQuery(text);
    expect('error' in query ? query.error : windowAggregator(query)).toBe(aggregator);
  });
});

describe('a value in a query for Datadog', () => {
  const fill = (change: Partial<TemplateValues>, text = QUERY) => fillDatadog(parsed(text), { ...VALUES, ...change });

  it.each([
    '1.4.2,version:*',
    '1.4.2}',
    '*',
    '!x',
    'a b',
    '1.4.2-RC1',
    '1.0+build',
    '',
    'ü',
    '.hidden',
    'a\n',
    'x'.repeat(201),
  ])('is refused when Datadog would not compare it as it is: %j', (version) => {
    expect(fill({ version })).toEqual({ error: expect.stringContaining('${version}') });
  });

  it('is an id, and nothing else, in the path of an SLO or a monitor', () => {
    expect(fill({}, '/api/v1/slo/${labels.slo}/history')).toEqual({
      query: '/api/v1/slo/0123456789abcdef0123456789abcdef/history',
    });
    expect(fill({}, '/api/v1/monitor/${labels.monitor} {version:${version}}')).toEqual({
      query: '/api/v1/monitor/42 {version:1.4.2}',
    });
    const labels = { slo: 'checkout', monitor: '42/../43' };
    expect(fill({ labels }, '/api/v1/slo/${labels.slo}/history')).toEqual({
      error: expect.stringContaining('hexadecimal'),
    });
    expect(fill({ labels }, '/api/v1/monitor/${labels.monitor}')).toEqual({ error: expect.stringContaining('number') });
  });

  it('is the second lock’s matter when the first has let in what it should not', () => {
    const template = parsed('sum:requests{version:${version},ring:${ring}}');
    const { from = 0, to = 0 } = template.slots[1] ?? {};
    const slots = [{ name: 'version', from: template.slots[0]?.from ?? 0, to, negated: false }];
    expect(to).toBeGreaterThan(from);
    expect(fillDatadog({ ...template, slots }, VALUES)).toEqual({
      error: 'the filled query does not have the shape of its template',
    });
  });

  it('changes nothing but itself, whatever it is', () => {
    const value = fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9_.:/*,{}! -]{1,12}$/));
    fc.assert(
      fc.property(value, value, (version, region) => {
        const filled = fill({ version, labels: { region } });
        if ('error' in filled) return;
        const query = parseDatadogQuery(filled.query);
        expect('error' in query ? query.error : query.tags.map((tag) => tag.value)).toEqual([
          'checkout',
          version,
          'canary',
          region,
        ]);
      }),
    );
  });
});

describe('the language of a query', () => {
  it.each([
    'up',
    'up{}',
    'sum:requests:rate5m{version="1"}',
    'sum(increase(requests{version="${version}"}[${window}]))',
    'increase(up[${window}])',
    `x{a='}b{c:d}'}`,
    'label_replace(up, "a{b}", "$1", "c", "(.*)")',
    '# sum:x{a:b}\nup',
    'not a query',
  ])('is PromQL’s for %j', (text) => {
    expect(languageOf(text)).toBe('promql');
  });

  it('is never Datadog’s for what PromQL takes, whatever stands in its strings', () => {
    const literal = fc.string({ maxLength: 20 }).map((text) => JSON.stringify(text));
    const metric = fc.constantFrom('up', 'sum:requests', 'a:b:c', '');
    fc.assert(
      fc.property(metric, literal, literal, (name, first, second) => {
        const text = `${name}{a=${first},b!=${second}} or x{}`;
        if ('error' in parseTemplate(text)) return;
        expect(languageOf(text)).toBe('promql');
      }),
      { numRuns: 300 },
    );
  });
});
