import { describe, expect, it } from 'vitest';
import type { Indicator, Limits, RuleDocument } from '../../src/domain/rule.ts';
import { checkRule, scopeOf } from '../../src/domain/rule-check.ts';
import { planOf } from '../../src/domain/service.ts';

const PLAN = planOf({
  labels: { tier: '1', prometheus: 'main', constructor_: 'x' },
  rings: [
    { name: 'canary', bake: '15m', labels: { region: 'eu', shard: 'one' } },
    { name: 'early', bake: '1h', labels: { region: 'us' } },
    { name: 'global', bake: '1h', labels: { prometheus: 'other' } },
  ],
});
const PROVIDERS = ['main', 'other'];

const count = (matchers: string) => `sum(increase(requests{service="\${service}",${matchers}}[\${window}]))`;
const RATIO: Indicator = {
  kind: 'ratio',
  provider: 'main',
  bad: count('version="${version}",code=~"5.."'),
  total: count('version="${version}"'),
};
const THRESHOLD: Indicator = { kind: 'threshold', provider: 'main', query: 'latency{version="${version}"}' };
const LIMITS: Limits = { window: '10m', hold: { above: 0.01 }, rollback: { above: 0.05 }, for: '2m' };
const RULE: RuleDocument = { indicator: RATIO, limits: LIMITS, minEvents: 100, minBad: 10 };

const query = (text: string): RuleDocument => ({
  indicator: { kind: 'threshold', provider: 'main', query: text },
  limits: { hold: { above: 1 } },
});
const ratio = (change: Partial<Extract<Indicator, { kind: 'ratio' }>>): Partial<RuleDocument> => ({
  indicator: { ...RATIO, ...change } as Indicator,
});
const without = (part: 'bad' | 'good', change: object = {}): Partial<RuleDocument> => {
  const { [part]: _gone, ...indicator } = { ...RATIO, ...change } as Extract<Indicator, { kind: 'ratio' }>;
  return { indicator };
};
const limits = (change: object): Partial<RuleDocument> => ({ limits: { ...LIMITS, ...change } });
const errors = (change: Partial<RuleDocument>, base: RuleDocument = RULE) =>
  checkRule({ ...base, ...change }, PLAN, PROVIDERS);
const pointers = (change: Partial<RuleDocument>, base: RuleDocument = RULE) =>
  errors(change, base).map((error) => error.pointer);

describe('the scope of a rule', () => {
  it.each([
    ['release', 'up{version="${version}"}'],
    ['release', 'up{app="${release}",ring="${ring}"}'],
    ['ring', 'up{ring="${ring}"}'],
    ['ring', 'up{region="${labels.region}"}'],
    ['ring', 'up{prometheus="${labels.prometheus}"}'],
    ['service', 'up{service="${service}",tier="${labels.tier}"}'],
    ['service', 'up'],
    ['service', 'up{version="${version}"'],
  ])('is %s for %s', (scope, text) => {
    expect(scopeOf(query(text), PLAN)).toBe(scope);
  });

  it('is that of the most telling query', () => {
    const indicator: Indicator = { ...RATIO, bad: count('ring="${ring}"'), total: count('version="${version}"') };
    expect(scopeOf({ indicator, limits: { window: '10m', hold: { above: 0.1 } } }, PLAN)).toBe('release');
  });
});

describe('a rule', () => {
  it.each<[string, RuleDocument]>([
    ['a ratio of bad events', RULE],
    ['a ratio of good events', { ...RULE, ...without('bad', { good: RATIO.bad }) }],
    ['a threshold', { indicator: THRESHOLD, limits: { hold: { above: 0.5 }, rollback: { above: 0.5 } } }],
    [
      'a threshold over a window',
      { ...query('max_over_time(up{ring="${ring}"}[${window}])'), limits: { window: '5m', hold: { below: 1 } } },
    ],
    ['a service-wide rule that guards rings', { ...query('up'), guards: ['early', 'global'] }],
    ['rings in which it is measured', { ...RULE, measuredIn: ['canary'] }],
    ['a provider per ring', { ...RULE, indicator: { ...RATIO, provider: '${labels.prometheus}' } }],
    ['a label that every ring asked has', { ...query('up{s="${labels.shard}"}'), measuredIn: ['canary'] }],
    [
      'limits on both sides',
      { ...RULE, limits: { window: '1h', hold: { above: 0.9, below: 0.2 }, rollback: { above: 0.9, below: 0.1 } } },
    ],
    [
      'a rollback on a side without hold',
      { ...RULE, limits: { window: '1h', hold: { above: 0.1 }, rollback: { below: 0.01 } } },
    ],
    ['no minimum of events', { ...RULE, minEvents: 0, minBad: 1, maxAge: '10s' }],
  ])('is accepted with %s', (_what, rule) => {
    expect(checkRule(rule, PLAN, PROVIDERS)).toEqual([]);
  });

  it.each<[string, Partial<RuleDocument>, string[]]>([
    ['a bad query', ratio({ bad: 'sum(' }), ['/indicator/bad']],
    ['a placeholder in a wrong place', ratio({ total: `${count('v=~"${version}"')}` }), ['/indicator/total']],
    ['neither bad nor good', without('bad'), ['/indicator']],
    ['both bad and good', ratio({ good: count('version="${version}"') }), ['/indicator/good']],
    ['no window in a count', ratio({ bad: 'sum(increase(x{v="${version}"}[10m]))' }), ['/indicator/bad']],
    ['a rate instead of a count', ratio({ total: 'sum(rate(x{v="${version}"}[${window}]))' }), ['/indicator/total']],
    ['bad scaled down', ratio({ bad: `${count('version="${version}",code="500"')} * 0.0001` }), ['/indicator/bad']],
    ['total scaled up', ratio({ total: `${count('version="${version}"')} * 1000` }), ['/indicator/total']],
    ['good scaled down', without('bad', { good: `${RATIO.bad} / 1e6` }), ['/indicator/good']],
    ['samples among events', ratio({ bad: 'sum(count_over_time(x{v="${version}"}[${window}]))' }), ['/indicator/bad']],
    ['a total of every release', ratio({ total: count('code=~".*"') }), ['/indicator/total', '/indicator/total']],
    ['a total of every ring', ratio({ bad: count('version="${version}",ring="${ring}"') }), ['/indicator/total']],
    [
      'a total of every region',
      ratio({ bad: count('version="${version}",region="${labels.region}"') }),
      ['/indicator/total', '/indicator/bad'],
    ],
    ['a count of another time', ratio({ bad: 'increase(x{v="${version}"}[${window}] offset 1h)' }), ['/indicator/bad']],
    ['a count at a fixed time', ratio({ bad: 'increase(x{v="${version}"}[${window}] @ 1)' }), ['/indicator/bad']],
    ['an unknown provider', ratio({ provider: 'gone' }), ['/indicator/provider']],
    [
      'a provider from a missing label',
      { ...ratio({ provider: '${labels.shard}' }), measuredIn: ['early'] },
      ['/indicator/provider'],
    ],
    ['a provider label that names none', ratio({ provider: '${labels.tier}' }), Array(3).fill('/indicator/provider')],
    [
      'a provider label that objects inherit',
      { ...ratio({ provider: '${labels.constructor}' }), measuredIn: ['early'] },
      ['/indicator/provider'],
    ],
    [
      'a label that a ring asked lacks',
      ratio({ total: count('version="${version}",s="${labels.shard}"') }),
      ['/indicator/total'],
    ],
    ['a rollback blamed on the other releases', ratio({ bad: count('version!="${version}"') }), ['/indicator/bad']],
    ['a rollback on bad events of everybody', ratio({ bad: count('code="500"') }), ['/indicator/bad']],
    ['guards for a release', { guards: ['early'] }, ['/guards']],
    ['an unknown ring', { measuredIn: ['canary', 'moon'] }, ['/measuredIn/1']],
    ['a ring twice', { measuredIn: ['canary', 'canary'] }, ['/measuredIn/1']],
    ['no ring', { measuredIn: [] }, ['/measuredIn']],
    ['no limit', { limits: { window: '10m' } }, ['/limits']],
    ['an empty limit', limits({ hold: {} }), ['/limits/hold']],
    ['no window', { limits: { hold: { above: 0.1 } } }, ['/limits']],
    ['a window that is no duration', limits({ window: '10' }), ['/limits/window']],
    ['a window under a second', limits({ window: '999ms' }), ['/limits/window']],
    ['a window of centuries', limits({ window: '200y' }), ['/limits/window']],
    ['a breach that need not last', limits({ for: '0s' }), ['/limits/for']],
    ['a ratio above one', limits({ rollback: { above: 5 } }), ['/limits/rollback/above']],
    ['a limit that is no number', limits({ hold: { above: Number.NaN } }), ['/limits/hold/above']],
    ['a hold after the rollback', limits({ hold: { above: 0.06 } }), ['/limits/hold/above']],
    ['a hold under the rollback', limits({ hold: { below: 0.1 }, rollback: { below: 0.2 } }), ['/limits/hold/below']],
    ['limits that leave nothing', limits({ hold: { above: 0.1, below: 0.2 }, rollback: { above: 0.3 } }), ['/limits']],
    ['half an event', { minEvents: 0.5 }, ['/minEvents']],
    ['fewer than no events', { minEvents: -1 }, ['/minEvents']],
    ['no bad event needed', { minBad: 0 }, ['/minBad']],
    ['an age under the bucket', { maxAge: '9s' }, ['/maxAge']],
    ['an age that is no duration', { maxAge: 'fresh' }, ['/maxAge']],
  ])('is refused with %s', (_what, change, expected) => {
    expect(pointers(change)).toEqual(expected);
  });

  it.each<[string, Partial<RuleDocument>]>([
    ['bad and total', ratio({ bad: `${RATIO.bad} / 60`, total: `2 * ${RATIO.total} / 120` })],
    [
      'what is up among its samples',
      without('bad', {
        good: 'sum(sum_over_time(up{v="${version}"}[${window}]))',
        total: 'sum(count_over_time(up{v="${version}"}[${window}]))',
      }),
    ],
    ['a release by either name', ratio({ bad: count('app="${release}"') })],
  ])('may count or scale alike in both parts: %s', (_what, change) => {
    expect(errors(change)).toEqual([]);
  });

  it.each(['observe', 'hold-only', 'enforce'] as const)(
    'with the mode %s is refused when its total is of every release',
    (mode) => {
      const bad = errors({
        mode,
        limits: { window: '10m', hold: { above: 0.01 } },
        ...ratio({ total: count('a="b"') }),
      });
      expect(bad).toEqual([
        { pointer: '/indicator/total', message: expect.stringContaining('bad selects ${version}') },
      ]);
    },
  );

  it.each<[string, Partial<RuleDocument>, string[]]>([
    ['rings to be measured in', { measuredIn: ['canary'] }, ['/measuredIn']],
    ['an unknown ring to guard', { guards: ['moon'] }, ['/guards/0']],
    ['a label that no ring has', query('up{a="${labels.none}"}'), ['/indicator/query']],
    ['a label that every object inherits', query('up{a="${labels.constructor}"}'), ['/indicator/query']],
  ])('that is service-wide is refused with %s', (_what, change, expected) => {
    expect(pointers(change, query('up'))).toEqual(expected);
  });

  it.each<[string, Partial<RuleDocument>, string[]]>([
    ['a window that it does not give', query('rate(x{v="${version}"}[${window}])'), ['/indicator/query']],
    ['counts of events', { minEvents: 1, minBad: 1 }, ['/minEvents', '/minBad']],
    ['an endless limit', { limits: { hold: { above: Number.POSITIVE_INFINITY } } }, ['/limits/hold/above']],
  ])('about a threshold is refused with %s', (_what, change, expected) => {
    expect(pointers(change, query('up{version="${version}"}'))).toEqual(expected);
  });

  it('tells every mistake at once', () => {
    const rule: RuleDocument = {
      indicator: { kind: 'ratio', provider: 'gone', bad: 'rate(', good: 'x', total: 'vector(1)' },
      limits: { window: 'x', hold: { above: 3 }, for: 'y' },
      guards: ['moon'],
      minBad: 0,
      maxAge: '1s',
    };
    expect(checkRule(rule, PLAN, PROVIDERS).map((error) => error.pointer)).toEqual([
      '/indicator/bad',
      '/indicator/good',
      '/indicator/good',
      '/indicator/total',
      '/indicator/provider',
      '/limits/window',
      '/limits/for',
      '/limits/hold/above',
      '/minBad',
      '/maxAge',
      '/guards/0',
    ]);
  });

  it('is told in which rings a label is missing', () => {
    const [error] = errors(ratio({ total: count('version="${version}",s="${labels.shard}"') }));
    expect(error?.message).toBe('${labels.shard} has no value in early, global');
  });
});
