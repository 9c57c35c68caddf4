import { describe, expect, it } from 'vitest';
import type { RuleDocument } from '../../src/domain/rule.ts';
import { checkRule } from '../../src/domain/rule-check.ts';
import { planOf } from '../../src/domain/service.ts';
import { aBurnRule, aRingRule, aRule, aService, aSloRule } from '../support/builders.ts';

const errors = (rule: RuleDocument) => checkRule(rule, planOf(aService()), ['main']);
const pointers = (rule: RuleDocument) => errors(rule).map((error) => error.pointer);
const pair = { long: '1h', short: '5m', factor: 14.4 } as const;
const release = aBurnRule();
const service = aSloRule();
const threshold: RuleDocument = {
  indicator: { kind: 'threshold', provider: 'main', query: 'max(latency{version="${version}"})' },
  limits: { hold: { above: 1 } },
};
const without = (rule: RuleDocument, ...fields: (keyof RuleDocument)[]): RuleDocument =>
  Object.fromEntries(Object.entries(rule).filter(([field]) => !fields.includes(field as keyof RuleDocument))) as never;

describe('a rule about an objective', () => {
  it.each<[string, RuleDocument]>([
    ['burn rates and a budget', service],
    ['burn rates that may take a release back', release],
    ['a published set of pairs', { ...service, burnRates: 'google-30d' }],
    ['a budget alone', without(service, 'burnRates')],
    ['a budget that may be spent', { ...service, budget: { holdBelow: 0 } }],
    ['limits beside it', { ...release, limits: aRule().limits as never }],
    ['limits and a target, which sets how many events are needed', { ...aRule(), objective: { target: 0.99 } }],
    [
      'a month in a time zone',
      { ...service, objective: { target: 0.99, window: { calendar: 'month', timeZone: 'Europe/Berlin' } } },
    ],
    ['burn rates for a ring', { ...release, indicator: aRingRule().indicator }],
    ['a way to go on without an answer', { ...release, uncertain: { 'too-few-events': { promoteAfter: '24h' } } }],
    [
      'slices that are good or bad',
      { ...service, objective: { target: 0.99, slices: { window: '5m', target: 0.95 } } },
    ],
    ['slices that count by their share', { ...release, objective: { target: 0.99, slices: { window: '1m' } } }],
    ['a factor just below the highest burn rate', { ...release, burnRates: [{ ...pair, factor: 999.9 }] }],
  ])('is accepted with %s', (_what, rule) => {
    expect(errors(rule)).toEqual([]);
  });

  it.each<[string, RuleDocument, string[]]>([
    ['nothing to judge', without(aRule(), 'limits'), ['/limits']],
    ['an objective and nothing about it', without(release, 'burnRates'), ['/objective']],
    ['burn rates of nothing', without(release, 'objective'), ['/objective']],
    ['a budget of nothing', without(service, 'objective', 'burnRates'), ['/objective']],
    ['a target of 100 %', { ...release, objective: { target: 1 } }, ['/objective/target']],
    ['a target in per cent', { ...release, objective: { target: 99.9 } }, ['/objective/target']],
    ['a target of nothing', { ...release, objective: { target: 0 } }, ['/objective/target']],
    ['a window that is none', { ...release, objective: { target: 0.99, window: 'month' } }, ['/objective/window']],
    [
      'a calendar nobody keeps, nowhere',
      { ...service, objective: { target: 0.99, window: { calendar: 'moon' as never, timeZone: 'Europe/Atlantis' } } },
      ['/objective/window/calendar', '/objective/window/timeZone'],
    ],
    [
      'slices longer than a window',
      { ...release, objective: { target: 0.99, slices: { window: '10m' } } },
      ['/objective/slices/window'],
    ],
    [
      'more slices than a provider should count',
      { ...service, objective: { target: 0.99, slices: { window: '50s' } } },
      ['/objective/slices/window'],
    ],
    [
      'slices of a moment that are never bad',
      { ...service, objective: { target: 0.99, slices: { window: '9s', target: 0 } } },
      ['/objective/slices/window', '/objective/slices/target'],
    ],
    [
      'slices of what Datadog counts',
      {
        ...service,
        objective: { target: 0.99, slices: { window: '1m' } },
        indicator: {
          ...{ kind: 'ratio', provider: 'main' },
          bad: 'sum:errors{service:${service}}.as_count()',
          total: 'sum:requests{service:${service}}.as_count()',
        },
      },
      ['/objective/slices'],
    ],
    [
      'slices beside limits',
      { ...release, limits: aRule().limits as never, objective: { target: 0.99, slices: { window: '1m' } } },
      ['/objective/slices'],
    ],
    [
      'slices of what Datadog counts',
      {
        ...service,
        indicator: {
          kind: 'ratio',
          provider: 'main',
          bad: 'sum:requests{service:${service},status:error}.as_count()',
          total: 'sum:requests{service:${service}}.as_count()',
        },
        objective: { target: 0.99, slices: { window: '5m' } },
      },
      ['/objective/slices'],
    ],
    ['no pair', { ...release, burnRates: [] }, ['/burnRates']],
    ['an unknown set of pairs', { ...release, burnRates: 'google-31d' as never }, ['/burnRates']],
    ['a factor that can never fire', { ...release, objective: { target: 0.93 } }, ['/burnRates/0/factor']],
    [
      'the highest burn rate as factor',
      { ...release, burnRates: [{ ...pair, factor: 1000 }] },
      ['/burnRates/0/factor'],
    ],
    [
      'a set of which one can never fire',
      { ...service, burnRates: 'google-30d', objective: { target: 0.93 } },
      ['/burnRates'],
    ],
    ['a factor of nothing', { ...release, burnRates: [{ ...pair, factor: 0 }] }, ['/burnRates/0/factor']],
    [
      'windows that are none',
      { ...release, burnRates: [{ ...pair, long: 'x', short: '0s' }] },
      ['/burnRates/0/long', '/burnRates/0/short'],
    ],
    [
      'a rollback by the whole service',
      { ...service, burnRates: [{ ...pair, verdict: 'rollback' }] },
      ['/burnRates/0/verdict'],
    ],
    ['a budget of one release', { ...release, budget: { holdBelow: 0.1 } }, ['/budget']],
    ['a budget that must be whole', { ...service, budget: { holdBelow: 1 } }, ['/budget/holdBelow']],
    [
      'a wait for a release in a rule about the service',
      { ...service, uncertain: { 'too-few-events': { promoteAfter: '1h' } } },
      ['/uncertain/too-few-events'],
    ],
    [
      'a wait of no duration',
      { ...release, uncertain: { 'too-few-events': { promoteAfter: 'soon' } } },
      ['/uncertain/too-few-events/promoteAfter'],
    ],
    [
      'a threshold',
      { ...threshold, objective: { target: 0.99 }, burnRates: 'google-30d' },
      ['/objective', '/burnRates'],
    ],
    ['a threshold that is judged by nothing', without(threshold, 'limits'), ['/limits']],
    [
      'bad events of everybody that may take a release back',
      { ...release, indicator: { ...release.indicator, bad: 'sum(increase(x{code="500"}[${window}]))' } as never },
      ['/indicator/bad'],
    ],
  ])('is refused with %s', (_what, rule, expected) => {
    expect(pointers(rule)).toEqual(expected);
  });

  it('is told by how much a factor is too high', () => {
    const [error] = errors({ ...release, objective: { target: 0.93 } });
    expect(error?.message).toContain('no burn rate exceeds 14.2857, so 14.4 over 1h could never fire');
  });
});
