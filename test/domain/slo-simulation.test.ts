import { describe, expect, it } from 'vitest';
import { durationMs } from '../../src/domain/duration.ts';
import type { Facts } from '../../src/domain/facts.ts';
import { evaluateGate } from '../../src/domain/gate.ts';
import { after, evaluationInstant, msOf } from '../../src/domain/instant.ts';
import type { Measured, MetricQuestion } from '../../src/domain/measurement.ts';
import { questionsFor } from '../../src/domain/questions.ts';
import type { RuleDocument } from '../../src/domain/rule.ts';
import { aBurnRule, aRule, aService } from '../support/builders.ts';
import { simulateTraffic, type Traffic } from '../support/simulated-traffic.ts';
import { aSituation } from '../support/situation.ts';
import { aWorld } from '../support/world.ts';

/**
 * How often a release is taken back that should not be, and how soon one is that should. Every ask goes
 * through the gate's own function with facts as they would have been recorded; only the counting is
 * simulated, exactly and at once, so neither scrapes nor extrapolation are in it. An ask that cannot
 * roll back, because too little is bad, is left out to save time: `worthAsking` says when, and the first
 * runs of each case are asked all the same and must agree.
 */
const RUNS = 1000;
const EVERY_S = 15;
const ALL_ASKED = 20;
/** What is known of the samples, which are not simulated: seconds. */
const SAMPLES = { age: 5, distance: 5 };
const LIVE_AT = '2026-11-22T10:00:00.000Z';

interface Case {
  readonly rule: RuleDocument;
  readonly perSecond: number;
  readonly badShare: number;
  readonly minutes: number;
  /** False where not even a necessary condition of a rollback is met. */
  readonly worthAsking: (traffic: Traffic, end: number) => boolean;
}

/** The question as it is asked at second `second`, and the windows it needs. */
function asking(rule: RuleDocument) {
  const situation = aSituation({ rule, at: LIVE_AT, liveAt: LIVE_AT });
  const started = evaluationInstant(LIVE_AT, 0);
  const needs = questionsFor(situation).ask.map((question) => ({
    question,
    windowS: durationMs(/\[(\w+)\]/.exec(question.query)?.[1] ?? '0s') / 1000,
    backS: (msOf(started) - msOf(question.at)) / 1000,
  }));
  return (traffic: Traffic, second: number): Facts => {
    const at = after(LIVE_AT, second * 1000);
    const now = (msOf(evaluationInstant(at, 0)) - msOf(LIVE_AT)) / 1000;
    const answer = (question: MetricQuestion, windowS: number, backS: number): Measured => {
      const counts = traffic.count(now - backS, windowS);
      const number =
        question.part in SAMPLES
          ? SAMPLES[question.part as keyof typeof SAMPLES]
          : counts[question.part === 'bad' ? 'bad' : 'total'];
      return { ...question, measurement: { kind: 'value', value: String(number) }, infos: [] };
    };
    const measurements = needs.map(({ question, windowS, backS }) => answer(question, windowS, backS));
    return { ...situation, at, measurements };
  };
}

/** The second at which each run was rolled back, or null. */
function simulate(
  { rule, perSecond, badShare, minutes, worthAsking }: Case,
  runs: number = RUNS,
): readonly (number | null)[] {
  const factsAt = asking(rule);
  const rollsBack = (traffic: Traffic, second: number) => evaluateGate(factsAt(traffic, second)).verdict === 'rollback';
  return Array.from({ length: runs }, (_, seed) => {
    const traffic = simulateTraffic({ seed: seed + 1, seconds: minutes * 60, perSecond, badShare });
    for (let second = EVERY_S; second <= minutes * 60; second += EVERY_S) {
      const worth = worthAsking(traffic, Math.floor(second / 10) * 10);
      if (!worth && seed >= ALL_ASKED) continue;
      if (!rollsBack(traffic, second)) continue;
      expect(worth).toBe(true);
      return second;
    }
    return null;
  });
}

/** The same with everything around it: questions sent to a provider, answers recorded, lives that begin and end. */
async function askedThroughout(rule: RuleDocument, traffic: Traffic, minutes: number): Promise<number | null> {
  const world = await aWorld(aService(), { errors: rule });
  await world.ask('1', 'canary');
  await world.report('1', 'canary', { state: 'deployed' });
  world.answer = ({ part, query, at }) => {
    if (part in SAMPLES) return { kind: 'value', value: String(SAMPLES[part as keyof typeof SAMPLES]) };
    const windowS = durationMs(/\[(\w+)\]/.exec(query)?.[1] ?? '0s') / 1000;
    const counts = traffic.count((msOf(at) - msOf(LIVE_AT)) / 1000, windowS);
    return { kind: 'value', value: String(part === 'bad' ? counts.bad : counts.total) };
  };
  for (let second = EVERY_S; second <= minutes * 60; second += EVERY_S) {
    world.minutes(EVERY_S / 60);
    const { verdict, decidedAt } = await world.ask('1', 'canary', 'exit');
    expect(msOf(decidedAt) - msOf(LIVE_AT)).toBe(second * 1000);
    if (verdict === 'rollback') return second;
  }
  return null;
}

function record(what: string, results: readonly (number | null)[]): { readonly share: number } {
  const seconds = results.filter((second) => second !== null).sort((a, b) => a - b);
  const share = seconds.length / results.length;
  const at = (quantile: number) => seconds[Math.floor(quantile * (seconds.length - 1))];
  const when = seconds.length === 0 ? '' : `, after ${at(0.5)} s (median), ${at(0.99)} s (99 %)`;
  process.stdout.write(`${what}: ${seconds.length} of ${results.length} runs rolled back${when}\n`);
  return { share };
}

const bad = (least: number, windowS: number, share: number) => (traffic: Traffic, end: number) => {
  const counts = traffic.count(end, windowS);
  return counts.bad >= least && counts.bad > share * counts.total;
};

/** A target of 99.9 % with the usual first pair and every default: 300 events, 10 bad, for 2m. */
const OBJECTIVE = { rule: aBurnRule(), worthAsking: bad(10, 3600, 0.0144) };
/** Plain limits as in the README: hold above 1 %, rollback above 5 % of ten minutes. */
const LIMITS = { rule: aRule(), worthAsking: bad(10, 600, 0.05) };

describe('1,000 releases asked every 15 s', () => {
  it.each([1, 5])('exactly on target at %i rps for an hour: at most 2 are rolled back', (perSecond) => {
    const results = simulate({ ...OBJECTIVE, perSecond, badShare: 0.001, minutes: 60 });
    expect(record(`objective, 0.1 % bad at ${perSecond} rps`, results).share).toBeLessThanOrEqual(0.002);
  });

  it('failing 5 % at 5 rps: at least 990 are rolled back within ten minutes', () => {
    const results = simulate({ ...OBJECTIVE, perSecond: 5, badShare: 0.05, minutes: 10 });
    expect(record('objective, 5 % bad at 5 rps', results).share).toBeGreaterThanOrEqual(0.99);
  });

  it.each([1, 5])(
    'exactly at their hold limit of 1 in 100 at %i rps for an hour: at most 2 are rolled back',
    (perSecond) => {
      const results = simulate({ ...LIMITS, perSecond, badShare: 0.01, minutes: 60 });
      expect(record(`limits, 1 % bad at ${perSecond} rps`, results).share).toBeLessThanOrEqual(0.002);
    },
  );

  it('failing 10 % under limits of 5 %: at least 990 are rolled back; failing 5 %, the limit itself, it is chance', () => {
    const twice = simulate({ ...LIMITS, perSecond: 5, badShare: 0.1, minutes: 10 });
    expect(record('limits, 10 % bad at 5 rps', twice).share).toBeGreaterThanOrEqual(0.99);
    const exactly = simulate({ ...LIMITS, perSecond: 5, badShare: 0.05, minutes: 10 });
    expect(record('limits, 5 % bad at 5 rps', exactly).share).toBeLessThan(0.99);
  });

  it.each([
    ['healthy', 0.001, 1, 30],
    ['failing', 0.05, 5, 10],
  ] as const)('are decided as when their pipelines ask: %s', async (_what, badShare, perSecond, minutes) => {
    const runs = { ...OBJECTIVE, perSecond, badShare, minutes };
    const expected = simulate(runs, 2);
    for (const [i, second] of expected.entries()) {
      const traffic = simulateTraffic({ seed: i + 1, seconds: minutes * 60, perSecond, badShare });
      expect(await askedThroughout(runs.rule, traffic, minutes)).toBe(second);
    }
  });

  it('exactly at their hold limit would be taken back too often by a rule that does so for anything at once', () => {
    const limits = { window: '10m', rollback: { above: 0.05 }, for: '20s' } as const;
    const careless = { rule: aRule({ limits, minEvents: 1, minBad: 1 }), worthAsking: bad(1, 600, 0.05) };
    const results = simulate({ ...careless, perSecond: 1, badShare: 0.01, minutes: 60 });
    expect(record('careless, 1 % bad at 1 rps', results).share).toBeGreaterThan(0.002);
  });
});
