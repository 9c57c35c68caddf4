import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuleDocument } from '../../src/domain/rule.ts';
import { type Backfill, backfillSamples } from '../support/backfill.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { type Answer, type Gate, startGate } from '../support/gate.ts';
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';

/**
 * What an empty answer of a real Prometheus means for a count. Every service has its own series, scraped every
 * 15 s for half an hour; release 1 of it enters its only ring, is reported and asks to leave it.
 */
const NOW = Date.parse('2026-11-22T10:00:00.000Z') / 1000;
const SCRAPE = 15;

/** A counter from its first value on; `since` seconds before now, for ever by default. */
interface Series {
  readonly labels: string;
  readonly perScrape: number;
  readonly first?: number;
  readonly since?: number;
}

function lines(service: string, { labels, perScrape, first = 0, since = 1800 }: Series): readonly string[] {
  const scrapes = Math.floor(since / SCRAPE);
  return Array.from({ length: scrapes + 1 }, (_, i) => {
    const value = first + i * perScrape;
    return `events_total{service="${service}",version="1",${labels}} ${value} ${NOW - (scrapes - i) * SCRAPE}`;
  });
}

const count = (matchers = '') =>
  `sum(increase(events_total{service="\${service}",version="\${version}"${matchers && `,${matchers}`}}[\${window}]))`;
const ratio = (bad: string, total: string): RuleDocument => ({
  indicator: { kind: 'ratio', provider: 'main', bad, total },
  limits: { window: '10m', hold: { above: 0.01 }, rollback: { above: 0.05 }, for: '2m' },
});
const FAST = [{ long: '10m', short: '5m', factor: 10, verdict: 'hold' as const }];
const burning = ({ indicator }: RuleDocument): RuleDocument => ({
  indicator,
  objective: { target: 0.99 },
  burnRates: FAST,
});

const OK = { labels: 'kind="request",code="200"', perScrape: 80 };
const FAILED = { labels: 'kind="request",code="500"', perScrape: 20 };
const BY_PERSON = { verdict: 'hold', clears: 'by-person' };
const WITH_TIMEOUTS = ratio(`${count('code=~"5.."')} + ${count('kind="timeout"')}`, count('kind="request"'));
const BY_SUBTRACTION = ratio(`${count()} - ${count('code!~"5.."')}`, count());

const CASES: readonly {
  readonly what: string;
  readonly series: readonly Series[];
  readonly rule: RuleDocument;
  readonly finding: object;
}[] = [
  {
    what: 'counts the errors of a sum of which one term has no series',
    series: [OK, FAILED],
    rule: WITH_TIMEOUTS,
    finding: {
      verdict: 'rollback',
      evidence: { windows: [{ bad: '800', total: '4000', absent: [expect.stringContaining('timeout')] }] },
    },
  },
  {
    what: 'counts them for burn rates, too',
    series: [OK, FAILED],
    rule: burning(WITH_TIMEOUTS),
    finding: { verdict: 'hold', cause: 'burning', evidence: { burnRates: [{ burnLong: '20' }] } },
  },
  {
    what: 'counts them slice by slice, too',
    series: [OK, FAILED],
    rule: {
      ...burning(WITH_TIMEOUTS),
      objective: { target: 0.9, slices: { window: '1m' } },
      burnRates: [{ ...FAST[0], factor: 1.5 } as never],
      minEvents: 1,
    },
    finding: { verdict: 'hold', cause: 'burning' },
  },
  {
    what: 'holds where everything fails and what is good is only subtracted',
    series: [{ ...FAILED, perScrape: 100 }],
    rule: BY_SUBTRACTION,
    finding: {
      ...BY_PERSON,
      cause: 'no-data',
      evidence: { reason: 'absent-operand', term: expect.stringContaining('code!~') },
    },
  },
  {
    what: 'holds there even if the query says that nothing means zero',
    series: [{ ...FAILED, perScrape: 100 }],
    rule: ratio(`(${count()} - ${count('code!~"5.."')}) or vector(0)`, count()),
    finding: { ...BY_PERSON, cause: 'no-data', evidence: { reason: 'absent-operand' } },
  },
  {
    what: 'holds where a bucket is spelt in another way than the rule spells it',
    series: [OK, { labels: 'kind="bucket",le="1.0"', perScrape: 60 }],
    rule: ratio(`${count('kind="request"')} - ${count('kind="bucket",le="1"')}`, count('kind="request"')),
    finding: {
      ...BY_PERSON,
      cause: 'no-data',
      evidence: { reason: 'absent-operand', term: expect.stringContaining('le="1"') },
    },
  },
  {
    what: 'holds where good events are absent beside traffic, and names their query',
    series: [{ ...FAILED, perScrape: 100 }],
    rule: {
      ...ratio('', count()),
      indicator: { kind: 'ratio', provider: 'main', good: count('code="200"'), total: count() },
    },
    finding: {
      verdict: 'hold',
      cause: 'no-data',
      evidence: { reason: 'absent-good', term: expect.stringContaining('code="200"') },
    },
  },
  {
    what: 'holds where the only error series has no second sample yet',
    series: [OK, { ...FAILED, first: 400, since: 0 }],
    rule: ratio(count('code=~"5.."'), count()),
    finding: { verdict: 'hold', cause: 'no-data', clears: 'by-data', evidence: { reason: 'unreadable' } },
  },
  {
    what: 'holds where new series began with many errors and had none since',
    series: ['a', 'b', 'c'].flatMap((pod) => [
      { labels: `pod="${pod}",code="200"`, perScrape: 75, since: 195 },
      { labels: `pod="${pod}",code="500"`, perScrape: 0, first: 40, since: 180 },
    ]),
    rule: ratio(count('code=~"5.."'), count()),
    finding: {
      verdict: 'hold',
      cause: 'insufficient-evidence',
      clears: 'by-data',
      evidence: { reason: 'uncounted', uncounted: '120' },
    },
  },
  {
    what: 'promotes where nothing failed and there never was a series of errors',
    series: [OK],
    rule: ratio(count('code=~"5.."'), count()),
    finding: { verdict: 'promote', evidence: { windows: [{ bad: '0', absent: [expect.stringContaining('5..')] }] } },
  },
  {
    what: 'promotes where the series of errors stands still',
    series: [OK, { ...FAILED, first: 400, perScrape: 0 }],
    rule: ratio(count('code=~"5.."'), count()),
    finding: { verdict: 'promote', evidence: { windows: [{ bad: '0' }] } },
  },
  {
    what: 'promotes where none of several kinds of errors has a series',
    series: [OK],
    rule: WITH_TIMEOUTS,
    finding: {
      verdict: 'promote',
      evidence: { windows: [{ bad: '0', absent: [expect.anything(), expect.anything()] }] },
    },
  },
  {
    what: 'promotes where both sides of a difference are there',
    series: [OK, { ...FAILED, perScrape: 0 }],
    rule: BY_SUBTRACTION,
    finding: { verdict: 'promote' },
  },
];

describe('A count in a real Prometheus', () => {
  let history: Backfill;
  let prometheus: RunningPrometheus;
  let engine: TestEngine;
  let gate: Gate;

  beforeAll(async () => {
    engine = await openEngine('embedded');
    const samples = CASES.flatMap(({ series }, i) => series.flatMap((each) => lines(`case-${i}`, each)));
    history = await backfillSamples('events', samples);
    prometheus = await startPrometheus({ dataDir: history.dataDir, retention: '3650d' });
    gate = await startGate(engine, { clock: { offsetMs: NOW * 1000 + 100 - Date.now() } });
    await put('/providers/main', { kind: 'prometheus', url: prometheus.url, timeout: '25s' }, 'admin');
  }, 120_000);

  afterAll(async () => {
    await gate?.stop();
    await engine?.destroy();
    await prometheus?.stop();
    await history?.remove();
  });

  async function put(path: string, body: object, as: 'admin' | 'configurator' = 'configurator'): Promise<void> {
    const { status, body: said } = await gate.call('PUT', path, { body, as });
    expect({ path, status, said }).toMatchObject({ status: expect.toBeOneOf([200, 201]) });
  }

  async function leaving(service: string, rule: RuleDocument): Promise<Answer> {
    await put(`/services/${service}`, { rings: [{ name: 'only', bake: '1s' }] });
    await put(`/services/${service}/rules/errors`, rule);
    await gate.call('GET', `/gates/${service}@1/only`);
    await gate.call('PUT', `/releases/${service}@1/rings/only`, { body: { state: 'deployed' } });
    return gate.call('GET', `/gates/${service}@1/only?stage=exit&deadline=25s`);
  }

  it.each(CASES.map((each, i) => ({ ...each, service: `case-${i}` })))('$what', async ({ service, rule, finding }) => {
    const { body } = await leaving(service, rule);
    const judged = body.findings.find(({ check }: { check: string }) => check === 'rule');
    expect(judged).toMatchObject(finding);
  });
});
