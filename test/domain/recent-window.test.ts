import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMs } from '../../src/domain/duration.ts';
import { evaluateGate } from '../../src/domain/gate.ts';
import { after, msOf } from '../../src/domain/instant.ts';
import type { Measured, MetricQuestion } from '../../src/domain/measurement.ts';
import { questionsFor } from '../../src/domain/questions.ts';
import type { RuleDocument } from '../../src/domain/rule.ts';
import { aBurnRule, aRule } from '../support/builders.ts';
import { distanceOf, increaseOf, type ScrapedSeries } from '../support/simulated-scrapes.ts';
import { aSituation } from '../support/situation.ts';

const LIVE_AT = '2026-11-22T10:00:00.000Z';
/** Second 0 is when the release goes live; its series are an hour older. */
const AGE = 3600;
const PER_SECOND = 10;
/** Seconds of the windows that are asked for a `for` of two minutes and 15 s between samples. */
const RECENT = [60, 121, 241];

const RULES = {
  limits: aRule(),
  burn: aBurnRule({
    objective: { target: 0.99 },
    burnRates: [{ long: '1h', short: '10m', factor: 5, verdict: 'rollback' }],
  }),
} satisfies Record<string, RuleDocument>;

interface Course {
  readonly rule: keyof typeof RULES;
  /** Of each pod: how often and when it is scraped. */
  readonly pods: readonly { readonly every: number; readonly phase: number }[];
  readonly from: number;
  readonly to: number;
  readonly share: number;
  readonly known: boolean;
  readonly stated: boolean;
}

const intervals = fc.constantFrom(5, 10, 15, 30, 45, 60, 90, 120);
const course = (to: fc.Arbitrary<number>): fc.Arbitrary<Course> =>
  fc
    .record({
      rule: fc.constantFrom('limits', 'burn'),
      every: intervals,
      phases: fc.array(fc.nat(119), { minLength: 1, maxLength: 3 }),
    })
    .chain(({ rule, every, phases }) =>
      fc.record({
        rule: fc.constant(rule as Course['rule']),
        pods: fc.constant(phases.map((phase) => ({ every, phase: phase % every }))),
        from: fc.integer({ min: 300, max: 600 }),
        to,
        share: fc.constantFrom(0.15, 0.3, 1),
        known: fc.boolean(),
        stated: fc.boolean(),
      }),
    );

/** The verdict at a second, over what a Prometheus would have answered. */
function verdictAt({ rule, pods, from, to, share, known, stated }: Course, second: number): string {
  const every = pods[0]?.every ?? 15;
  const scrapeInterval = stated ? `${every}s` : '15s';
  const at = after(LIVE_AT, second * 1000);
  const base = aSituation({ rule: RULES[rule], at, liveAt: LIVE_AT });
  const situation = { ...base, providers: { main: { delay: '0s', scrapeInterval } } };
  const total = (t: number) => PER_SECOND * (t + AGE);
  const bad = (t: number) => PER_SECOND * share * Math.max(0, Math.min(t, to) - from);
  const series = (counted: (t: number) => number): readonly ScrapedSeries[] => pods.map((pod) => ({ ...pod, counted }));
  const answer = (question: MetricQuestion): Measured['measurement'] => {
    const now = (msOf(question.at) - msOf(LIVE_AT)) / 1000;
    if (question.part === 'age') return { kind: 'value', value: '1' };
    if (question.part === 'distance') {
      return known ? { kind: 'value', value: String(distanceOf(series(total), now, 120)) } : { kind: 'no-data' };
    }
    const windowS = durationMs(/\[(\w+)\]/.exec(question.query)?.[1] ?? '0s') / 1000;
    const value = increaseOf(series(question.part === 'bad' ? bad : total), now, windowS);
    return value === null ? { kind: 'no-data' } : { kind: 'value', value: String(value) };
  };
  const measurements = questionsFor(situation).ask.map((each) => ({ ...each, measurement: answer(each), infos: [] }));
  return evaluateGate({ ...situation, measurements }).verdict;
}

/** The window that shows it: the shortest of those that are asked in which each pod has two samples. */
function windowFor({ pods, known, stated }: Course): number {
  const every = pods[0]?.every ?? 15;
  const least = 2 * every + 1;
  const asked = stated ? [Math.max(60, least), ...RECENT.filter((window) => window > least)] : RECENT;
  return known || stated ? (asked.find((window) => window >= least) ?? 0) : 241;
}

describe('The last minutes by themselves', () => {
  it('never let a burst that is over roll back, whatever the scrapes and whether their distance is known', () => {
    let bursts = 0;
    fc.assert(
      fc.property(course(fc.integer({ min: 620, max: 900 })), fc.nat(300), (given, later) => {
        const second = given.to + windowFor(given) + 10 + later;
        expect(verdictAt(given, second)).not.toBe('rollback');
        bursts += Number(verdictAt(given, given.to + 10) === 'rollback');
      }),
      { numRuns: 500 },
    );
    expect(bursts).toBeGreaterThan(100);
  });

  it('let harm that lasts roll back once the rule\'s own window shows it, two scrapes and "for" later', () => {
    fc.assert(
      fc.property(course(fc.constant(Number.POSITIVE_INFINITY)), (given) => {
        const every = given.pods[0]?.every ?? 15;
        const crossed = Math.ceil(((given.rule === 'limits' ? 600 : 3600) * 0.05) / given.share);
        const deadline = given.from + crossed + 120 + 2 * every + 20;
        expect(verdictAt(given, deadline)).toBe('rollback');
      }),
      { numRuns: 500 },
    );
  });

  it('hold while it is not known whether harm goes on, and name what to set', () => {
    const far = { rule: 'limits', pods: [{ every: 150, phase: 20 }], from: 300, to: 9000, share: 1 } as const;
    expect(verdictAt({ ...far, known: true, stated: false }, 2000)).toBe('hold');
    expect(verdictAt({ ...far, known: true, stated: true }, 2000)).toBe('rollback');
  });
});
