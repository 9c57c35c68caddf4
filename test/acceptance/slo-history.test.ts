import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuleDocument } from '../../src/domain/rule.ts';
import type { Events } from '../../src/domain/slo.ts';
import { ratioTimeslices, timeslices } from '../../src/domain/timeslices.ts';
import { backfill, type Instance } from '../support/backfill.ts';
import { aRule, aService, aServiceRule, aSloRule } from '../support/builders.ts';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { type Answer, type Gate, startGate } from '../support/gate.ts';
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';

/**
 * A month of history in a real Prometheus: two processes with known counts for every minute, one of
 * which restarts every three days and one of which was not seen for two hours; an incident twenty days
 * ago and one that goes on. What the gate says must be what the same counts give by hand. Scraped every
 * ten minutes at first and every minute in the last twelve hours, so that the blocks are soon written.
 * At the instant of a scrape the numbers are equal to the digit (Prometheus 2, whose ranges include both
 * ends); between two scrapes Prometheus extrapolates, by less than one interval.
 */
const NOW = Date.parse('2026-11-22T10:00:00.000Z') / 60_000;
const DAY = 24 * 60;
const SINCE = NOW - 31 * DAY;
const TARGET = 0.999;
const WINDOWS = { '1h': 60, '5m': 5, '6h': 360, '30m': 30, '1d': DAY, '2h': 120, '3d': 3 * DAY, '30d': 30 * DAY };

function eventsAt(minute: number): { bad: number; total: number } {
  const longAgo = minute > NOW - 20 * DAY && minute <= NOW - 20 * DAY + 120;
  const nowadays = minute > NOW - 50;
  const bad = (minute % 50 === 0 ? 1 : 0) + (longAgo ? 10 : 0) + (nowadays ? 4 : 0);
  return { bad, total: 60 + (minute % 7) };
}

const scrapes = Array.from({ length: NOW - SINCE + 1 }, (_, i) => SINCE + i).filter(
  (minute) => minute % 10 === 0 || minute > NOW - 12 * 60,
);
const gap = (minute: number) => minute > NOW - 10 * DAY && minute <= NOW - 10 * DAY + 120;
const INSTANCES: readonly Instance[] = [
  { name: 'a', events: eventsAt, scrapes, restartsAfter: (minute) => minute % (3 * DAY) === 0 },
  { name: 'b', events: eventsAt, scrapes: scrapes.filter((minute) => !gap(minute)), restartsAfter: () => false },
];

/** What one process has counted in the minutes after `from` up to `to`. */
function eventsWithin(from: number, to: number): Events {
  let [bad, total] = [0, 0];
  for (let minute = from + 1; minute <= to; minute += 1) {
    bad += eventsAt(minute).bad;
    total += eventsAt(minute).total;
  }
  return { bad, total };
}

/** Σbad and Σtotal of both. */
function counted(from: number, to: number): Events {
  const { bad, total } = eventsWithin(from, to);
  return { bad: INSTANCES.length * bad, total: INSTANCES.length * total };
}

const availability = aSloRule({ burnRates: 'google-30d' });

describe('A month of history in a real Prometheus, over HTTP', () => {
  let history: Awaited<ReturnType<typeof backfill>>;
  let prometheus: RunningPrometheus;
  let engine: TestEngine;
  let gate: Gate;

  const clock = { offsetMs: 0 };
  /** The gate's clock stands a moment after the newest sample, so its evaluation bucket ends with it. */
  function beginNow(): void {
    clock.offsetMs = NOW * 60_000 + 100 - Date.now();
  }

  beforeAll(async () => {
    engine = await openEngine('embedded');
    beginNow();
    history = await backfill(INSTANCES);
    prometheus = await startPrometheus({ dataDir: history.dataDir, retention: '3650d' });
    gate = await startGate(engine, { clock });
    const provider = { kind: 'prometheus', url: prometheus.url, timeout: '25s' };
    await put('/providers/main', provider, 'admin');
    await put('/services/checkout', aService({ allowUnmeasured: true }));
    await put('/services/checkout/rules/availability', availability);
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

  /** What the rule would have said so many minutes before the newest sample. */
  async function previewed(minutesAgo: number, body?: RuleDocument): Promise<Answer['body']> {
    const at = new Date((NOW - minutesAgo) * 60_000).toISOString();
    const path = `/services/checkout/rules/availability/preview?at=${at}`;
    const answer = await gate.call('POST', path, { as: 'configurator', ...(body && { body }) });
    expect(answer).toMatchObject({ status: 200, body: { at } });
    return answer.body;
  }

  type Row = { window: keyof typeof WINDOWS; bad: string; total: string; ratio: string; burnRate: string };
  const rowsOf = (finding: { evidence: { windows: Row[] } }) => finding.evidence.windows;
  const burnt = ({ bad, total }: { bad: number; total: number }) => bad / total / (1 - TARGET);

  it('keeps all of it, because its retention says so', async () => {
    for (const minute of [SINCE, NOW]) {
      expect(await prometheus.query(`count(http_requests_total @ ${minute * 60})`)).toMatchObject([{ value: '4' }]);
    }
  });

  it('gives the gate the burn rates and the budget that the counts give by hand, in the incident', async () => {
    beginNow();
    const { status, body } = await gate.call('GET', '/gates/checkout@1/canary?deadline=25s');
    expect({ status, verdict: body.verdict }).toEqual({ status: 429, verdict: 'hold' });
    const finding = body.findings.find(({ check }: { check: string }) => check === 'rule');
    expect(finding).toMatchObject({ cause: 'burning', evidence: { at: new Date(NOW * 60_000).toISOString() } });
    expect([...new Set(rowsOf(finding).map((row) => row.window))]).toEqual(Object.keys(WINDOWS));
    for (const row of rowsOf(finding)) {
      const by = counted(NOW - WINDOWS[row.window], NOW);
      expect({ window: row.window, bad: Number(row.bad), total: Number(row.total) }).toEqual({
        window: row.window,
        ...by,
      });
      expect(Number(row.ratio)).toBeCloseTo(by.bad / by.total, 9);
      expect(Number(row.burnRate)).toBeCloseTo(burnt(by), 6);
    }
    const { remaining } = finding.evidence.budget;
    expect(Number(remaining)).toBeCloseTo(1 - burnt(counted(NOW - WINDOWS['30d'], NOW)), 6);
    expect(Number(remaining)).toBeGreaterThan(0.1);
  });

  it('was fine before it, though the budget remembers the incident of twenty days ago', async () => {
    const { finding } = await previewed(180);
    expect(finding).toMatchObject({ verdict: 'promote', cause: 'budget-left' });
    const by = counted(NOW - 180 - 30 * DAY, NOW - 180);
    expect(by.bad).toBeGreaterThan(2400);
    expect(Number(finding.evidence.budget.remaining)).toBeCloseTo(1 - burnt(by), 6);
  });

  it('gives a budget of the calendar month, which begins at midnight in its zone, under a rule that is not saved', async () => {
    const window = { calendar: 'month', timeZone: 'Europe/Berlin' } as const;
    const rule = aSloRule({ objective: { target: TARGET, window }, budget: { holdBelow: 0.95 } });
    const { finding, saved } = await previewed(180, rule);
    expect(saved).toBe(false);
    const by = counted(Date.parse('2026-10-31T23:00:00Z') / 60_000, NOW - 180);
    expect(Number(finding.evidence.budget.remaining)).toBeCloseTo(1 - burnt(by), 6);
    expect(finding.evidence.budget.period).toEqual({
      start: '2026-10-31T23:00:00.000Z',
      end: '2026-11-30T23:00:00.000Z',
    });
  });

  it.each([
    ['Timeslices', { window: '10m', target: 0.99 }, (all: readonly Events[]) => timeslices(all, 0.99)],
    ['RatioTimeslices', { window: '10m' }, ratioTimeslices],
  ] as const)(
    'gives a budget of slices of time as OpenSLO means %s, without those in which nothing was seen',
    async (_method, slices, by) => {
      const ofOne = aSloRule({
        objective: { target: TARGET, window: '30d', slices },
        burnRates: [{ long: '1h', short: '10m', factor: 14.4 }],
      });
      const named = JSON.stringify(ofOne).replaceAll('service=', 'instance=\\"b\\",service=');
      const { finding, queries } = await previewed(180, JSON.parse(named));
      const [, b] = INSTANCES;
      const seen = new Set(b?.scrapes);
      const all = Array.from({ length: 30 * 24 * 6 }, (_, i) => NOW - 180 - 10 * i).map((end) =>
        seen.has(end) && seen.has(end - 10) ? eventsWithin(end - 10, end) : { bad: 0, total: 0 },
      );
      const expected = by(all);
      expect(expected.empty).toBe(13);
      const month = rowsOf(finding).find(({ window }) => window === '30d') as Row & { emptySlices: string };
      expect({ total: Number(month.total), empty: Number(month.emptySlices) }).toEqual({
        total: expected.counted,
        empty: 13,
      });
      expect(Number(month.ratio)).toBeCloseTo(expected.badShare ?? Number.NaN, 9);
      expect(Number(finding.evidence.budget.remaining)).toBeCloseTo(1 - (expected.badShare ?? 0) / (1 - TARGET), 6);
      const ages = queries.filter(({ part }: { part: string }) => part === 'age');
      expect(ages).toMatchObject([
        { query: 'time() - max(timestamp(http_requests_total{instance="b",service="checkout"}))' },
      ]);
      process.stdout.write(
        `${month.bad} of ${month.total} slices bad, ${month.emptySlices} empty: ${finding.because}\n`,
      );
    },
  );

  it('is a little off between two scrapes, by no more than the events of one interval', async () => {
    const { finding } = await previewed(0.5);
    for (const row of rowsOf(finding)) {
      const by = counted(NOW - WINDOWS[row.window], NOW);
      const interval = WINDOWS[row.window] > 12 * 60 ? 10 : 1;
      const share = interval / WINDOWS[row.window];
      expect(Math.abs(Number(row.total) / by.total - 1)).toBeLessThanOrEqual(share);
      expect(Math.abs(Number(row.bad) - by.bad)).toBeLessThanOrEqual(INSTANCES.length * eventsAt(NOW).bad);
      process.stdout.write(`${row.window}: bad ${row.bad} by hand ${by.bad}, total ${row.total} by hand ${by.total}\n`);
    }
  });

  it('shows in a preview the queries as they were sent, with their answers and how long they took', async () => {
    const { queries, scope, life, release } = await previewed(0);
    expect({ scope, life, release }).toEqual({ scope: 'service', life: null, release: null });
    const month = queries.find(
      (each: { part: string; window: string }) => each.part === 'bad' && each.window === '30d',
    );
    expect(month).toMatchObject({
      query: 'sum(increase(http_requests_total{service="checkout",code=~"5.."}[30d]))',
      measurement: { kind: 'value', value: String(counted(NOW - WINDOWS['30d'], NOW).bad) },
    });
    for (const { milliseconds } of queries) expect(milliseconds).toBeGreaterThanOrEqual(0);
  });

  it('answers a trial of the provider with its version and its clock', async () => {
    const { status, body } = await gate.call('POST', '/providers/main/check', { as: 'admin' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ ok: true, reachable: true, authenticated: true, outcome: 'value' });
    expect(body.version).toMatch(/^2\.\d+\.\d+/);
    expect(Math.abs(body.clockOffsetSeconds)).toBeLessThanOrEqual(1);
  });

  async function warned(): Promise<readonly string[]> {
    const { status, body } = await gate.call('GET', '/services/checkout/warnings', { as: 'auditor' });
    expect(status).toBe(200);
    return body.items;
  }

  it('is warned about: a metric it never saw, a release whose queries select nothing, traffic that is too little', async () => {
    const misspelt = aServiceRule();
    const bad = 'sum(increase(http_request_total{service="${service}",code=~"5.."}[${window}]))';
    const quick = aServiceRule({ limits: { window: '1m', hold: { above: 0.5 } }, minEvents: 500 });
    await put('/services/checkout/rules/misspelt', { ...misspelt, indicator: { ...misspelt.indicator, bad } });
    await put('/services/checkout/rules/quick', quick);
    beginNow();
    expect(await warned()).toEqual([
      'quick: the window 1m does not always hold two samples, because samples of main are 1m apart: let it be 4m or more',
      'misspelt asks main for http_request_total, of which it has seen nothing within the last hour',
      `quick can never judge checkout at the present rate: about ${counted(NOW - 1, NOW).total} events within 1m, and 500 are needed; lower minEvents, widen the window or send test traffic`,
    ]);
    await put('/services/checkout/rules/errors', aRule());
    const body = { state: 'deployed' };
    expect((await gate.call('PUT', '/releases/checkout@1/rings/canary', { body })).status).toBe(200);
    gate.minutes(6);
    expect(await warned()).toContain('errors finds no events of checkout@1 in canary: its queries may select nothing');
  });
});
