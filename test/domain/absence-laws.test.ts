import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/domain/facts.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { evaluateGate } from '../../src/domain/gate.ts';
import { msOf } from '../../src/domain/instant.ts';
import type { Measured, Measurement, MetricQuestion } from '../../src/domain/measurement.ts';
import { questionsFor } from '../../src/domain/questions.ts';
import type { RuleDocument } from '../../src/domain/rule.ts';
import {
  eventsWithin,
  randomCount,
  randomCounters,
  randomSum,
  type TrueCount,
  termOf,
} from '../support/random-counts.ts';
import { aSituation } from '../support/situation.ts';
import { type Counter, evaluate, SCRAPE_S } from '../support/small-promql.ts';

/**
 * Whatever series are missing, what is reported as bad is never less than what was bad, unless the answer is hold; and
 * what takes a release back was really there. Random counts over random counters, asked and judged as the gate does.
 */
const AT = '2026-11-22T10:00:00.000Z';
const NOW = msOf(AT) / 1000;
const WINDOW_S = 600;
const METRICS = ['errors', 'timeouts', 'aborts'];
/** Enough of them that no count here exceeds it. */
const ALL: Counter = { metric: 'all', id: 'all', from: NOW - 7200, to: NOW, first: 0, perScrape: 100 };

function limited(indicator: { readonly bad?: string; readonly good?: string; readonly total: string }): RuleDocument {
  return {
    indicator: { kind: 'ratio', provider: 'main', ...indicator },
    limits: { window: '10m', hold: { above: 0.01 }, rollback: { above: 0.05 }, for: '2m' },
    minEvents: 1,
    minBad: 1,
  };
}

function answerTo(question: MetricQuestion, counters: readonly Counter[]): Measurement {
  if (question.part === 'age') return { kind: 'value', value: '1' };
  if (question.part === 'distance') return { kind: 'value', value: String(SCRAPE_S) };
  const samples = evaluate(question.query, msOf(question.at) / 1000, counters);
  if (samples.length > 1) return { kind: 'too-many-series', series: samples.length };
  return samples[0] === undefined ? { kind: 'no-data' } : { kind: 'value', value: String(samples[0]) };
}

function judged(rule: RuleDocument, counters: readonly Counter[]): Finding {
  const situation = aSituation({ rule, at: AT, liveAt: '2026-11-22T08:00:00.000Z' });
  const measurements = questionsFor(situation).ask.map(
    (question): Measured => ({ ...question, measurement: answerTo(question, counters), infos: [] }),
  );
  const facts: Facts = { ...situation, measurements };
  const finding = evaluateGate(facts).findings.find(({ check }) => check === 'rule');
  if (finding === undefined) throw new Error('the rule has no finding');
  return finding;
}

/** What really happened within the window that ends so many seconds ago. */
function truth({ truth: of }: TrueCount, counters: readonly Counter[], ago = 0): number {
  return of(eventsWithin(counters, NOW - ago - WINDOW_S, NOW - ago));
}

const runs = { numRuns: 3000 };
const within = (share: number) => share >= 0 && share <= 1;

describe('A share of bad events', () => {
  it.each([
    ['that are counted by a sum, with series that begin in the window', randomSum(METRICS), true],
    ['that are counted in any way, over series that were there', randomCount(METRICS), false],
  ] as const)('is never too small for a promote, nor too large for a rollback: %s', (_what, counts, births) => {
    const seen = { promote: 0, hold: 0, rollback: 0 };
    fc.assert(
      fc.property(counts, randomCounters(METRICS, NOW, births), (bad, found) => {
        const counters = [...found, ALL];
        const shares = [0, 60, 120].map((ago) => truth(bad, counters, ago) / truth(termOf('all'), counters, ago));
        fc.pre(shares.every(within));
        const { verdict } = judged(limited({ bad: bad.text, total: termOf('all').text }), counters);
        seen[verdict] += 1;
        if (verdict === 'promote') expect(shares[0]).toBeLessThanOrEqual(0.01 + 1e-9);
        if (verdict === 'rollback') for (const share of shares) expect(share).toBeGreaterThan(0.05 - 1e-9);
      }),
      runs,
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });

  it('is never too large for a rollback where good or all events are partly absent', () => {
    const goods = ['ok', 'cached'];
    fc.assert(
      fc.property(randomSum(goods), randomCounters(goods, NOW, false), (good, found) => {
        const counters = [...found, { ...ALL, perScrape: 10 }];
        const share = 1 - truth(good, counters) / truth(termOf('all'), counters);
        fc.pre(within(share));
        const { verdict } = judged(limited({ good: good.text, total: termOf('all').text }), counters);
        if (verdict === 'promote') expect(share).toBeLessThanOrEqual(0.01 + 1e-9);
        const absent = goods.filter((metric) => good.text.includes(`${metric}{`) && !there(metric, counters));
        if (absent.length > 0) expect(verdict).not.toBe('rollback');
      }),
      runs,
    );
  });
});

/** True where the metric has a series in every window that is looked at. */
function there(metric: string, counters: readonly Counter[]): boolean {
  return counters.some((counter) => counter.metric === metric && counter.to > NOW - WINDOW_S);
}
