import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePromql } from '../../src/domain/promql.ts';
import { decodeString } from '../../src/domain/promql-string.ts';
import {
  fillTemplate,
  MAX_TEMPLATE_LENGTH,
  namesIn,
  type ParsedTemplate,
  parseTemplate,
  type TemplateValues,
} from '../../src/domain/template.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';

const BAD =
  'sum(increase(http_requests_total{service="${service}",version="${version}",ring!="${ring}",code=~"5.."}[${window}]))';
const VALUES: TemplateValues = {
  service: 'checkout',
  version: '1.4.2',
  ring: 'canary',
  labels: { region: 'eu-west-1' },
  windowMs: 5_400_000,
};

function parsed(text: string): ParsedTemplate {
  const template = parseTemplate(text);
  if ('error' in template) throw new Error(template.error);
  return template;
}

function refusal(text: string): string {
  const template = parseTemplate(text);
  return 'error' in template ? template.error : 'accepted';
}

function filled(text: string, values: Partial<TemplateValues> = {}): string {
  const result = fillTemplate(parsed(text), { ...VALUES, ...values });
  return 'query' in result ? result.query : `error: ${result.error}`;
}

describe('placeholders in a query', () => {
  it.each([
    ['a whole label value', 'up{service="${service}"}', 'up{service="checkout"}'],
    ['a label value that must differ', 'up{version!="${version}"}', 'up{version!="1.4.2"}'],
    ['the release', 'up{app="${release}"}', 'up{app="checkout@1.4.2"}'],
    [
      'the value of a quoted label name',
      '{"up.time", "my.label"="${labels.region}"}',
      '{"up.time", "my.label"="eu-west-1"}',
    ],
    ['a range duration', 'increase(errors[${window}])', 'increase(errors[1h30m])'],
    ['a range with spaces around it', 'increase(errors[ ${window} ])', 'increase(errors[ 1h30m ])'],
    [
      'the range of a subquery',
      'max_over_time(rate(errors[1m])[${window}:1m])',
      'max_over_time(rate(errors[1m])[1h30m:1m])',
    ],
    ['the same placeholder twice', 'up{a="${ring}"} / up{b="${ring}"}', 'up{a="canary"} / up{b="canary"}'],
  ])('are filled as %s', (_where, text, query) => {
    expect(filled(text)).toBe(query);
  });

  it.each([
    ['a metric name', 'http_${service}_total', '${service}', 'name of a metric'],
    ['a whole metric name', 'sum(${service})', '${service}', 'name of a metric'],
    ['a metric name as a matcher', '{__name__="${service}"}', '${service}', 'name of a metric'],
    ['a quoted metric name', '{"${service}"}', '${service}', 'name of a metric'],
    ['a label name', 'up{${ring}="x"}', '${ring}', 'name of a label'],
    ['a quoted label name', 'up{"${ring}"="x"}', '${ring}', 'name of a metric or label'],
    ['a regex matcher', 'up{version=~"${version}"}', '${version}', 'regular expression'],
    ['a negative regex matcher', 'up{version!~"${version}"}', '${version}', 'regular expression'],
    ['the beginning of a string', 'up{version="${version}-rc"}', '${version}', 'part of a string'],
    ['the end of a string', 'up{version="v${version}"}', '${version}', 'part of a string'],
    ['a string beside another placeholder', 'up{a="${service}${version}"}', '${service}', 'part of a string'],
    ['single quotes', "up{version='${version}'}", '${version}', 'single quotes'],
    ['backticks', 'up{version=`${version}`}', '${version}', 'backticks'],
    ['a grouping', 'sum by (${ring}) (up)', '${ring}', 'list of labels'],
    ['a comment', 'up # ${version}', '${version}', 'comment'],
    ['an argument', 'label_replace(up, "a", "${ring}", "b", ".*")', '${ring}', 'no label value'],
    ['an unquoted label value', 'up{version=${version}}', '${version}', 'no value can stand'],
    ['a window in an offset', 'up offset ${window}', '${window}', 'offset'],
    ['a window as a number', 'up > ${window}', '${window}', 'number'],
    ['a window in a string', 'up{a="${window}"}', '${window}', 'in a string'],
    ['a window in a calculation', 'rate(up[${window} * 2])', '${window}', 'calculation'],
    ['a window as a step', 'max_over_time(up[1h:${window}])', '${window}', 'step'],
    ['a window glued to a number', 'rate(up[5${window}])', '${window}', 'no value can stand'],
    ['a window glued to a unit', 'rate(up[${window}m])', '${window}', ''],
    ['a window as an argument', 'vector(${window})', '${window}', 'number'],
  ])('are refused in %s', (_where, text, placeholder, rule) => {
    const message = refusal(text);
    expect(message).not.toBe('accepted');
    expect(message).toContain(rule);
    if (rule !== '') expect(message).toContain(`${placeholder} stands`);
  });

  it.each(['${env}', '${}', '${ service }', '${labels}', '${labels.}', '${labels.a-b}', '${labels.a"}', '${SERVICE}'])(
    'are refused when unknown: %s',
    (placeholder) => {
      expect(refusal(`up{a="${placeholder}"}`)).toContain(`unknown placeholder ${placeholder}`);
    },
  );

  it('are refused without their closing brace', () => {
    expect(refusal('up{a="${service"')).toContain('has no }');
  });

  it('are refused without braces, because such a value would be compared as it stands', () => {
    expect(refusal('up{version="$version"}')).toContain('${version}');
  });

  it('leave the end anchor of a regular expression alone', () => {
    expect(filled('up{code=~"5..$"}')).toBe('up{code=~"5..$"}');
  });
});

describe('the text of a query', () => {
  it.each([
    ['nothing', ''],
    ['only spaces', ' \n '],
    ['only a comment', '# up'],
    ['an open parenthesis', 'sum(up'],
    ['two expressions', 'up up'],
    ['half a surrogate pair', 'up{a="\ud800"}'],
    ['a control character', 'up{a="\u0007"}'],
    ['a carriage return, which ends a comment for Prometheus', 'up # x\r or vector(0)'],
    ['a character that turns the direction of reading', 'up{a="\u202e"}'],
    ['a replacement character', 'up{a="\ufffd"}'],
    ['a space that is none for Prometheus', '\u00a0up'],
    ['an unknown escape', 'up{a="\\q"}'],
    ['an escaped half of a surrogate pair', 'up{a="\\ud800"}'],
    ['the wrong quote escaped', 'up{a="\\\'"}'],
    ['a string that never ends', 'up{a="x'],
    ['a bare range', 'up[5m]'],
    ['a bare range in parentheses', '(up[5m] offset 1h)'],
    ['a bare string', '"up"'],
    ['a range where none belongs', 'sum(up[5m])'],
    ['a function without its range', 'rate(up)'],
    ['a range of an expression', 'rate((up)[5m])'],
    ['a string in arithmetic', 'up + "x"'],
    ['more characters than allowed', `up # ${'x'.repeat(MAX_TEMPLATE_LENGTH)}`],
  ])('is refused with %s', (_what, text) => {
    expect(refusal(text)).not.toBe('accepted');
  });

  it('is refused with the place of a syntax error', () => {
    expect(refusal('sum(\n  up))')).toContain('line 2, column 6');
  });

  it('is accepted in several lines with comments and every kind of quote', () => {
    expect(filled('sum( # all "of" them\n\tup{a=\'b\\n\', c=`d\\q`, e="\\u00e9\\"é"}\n)')).toContain('up{');
  });
});

describe('filling a template', () => {
  it('encodes what it puts in and leaves the rest untouched', () => {
    const query = filled(BAD, { version: 'a"}[1m])) or vector(0) #' });
    expect(query).toBe(
      'sum(increase(http_requests_total{service="checkout",version="a\\"}[1m])) or vector(0) #",ring!="canary",code=~"5.."}[1h30m]))',
    );
  });

  it.each([
    ['an empty version', { version: '' }, '${version}'],
    ['an empty service', { service: '' }, '${service}'],
    ['half a surrogate pair', { version: 'a\ud800' }, '${version}'],
    ['no window', { windowMs: null }, '${window}'],
    ['a window under a second', { windowMs: 999 }, '1s'],
    ['a window that is no number', { windowMs: Number.NaN }, '1s'],
    ['an endless window', { windowMs: Number.POSITIVE_INFINITY }, '36500d'],
  ])('is refused with %s', (_what, values, naming) => {
    expect(filled(BAD, values)).toMatch(/^error: /);
    expect(filled(BAD, values)).toContain(naming);
  });

  it('is refused when a label is missing, also one that every object inherits', () => {
    expect(filled('up{a="${labels.tier}"}')).toBe('error: ${labels.tier} has no value here');
    expect(filled('up{a="${labels.constructor}"}')).toBe('error: ${labels.constructor} has no value here');
    expect(filled('up{a="${labels.region}"}', { labels: { region: '' } })).toMatch(/^error/);
  });

  it('needs no value for what the template does not name', () => {
    expect(filled('up', { service: '', version: '', ring: '', windowMs: null })).toBe('up');
  });

  it('is refused when the filled query is shaped differently from what was saved', () => {
    const template = { ...parsed(BAD), shape: parsed('up{a="${ring}"}').shape };
    expect(fillTemplate(template, VALUES)).toHaveProperty('error');
  });

  it('keeps the shape for every value of the hostile corpus', () => {
    expect(new Set(HOSTILE_VALUES).size).toBeGreaterThanOrEqual(60);
    const template = parsed(BAD);
    for (const version of HOSTILE_VALUES) {
      const result = fillTemplate(template, { ...VALUES, version });
      expect(result, version).toHaveProperty('query');
      if ('query' in result) expect(parsePromql(result.query).shape, version).toBe(template.shape);
    }
  });

  it('keeps the shape, and the exact value in its literal, for any text at all', () => {
    const template = parsed('sum(increase(x{a="${labels.any}"}[${window}])) or y{b!="${labels.any}"}');
    const text = fc.string({ unit: 'binary', minLength: 1 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1000, max: 10 ** 12 }), (any, windowMs) => {
        const result = fillTemplate(template, { ...VALUES, labels: { any }, windowMs });
        if (!('query' in result)) throw new Error(result.error);
        const query = parsePromql(result.query);
        expect(query.shape).toBe(template.shape);
        expect(literalsOf(result.query)).toEqual([any, any]);
      }),
      { numRuns: 500 },
    );
  });
});

function literalsOf(query: string): (string | null)[] {
  const literals: (string | null)[] = [];
  parsePromql(query)
    .root.cursor()
    .iterate((node) => {
      if (node.name === 'StringLiteral') literals.push(decodeString(query.slice(node.from, node.to)));
    });
  return literals;
}

describe('the names in a template', () => {
  it('are those that occur', () => {
    const names = namesIn(parsed('increase(x{a="${service}",b="${labels.tier}",c="${labels.tier}"}[${window}])').slots);
    expect(names).toEqual({ service: true, version: false, ring: false, window: true, labels: ['tier'] });
  });

  it('count a release as service and version', () => {
    const names = namesIn(parsed('x{a="${release}",b="${ring}"}').slots);
    expect(names).toEqual({ service: true, version: true, ring: true, window: false, labels: [] });
  });
});
