import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/domain/finding.ts';
import { providersForTest } from '../providers/asking.ts';
import { backfill, type Instance } from '../support/backfill.ts';
import { aService, aSloRule } from '../support/builders.ts';
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';
import { aWorld } from '../support/world.ts';

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

/** Σbad and Σtotal of both processes in the minutes after `from` up to `to`. */
function counted(from: number, to: number): { bad: number; total: number } {
  let [bad, total] = [0, 0];
  for (let minute = from + 1; minute <= to; minute += 1) {
    const events = eventsAt(minute);
    bad += INSTANCES.length * events.bad;
    total += INSTANCES.length * events.total;
  }
  return { bad, total };
}

describe('A month of history in a real Prometheus', () => {
  let history: Awaited<ReturnType<typeof backfill>>;
  let prometheus: RunningPrometheus;

  beforeAll(async () => {
    history = await backfill(INSTANCES);
    prometheus = await startPrometheus({ dataDir: history.dataDir, retention: '3650d' });
  }, 120_000);

  afterAll(async () => {
    await prometheus?.stop();
    await history?.remove();
  });

  /** What the gate says so many minutes before the newest sample. */
  async function judged(minutesAgo: number): Promise<Finding> {
    const rule = aSloRule({ burnRates: 'google-30d' });
    const provider = { kind: 'prometheus', url: prometheus.url, timeout: '25s' } as const;
    const world = await aWorld(aService({ allowUnmeasured: true }), { availability: rule }, provider);
    Object.assign(world.ports, { providers: providersForTest().providers });
    world.minutes(-minutesAgo);
    const { findings } = await world.ask('1', 'canary', 'enter', { deadlineMs: 25_000 });
    return findings.find((finding) => finding.check === 'rule') as Finding;
  }

  const rowsOf = (finding: Finding) =>
    finding.evidence.windows as { window: keyof typeof WINDOWS; bad: string; total: string; burnRate: string }[];

  it('keeps all of it, because its retention says so', async () => {
    const found = await prometheus.query(`count(count_over_time(http_requests_total[31d] @ ${NOW * 60}))`);
    expect(found).toMatchObject([{ value: '4' }]);
    expect(
      await prometheus.query(`min(min_over_time(timestamp(http_requests_total)[31d:10m] @ ${NOW * 60}))`),
    ).toMatchObject([{ value: String(SINCE * 60) }]);
  });

  it('gives the gate the burn rates and the budget that the counts give by hand, in the incident', async () => {
    const finding = await judged(0);
    expect(finding).toMatchObject({ verdict: 'hold', cause: 'burning' });
    const rows = rowsOf(finding);
    expect([...new Set(rows.map((row) => row.window))]).toEqual(Object.keys(WINDOWS));
    for (const row of rows) {
      const by = counted(NOW - WINDOWS[row.window], NOW);
      expect({ window: row.window, bad: Number(row.bad), total: Number(row.total) }).toEqual({
        window: row.window,
        ...by,
      });
      expect(Number(row.burnRate)).toBeCloseTo(by.bad / by.total / (1 - TARGET), 6);
    }
    const month = counted(NOW - WINDOWS['30d'], NOW);
    const { remaining } = finding.evidence.budget as { remaining: string };
    expect(Number(remaining)).toBeCloseTo(1 - month.bad / month.total / (1 - TARGET), 6);
    expect(Number(remaining)).toBeGreaterThan(0.1);
  });

  it('was fine before it, though the budget remembers the incident of twenty days ago', async () => {
    const finding = await judged(180);
    expect(finding).toMatchObject({ verdict: 'promote', cause: 'budget-left' });
    const by = counted(NOW - 180 - 30 * DAY, NOW - 180);
    expect(by.bad).toBeGreaterThan(2400);
    const { remaining } = finding.evidence.budget as { remaining: string };
    expect(Number(remaining)).toBeCloseTo(1 - by.bad / by.total / (1 - TARGET), 6);
  });

  it('is a little off between two scrapes, by no more than the events of one interval', async () => {
    const finding = await judged(0.5);
    for (const row of rowsOf(finding)) {
      const by = counted(NOW - WINDOWS[row.window], NOW);
      const interval = WINDOWS[row.window] > 12 * 60 ? 10 : 1;
      const share = interval / WINDOWS[row.window];
      expect(Math.abs(Number(row.total) / by.total - 1)).toBeLessThanOrEqual(share);
      process.stdout.write(`${row.window}: bad ${row.bad} by hand ${by.bad}, total ${row.total} by hand ${by.total}\n`);
    }
  });
});
