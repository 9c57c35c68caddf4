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
  ])('is refused where it is no count: %s', (text, instead) => {
    expect(parsed(text).uncountable).toContain(instead);
  });

  it.each([
    X,
    `${X} + ${Y}`,
    `${X} - ${Y}`,
    `${X} / 60 + 2 * ${Y}`,
    `${X} or vector(0)`,
    `${X} or 0 * ${Y}`,
    'sum by (pod) (increase(x[${window}]))',
    'increase(x[${window}])',
    'count(rate(x[${window}]) > 0)',
    'sum_over_time((sum(rate(x[1m])) > bool 5)[${window}:1m])',
    'sum_over_time(up[${window}])',
    'sum(increase(x[${window}]) * on (pod) group_left (v) info{v="${version}"})',
    'histogram_count(sum(increase(h[${window}])))',
    `round(${X})`,
  ])('is accepted: %s', (text) => {
    expect(parsed(text).uncountable).toBeNull();
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
  const found = (value: string) => parsed(`sum(increase(x{pod=~"${value}"}[\${window}]))`).foreign;

  it.each(['{{ target }}-.*', '{{args.canary-hash}}', 'x-$SERVICE-y', '<POD>', '<your-pod>', '%(pod)s', '{{'])(
    'is found in a label value: %s',
    (value) => {
      expect(found(value)).toContain("another tool's placeholder");
    },
  );

  it('is answered with ours where it has the same name', () => {
    expect(found('x-$SERVICE-y')).toContain('such as ${service} (');
    expect(found('{{ version }}')).toContain('such as ${version} (');
  });

  it.each(['abc$', '(a$|b$)', 'costs $5', '<init>', '(?P<NAME>a)', '\\\\\\\\$HOME', '%d', '{5}'])(
    'is not seen in %s',
    (value) => {
      expect(found(value)).toBeNull();
    },
  );

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
