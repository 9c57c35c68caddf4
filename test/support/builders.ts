import type { ProviderDocument } from '../../src/app/ports.ts';
import type { FreezeDocument } from '../../src/domain/freeze.ts';
import type { RuleDocument } from '../../src/domain/rule.ts';
import type { ServiceDocument } from '../../src/domain/service.ts';

/** Three rings, short bakes: the plan that most tests walk through. */
export function aService(overrides: Partial<ServiceDocument> = {}): ServiceDocument {
  return {
    title: 'Checkout API',
    labels: { tier: '1' },
    rings: [
      { name: 'canary', exposure: 0.01, bake: '15m', labels: { region: 'eu' } },
      { name: 'early', exposure: 0.09, bake: '1h' },
      { name: 'global', exposure: 0.9, bake: '1h' },
    ],
    ...overrides,
  };
}

/** Requests of the new version that fail: release scope, may roll back. */
export function aRule(overrides: Partial<RuleDocument> = {}): RuleDocument {
  const selector = 'service="${service}",version="${version}",ring="${ring}"';
  return {
    description: 'Requests of the new version that fail',
    indicator: {
      kind: 'ratio',
      provider: 'main',
      bad: `sum(increase(http_requests_total{${selector},code=~"5.."}[\${window}]))`,
      total: `sum(increase(http_requests_total{${selector}}[\${window}]))`,
    },
    limits: { window: '10m', hold: { above: 0.01 }, rollback: { above: 0.05 }, for: '2m' },
    minEvents: 100,
    minBad: 10,
    ...overrides,
  };
}

/** The same for the whole ring, whatever runs in it. */
export function aRingRule(overrides: Partial<RuleDocument> = {}): RuleDocument {
  return aRule({
    indicator: {
      kind: 'ratio',
      provider: 'main',
      bad: 'sum(increase(http_requests_total{ring="${ring}",code=~"5.."}[${window}]))',
      total: 'sum(increase(http_requests_total{ring="${ring}"}[${window}]))',
    },
    ...overrides,
  });
}

/** The same for the whole service. */
export function aServiceRule(overrides: Partial<RuleDocument> = {}): RuleDocument {
  return aRule({
    indicator: {
      kind: 'ratio',
      provider: 'main',
      bad: 'sum(increase(http_requests_total{service="${service}",code=~"5.."}[${window}]))',
      total: 'sum(increase(http_requests_total{service="${service}"}[${window}]))',
    },
    limits: { window: '10m', hold: { above: 0.01 } },
    ...overrides,
  });
}

/** A service-wide objective as SREs state it: burn rates and a budget, no limits. */
export function aSloRule(overrides: Partial<RuleDocument> = {}): RuleDocument {
  const { limits: _, minEvents: __, minBad: ___, ...rule } = aServiceRule();
  return {
    ...rule,
    description: 'Availability of checkout over 30 days',
    objective: { target: 0.999, window: '30d' },
    burnRates: [{ long: '1h', short: '5m', factor: 14.4, verdict: 'hold' }],
    budget: { holdBelow: 0.1, exempt: ['emergency', 'security'] },
    ...overrides,
  };
}

/** An objective for one release, which may take it back. */
export function aBurnRule(overrides: Partial<RuleDocument> = {}): RuleDocument {
  const { limits: _, minEvents: __, minBad: ___, ...rule } = aRule();
  return {
    ...rule,
    objective: { target: 0.999 },
    burnRates: [{ long: '1h', short: '5m', factor: 14.4, verdict: 'rollback' }],
    ...overrides,
  };
}

export function aProvider(overrides: Partial<ProviderDocument> = {}): ProviderDocument {
  return { kind: 'prometheus', url: 'http://127.0.0.1:9090', ...overrides };
}

/** An hour in which nothing goes anywhere, an hour after the memory store's clock begins. */
export function anHourOff(overrides: Partial<FreezeDocument> = {}): FreezeDocument {
  return {
    kind: 'freeze',
    scope: { services: ['*'], rings: ['*'] },
    timeZone: 'UTC',
    start: '2026-11-22T11:00:00',
    end: '2026-11-22T12:00:00',
    ...overrides,
  };
}

/** From Friday 18:00 to Monday 08:00 in Berlin. */
export function aWeekend(overrides: Partial<FreezeDocument> = {}): FreezeDocument {
  return anHourOff({
    title: 'Weekend',
    timeZone: 'Europe/Berlin',
    start: '2026-01-02T18:00:00',
    recurrence: { rrule: 'FREQ=WEEKLY;BYDAY=FR' },
    end: { weekday: 'MO', time: '08:00' },
    ...overrides,
  });
}
