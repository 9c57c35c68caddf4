/** Metrics that are scraped rarely, in a real Prometheus: harm that is over, harm that goes on, and harm of which that cannot be known. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuleDocument } from '../../src/domain/rule.ts';
import { type Backfill, backfillSamples } from '../support/backfill.ts';
import { aBurnRule, aRule, aService } from '../support/builders.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';
import { type ScrapedTraffic, scraped } from '../support/scraped-traffic.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z') / 1000;
const HOUR = 3600;
const LIMITS = { window: '10m', hold: { above: 0.01 }, rollback: { above: 0.03 } };
const SELECTOR = 'service="${service}",version="${version}",ring="${ring}"';

/** 400 errors within the minute that ended four minutes ago. */
const BURST = (second: number) => (second > NOW - 300 && second <= NOW - 240 ? (second % 3 === 0 ? 6 : 7) : 0);
/** One in five, from ten minutes before the end on. */
const ONSET = NOW - 1200;
const LASTING = (second: number) => (second > ONSET ? 2 : 0);

const RULES: Readonly<Record<string, RuleDocument>> = {
  limits: aRule({ limits: LIMITS }),
  burn: aBurnRule(),
  threshold: {
    indicator: {
      kind: 'threshold',
      provider: 'main',
      query: `sum(increase(http_requests_total{${SELECTOR},code=~"5.."}[\${window}])) / sum(increase(http_requests_total{${SELECTOR}}[\${window}]))`,
    },
    limits: LIMITS,
  },
};

const CASES: readonly (Pick<ScrapedTraffic, 'bad' | 'every' | 'phase'> & { readonly service: string })[] = [
  { service: 'burst-15', bad: BURST, every: 15, phase: 7 },
  { service: 'burst-60', bad: BURST, every: 60, phase: 23 },
  { service: 'lasting-15', bad: LASTING, every: 15, phase: 7 },
  { service: 'lasting-60', bad: LASTING, every: 60, phase: 23 },
];

describe('A release whose metrics are scraped every 15 or every 60 seconds', () => {
  let history: Backfill;
  let prometheus: RunningPrometheus;
  let engine: TestEngine;
  let gate: Gate;
  const clock = { offsetMs: 0 };
  const standAt = (second: number) => {
    clock.offsetMs = second * 1000 + 100 - Date.now();
  };

  beforeAll(async () => {
    engine = await openEngine('embedded');
    const traffic = { from: NOW - 2 * HOUR, to: NOW, perSecond: 10 };
    history = await backfillSamples(
      'http_requests',
      CASES.flatMap((each) => scraped({ ...traffic, ...each })),
    );
    prometheus = await startPrometheus({ dataDir: history.dataDir, retention: '3650d' });
    standAt(NOW - HOUR);
    gate = await startGate(engine, { clock });
    await put('/providers/main', { kind: 'prometheus', url: prometheus.url, timeout: '25s' }, 'admin');
    for (const { service } of CASES) {
      await put(`/services/${service}`, aService());
      await put(`/services/${service}/rules/errors`, RULES.limits as RuleDocument);
    }
  }, 120_000);

  afterAll(async () => {
    await gate?.stop();
    await engine?.destroy();
    await prometheus?.stop();
    await history?.remove();
  });

  async function put(path: string, body: object, as: 'admin' | 'configurator' = 'configurator'): Promise<void> {
    const answer = await gate.call('PUT', path, { body, as });
    expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status: 201 });
  }

  async function findingAt(service: string, rule: string, second: number) {
    const at = new Date(second * 1000).toISOString();
    const path = `/services/${service}/rules/errors/preview?version=1&ring=canary&at=${at}`;
    const { body } = await gate.call('POST', path, { as: 'configurator', body: RULES[rule] });
    return body.finding;
  }

  /** How many seconds after the first error the rule rolls back; null when it never does. */
  async function delayOf(service: string, rule: string): Promise<number | null> {
    for (let second = ONSET; second <= NOW; second += 10) {
      if ((await findingAt(service, rule, second)).verdict === 'rollback') return second - ONSET;
    }
    return null;
  }

  it.each(['burst-15', 'burst-60'])('is not taken back for a minute of errors that is over: %s', async (service) => {
    standAt(NOW - HOUR);
    expect((await gate.call('GET', `/gates/${service}@1/canary`)).status).toBe(200);
    expect(
      (await gate.call('PUT', `/releases/${service}@1/rings/canary`, { body: { state: 'deployed' } })).status,
    ).toBe(200);
    standAt(NOW);
    const { status, body } = await gate.call('GET', `/gates/${service}@1/canary?stage=exit`);
    const { verdict, cause, evidence, needs } = body.findings.find(({ check }: { check: string }) => check === 'rule');
    process.stdout.write(`${service}: ${status} ${verdict} ${cause} ${JSON.stringify(evidence.recent)} ${needs}\n`);
    expect({ status, verdict, cause }).toEqual({ status: 429, verdict: 'hold', cause: 'objective-at-risk' });
    expect(evidence.obstacles).toEqual(['over']);
  });

  it.each(['limits', 'burn', 'threshold'])(
    'is taken back for harm that lasts, by %s, hardly later with rare scrapes',
    async (rule) => {
      const [often, rarely] = [await delayOf('lasting-15', rule), await delayOf('lasting-60', rule)];
      process.stdout.write(`${rule}: after ${often} s with 15 s, after ${rarely} s with 60 s\n`);
      expect(often).not.toBeNull();
      expect(rarely).toBeLessThanOrEqual((often ?? 0) + 60);
    },
    120_000,
  );
});
