import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../../src/domain/template.ts';

const X = 'sum(increase(x{v="${version}"}[${window}]))';
const Y = 'sum(increase(y{v="${version}"}[${window}]))';

function parsed(text: string) {
  const template = parseTemplate(text);
  if ('error' in template) throw new Error(template.error);
  return template;
}

describe('A query as one side of a ratio', () => {
  it.each([
    [`${X} / ${Y}`, `write ${X} here and ${Y} in total`],
    [`100 * (${X} / ${Y})`, `write ${X} here and ${Y} in total`],
    ['sum(rate(x[5m])) * 1', 'write sum(increase(x[${window}]))'],
    ['sum(rate(x[5m])) + sum(rate(y[5m]))', 'write sum(increase(x[${window}])) + sum(increase(y[${window}]))'],
    ['clamp_min(sum(rate(x[${window}])), 0)', 'write sum(increase(x[${window}]))'],
    ['round(sum(irate(x[${window}])))', 'irate() is per second: write sum(increase(x[${window}]))'],
    ['sum(rate(x[${window}])) or vector(0)', 'write sum(increase(x[${window}]))'],
    ['sum_over_time(sum(rate(x[1m]))[${window}:1m])', 'write sum(increase(x[${window}]))'],
    [`vector(scalar(${X}))`, `write ${X}`],
    ['histogram_quantile(0.99, sum by (le) (increase(x_bucket[${window}])))', 'indicator of kind threshold'],
    ['quantile(0.9, increase(x[${window}]))', 'indicator of kind threshold'],
    ['avg(increase(x[${window}]))', 'write sum(increase(x[${window}]))'],
    ['avg_over_time(x[${window}])', 'write sum_over_time(x[${window}])'],
    [`${X} % 10`, `write ${X}`],
    [`1 / ${X}`, `write ${X}`],
    [`vector(0) or ${X}`, `write ${X} or vector(0)`],
    [`${X} + vector(5)`, 'only vector(0) may stand for no events'],
    ['stddev(increase(x[${window}]))', 'counts nothing'],
    [`${X} or ${Y}`, `write ${X} + ${Y}`],
    [
      `sum(increase(x[30s])) + ${Y}`,
      `[30s] is not the window that is judged: write sum(increase(x[\${window}])) + ${Y}`,
    ],
    [`${X} > bool 100`, `write ${X}`],
    [`${X} == bool 0`, `write ${X}`],
    [`${X} > 100`, `write ${X}`],
    ['sum(increase(x[${window}]) > bool 0)', 'write sum(increase(x[${window}]))'],
    ['sum(increase(rate(x[1m])[${window}:15s]))', 'write sum(increase(x[${window}]))'],
    ['sum_over_time(sum(increase(x[30s]))[${window}:30s])', 'write sum(increase(x[${window}]))'],
    ['count(rate(x[${window}]))', 'write sum(increase(x[${window}]))'],
    ['count(rate(x[${window}]) > 0)', 'write sum(increase(x[${window}]))'],
    ['count by (pod) (increase(x[${window}]))', 'write sum by (pod) (increase(x[${window}]))'],
    ['sum(changes(x[${window}]))', 'write sum(increase(x[${window}]))'],
    ['sum(resets(x[${window}]))', 'write sum(increase(x[${window}]))'],
    ['sum(idelta(x[${window}]))', 'write sum(increase(x[${window}]))'],
    ['topk(1, increase(x[${window}]))', 'write sum(increase(x[${window}]))'],
    ['count_values("v", increase(x[${window}]))', 'write sum(increase(x[${window}]))'],
    ['max(increase(x[${window}]))', 'write sum(increase(x[${window}]))'],
    ['group(increase(x[${window}]))', 'write sum(increase(x[${window}]))'],
    [`sgn(${X})`, `write ${X}`],
    [`round(${X}, 100000)`, `write ${X}`],
    [`clamp_max(${X}, 5)`, `write ${X}`],
    ['max_over_time(sum(increase(x[30s]))[${window}:15s])', 'counts nothing'],
    ['sum(last_over_time(x[${window}]))', 'counts nothing'],
    ['absent(increase(x[${window}]))', 'counts nothing'],
    ['sum(histogram_sum(increase(x[${window}])))', 'counts nothing'],
    [`${X} unless on () vector(1)`, `write ${X}`],
    [`${X} and on () (vector(1) > 2)`, `write ${X}`],
    ['sum(increase(x[${window}]) * on (pod) group_left () (y / 1000))', 'always 1 such as target_info'],
    [`${X} * sum(y)`, 'always 1 such as target_info'],
    [`sum(x) + 0 * ${X}`, 'read at one instant only'],
    [`${X} - 100000`, 'only vector(0) may stand for no events'],
    [`${X} / 0`, `write ${X}`],
    [`0 * ${X}`, 'is 0 whatever happens'],
    [`${X} / 60 + 2 * ${Y}`, 'scale every term alike, or none'],
    [`${X} + sum(count_over_time(x[\${window}]))`, 'count every term in the same way'],
  ])('is refused where it is no count: %s', (text, instead) => {
    expect(parsed(text).uncountable).toContain(instead);
  });

  it.each([
    X,
    `${X} + ${Y}`,
    `${X} - ${Y}`,
    `${X} / 60 + ${Y} / 60`,
    `2 * (${X} + ${Y}) / 4`,
    `${X} or vector(0)`,
    `vector(0) + ${X}`,
    `${X} or 0 * ${Y}`,
    'sum by (pod) (increase(x[${window}]))',
    'increase(x[${window}])',
    'sum(increase(x[ ${window} ]))',
    'sum(delta(x[${window}]))',
    'sum(increase(rule:errors[${window}]))',
    'sum(count_over_time(x[${window}]))',
    'count_over_time((sum(rate(x[1m])) > 5)[${window}:1m])',
    'label_replace(increase(x[${window}]), "a", "$1", "b", "(.*)")',
    'sum(increase(x[${window}]) and on (pod) {"kube.pod_info",v="${version}"})',
    'sum(increase(x[${window}]) * on (pod) group_left (v) max by (pod, v) (kube_pod_labels))',
    'sum_over_time((sum(rate(x[1m])) > bool 5)[${window}:1m])',
    'sum_over_time(up[${window}])',
    'sum(increase(x[${window}]) * on (pod) group_left (v) info{v="${version}"})',
    'histogram_count(sum(increase(h[${window}])))',
  ])('is accepted: %s', (text) => {
    expect(parsed(text).uncountable).toBeNull();
  });

  it('is never answered with what would be refused as well', () => {
    const pieces = fc.letrec<{ count: string }>((tie) => ({
      count: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('x', 'rate(x[5m])', 'increase(x[30s])', 'changes(x[${window}])'),
        tie('count').map((inner) => `sum by (pod) (${inner})`),
        tie('count').map((inner) => `topk(2, ${inner})`),
        tie('count').map((inner) => `round(${inner})`),
        tie('count').map((inner) => `(${inner}) > bool 1`),
        tie('count').map((inner) => `2 * (${inner})`),
        fc.tuple(tie('count'), tie('count')).map(([one, other]) => `(${one}) or (${other})`),
      ),
    })).count;
    fc.assert(
      fc.property(pieces, (text) => {
        const instead = / write (.*)$/.exec(parsed(text).uncountable ?? '')?.[1];
        if (instead !== undefined) expect(parsed(instead).uncountable).toBeNull();
      }),
    );
  });
});

describe('The terms of a count', () => {
  const shown = (text: string) =>
    parsed(text).terms.map((term) => `${term.kind} ${term.scale}${term.statesZero ? ' or 0' : ''} ${term.text}`);

  it.each([
    [`${X} + 2 * ${Y}`, [`addend 1 ${X}`, `addend 2 ${Y}`]],
    [`2 * (${X} + ${Y}) / 4`, [`addend 0.5 ${X}`, `addend 0.5 ${Y}`]],
    [`(2 * ${X}) / 2`, [`addend 1 ${X}`]],
    [`${X} - ${Y}`, [`operand 1 ${X}`, `operand -1 ${Y}`]],
    [`${X} + -1 * ${Y}`, [`addend 1 ${X}`, `operand -1 ${Y}`]],
    [`${X} - vector(0)`, [`addend 1 ${X}`]],
    [`(${X} - ${Y}) or vector(0)`, [`operand 1 or 0 ${X}`, `operand -1 or 0 ${Y}`]],
    [`${X} + (${Y} or 0 * ${X})`, [`addend 1 ${X}`, `addend 1 or 0 ${Y}`]],
    ['sum(increase(x[${window}]) or vector(0))', ['addend 1 or 0 sum(increase(x[${window}]))']],
    ['sum(increase(x[${window}]) > 5)', ['other 1 sum(increase(x[${window}]) > 5)']],
    ['sum by (a) (x) + sum by (a) (y)', ['other 1 sum by (a) (x) + sum by (a) (y)']],
    [`${X} or ${Y}`, [`addend 1 ${X} or ${Y}`]],
  ])('are read from its tree: %s', (text, terms) => {
    expect(shown(text)).toEqual(terms);
  });

  it('are one, as its author wrote it, where there is only one', () => {
    expect(parsed(` ( ${X} ) `).terms.map(({ text }) => text)).toEqual([` ( ${X} ) `]);
  });
});

describe("Another tool's placeholder", () => {
  const found = (value: string) => parsed(`sum(increase(x{pod=~"${value}"}[\${window}]))`).unmatchable;

  it.each([
    '{{ target }}-.*',
    '{{args.canary-hash}}',
    'x-$SERVICE-y',
    '<POD>',
    '<your-pod>',
    '%(pod)s',
    '{{',
    '{% pod %}',
    '$(POD)',
    '@POD@',
    '#{POD}',
    '[[pod]]',
    '((pod))',
    '[% pod %]',
    '%POD%',
    'a-%POD%-.*',
    '\\u0024{ring}',
    '\\u007b{ring}}',
  ])('is found in a label value: %s', (value) => {
    expect(found(value)).toContain("another tool's placeholder");
  });

  it('is answered with ours where it has the same name', () => {
    expect(found('x-$SERVICE-y')).toContain('such as ${service} (');
    expect(found('{{ version }}')).toContain('such as ${version} (');
  });

  it.each([
    'abc$',
    '(a$|b$)',
    'costs $5',
    '<init>',
    '(?P<NAME>a)',
    '\\\\\\\\$HOME',
    '%d',
    '{5}',
    '5..',
    '((a|b))',
    '((a)|(b))',
    '((pod))-.*',
    '[[:alpha:]]',
    '[%a%]',
    'a%2Fb%20c',
    '%C3FOO%20',
    'me@host',
    'a{2}',
    '#{2}',
    '$(|a)',
  ])('is not seen in %s', (value) => {
    expect(found(value)).toBeNull();
  });

  it.each([
    'x{a="1",a!="1"}',
    'x{a="1",a!=\'1\'}',
    'x{a="1",b="2",a="3"}',
    'x{a="${ring}",a!="${ring}"}',
    '{"x","a"="1",a!="1"}',
  ])('is as little a match as two matchers at odds: %s', (selector) => {
    expect(parsed(`sum(increase(${selector}[\${window}]))`).unmatchable).toContain('can never match');
  });

  it.each([
    'x{a="1",a!="2"}',
    'x{a="${ring}",a!="canary"}',
    'x{a="${ring}",a!="${version}"}',
    'x{a="1",b!="1"}',
    'x{a="1"} - y{a!="1"}',
  ])('is not seen where both can match: %s', (selector) => {
    expect(parsed(selector).unmatchable).toBeNull();
  });

  it.each(['sum:m{pod:{{ target }}}.as_count()', 'sum:m{$service}.as_count()', 'sum:m{pod:<POD>}.as_count()'])(
    'is named in the language of Datadog: %s',
    async (text) => {
      const { parseQuery } = await import('../../src/domain/query-template.ts');
      expect(parseQuery(text)).toMatchObject({
        error: expect.stringContaining('write a tag such as version:${version}'),
      });
    },
  );
});
