/** What the demo configures: three rings, seconds instead of hours, and one rule that may roll back. */
export const RINGS = ['pilot', 'early', 'global'] as const;
export const GOOD = '1.4.2';
export const BAD = '1.5.0';
/** The share of the bad version's requests that fail. */
export const BAD_SHARE = 0.3;
export const REQUESTS_PER_SECOND = 100;

const EXPOSURE = { pilot: 0.01, early: 0.09, global: 0.9 };

export const SERVICE = {
  title: 'Checkout API',
  deployments: 'reported',
  rings: RINGS.map((name) => ({ name, exposure: EXPOSURE[name], bake: '3s' })),
};

const REQUESTS = 'http_requests_total{version="${version}",ring="${ring}"';

export const RULE = {
  description: 'Requests of the new version that fail',
  indicator: {
    kind: 'ratio',
    provider: 'main',
    bad: `sum(increase(${REQUESTS},code=~"5.."}[\${window}]))`,
    total: `sum(increase(${REQUESTS}}[\${window}]))`,
  },
  limits: { window: '30s', hold: { above: 0.01 }, rollback: { above: 0.05 }, for: '4s' },
  minEvents: 50,
};
