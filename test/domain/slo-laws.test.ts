import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/domain/facts.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { evaluateGate } from '../../src/domain/gate.ts';
import type { Measured, Measurement } from '../../src/domain/measurement.ts';
import { questionsFor } from '../../src/domain/questions.ts';
import { aBurnRule, aRule, aSloRule } from '../support/builders.ts';
import { aSituation } from '../support/situation.ts';

/** The laws of the judgement for rules about an objective: any answer may come to any question. */
const AT = '2026-11-22T10:00:00.000Z';
const value = (number: number): Measurement => ({ kind: 'value', value: String(number) });
const unknown = fc.constantFrom<Measurement>(
  { kind: 'no-data' },
  { kind: 'not-a-number', value: 'NaN' },
  { kind: 'too-many-series', series: 2 },
  { kind: 'partial', warnings: ['half'] },
  { kind: 'unavailable', reason: 'connection', detail: 'refused' },
  { kind: 'deadline-exceeded' },
);
const mostly = (known: fc.Arbitrary<Measurement>) =>
  fc.oneof({ weight: 40, arbitrary: known }, { weight: 1, arbitrary: unknown });
const age = mostly(fc.constantFrom(1, 1, 1, 1, 1, 1, 299, 301).map(value));
const counted = (bads: readonly number[], totals: readonly number[]) => ({
  bad: mostly(fc.constantFrom(...bads).map(value)),
  total: mostly(fc.constantFrom(...totals).map(value)),
  age,
  series: mostly(fc.constantFrom<Measurement>({ kind: 'no-data' }, { kind: 'no-data' }, value(0), value(20))),
  distance: mostly(fc.constantFrom(15, 15, 15, 60, 200).map(value)),
});
const ANSWERS = {
  mixed: counted([0, 0, 0, 9, 10, 15, 40, 400], [0, 299, 300, 1000, 1000, 1000, 1000, 100_000]),
  harmful: counted([9, 15, 40, 40, 40, 40], [300, 1000, 1000, 1000, 3000]),
};

const PAIR = { long: '1h', short: '5m', factor: 14.4 } as const;
const RULES = {
  release: aBurnRule(),
  both: aBurnRule({ limits: aRule().limits as never }),
  service: aSloRule({ burnRates: [PAIR, { long: '6h', short: '30m', factor: 6 }] }),
};

/** Facts of a release that has been live for half an hour, with an answer drawn for every question. */
function factsFor(rule: keyof typeof RULES, answers: keyof typeof ANSWERS = 'mixed'): fc.Arbitrary<Facts> {
  const stage = rule === 'service' ? 'enter' : 'exit';
  const situation = aSituation({ rule: RULES[rule], at: AT, liveAt: '2026-11-22T09:30:00.000Z', stage });
  const { ask } = questionsFor(situation);
  const measured = ask.map((question) =>
    ANSWERS[answers][question.part as 'bad' | 'total' | 'age' | 'series' | 'distance'].map(
      (measurement): Measured => ({ ...question, measurement, infos: [] }),
    ),
  );
  return fc.tuple(...measured).map((measurements) => ({ ...situation, measurements }));
}

function judged(facts: Facts): Finding {
  const finding = evaluateGate(facts).findings.find((each) => each.check === 'rule');
  if (finding === undefined) throw new Error('the rule has no finding');
  return finding;
}

/** A measured number, or null: what `errors/canary/<part>/<id>` was answered. */
function number(facts: Facts, part: string, id: string): number | null {
  const { measurement } = facts.measurements.find((each) => each.id === `errors/canary/${part}/${id}`) ?? {};
  return measurement?.kind === 'value' ? Number(measurement.value) : null;
}

const kindOf = (facts: Facts, part: string, id: string) =>
  facts.measurements.find((each) => each.id === `errors/canary/${part}/${id}`)?.measurement.kind;

/** `births`: with what new series began with. */
function burn(facts: Facts, id: string, births = 0): number | null {
  const total = number(facts, 'total', id);
  if (total === null || total === 0) return null;
  const series = kindOf(facts, 'series-bad', id) ?? 'no-data';
  const isZero = kindOf(facts, 'bad', id) === 'no-data' && series === 'no-data';
  const counted = isZero ? 0 : number(facts, 'bad', id);
  return counted === null ? null : (counted + births) / (total + births) / 0.001;
}

/** Null where anything that may be bad besides is not known. */
function worstBurn(facts: Facts, id: string): number | null {
  const births = number(facts, 'series-bad', id);
  if (births === null && kindOf(facts, 'series-bad', id) !== 'no-data') return null;
  return burn(facts, id, births ?? 0);
}

/** What the shortest window says that is known to hold two samples; null when there is none. */
function lastMinutes(facts: Facts): number | null {
  const needed = 2 * (number(facts, 'distance', '0') ?? 15) + 1;
  const windows = [
    { id: 'recent', seconds: 60 },
    { id: 'recent-1', seconds: 121 },
    { id: 'recent-2', seconds: 241 },
  ];
  const known = windows.filter(({ seconds }) => seconds >= needed).map(({ id }) => burn(facts, id));
  return [...known, ...(needed >= 300 ? [burn(facts, '5m')] : [])].find((rate) => rate !== null) ?? null;
}

const runs = { numRuns: 2000 };

describe('Not knowing is never promote', () => {
  it('for burn rates: the long window is known, and the short one too unless the long one is within the factor', () => {
    let promotes = 0;
    fc.assert(
      fc.property(factsFor('release'), (facts) => {
        if (judged(facts).verdict !== 'promote') return;
        promotes += 1;
        const [long, short] = [worstBurn(facts, '1h'), worstBurn(facts, '5m')];
        expect(long).not.toBeNull();
        expect((long ?? 99) <= 14.4 || (short !== null && short <= 14.4)).toBe(true);
        expect(number(facts, 'total', '1h')).toBeGreaterThanOrEqual(300);
        expect(number(facts, 'age-total', '0')).toBeLessThanOrEqual(300);
      }),
      runs,
    );
    expect(promotes).toBeGreaterThan(100);
  });

  it('for a budget: every long window and the period are known, and enough is left', () => {
    let promotes = 0;
    fc.assert(
      fc.property(factsFor('service'), (facts) => {
        const finding = judged(facts);
        expect(finding.verdict).not.toBe('rollback');
        if (finding.verdict !== 'promote') return;
        promotes += 1;
        for (const id of ['1h', '6h']) expect(burn(facts, id)).not.toBeNull();
        expect(1 - (burn(facts, 'period') ?? 99)).toBeGreaterThanOrEqual(0.1 - 1e-9);
      }),
      runs,
    );
    expect(promotes).toBeGreaterThan(100);
  });
});

describe('Rollback needs fresh proof of harm', () => {
  it.each(['release', 'both'] as const)('by the rule %s: enough bad events, lasting, still there', (rule) => {
    let rollbacks = 0;
    fc.assert(
      fc.property(factsFor(rule, 'harmful'), (facts) => {
        const finding = judged(facts);
        if (finding.cause !== 'burning-fast') return;
        rollbacks += 1;
        for (const id of ['1h', '1h-1', '1h-2', '5m', '5m-1', '5m-2']) expect(burn(facts, id)).toBeGreaterThan(14.4);
        expect(number(facts, 'bad', '1h')).toBeGreaterThanOrEqual(10);
        expect(lastMinutes(facts)).toBeGreaterThan(14.4);
        expect(number(facts, 'age-total', '0')).toBeLessThanOrEqual(300);
      }),
      runs,
    );
    expect(rollbacks).toBeGreaterThan(40);
  });
});

describe('Reasons', () => {
  it('do not depend on the order of the pairs, and more bad events never help', () => {
    const turned = aSloRule({ burnRates: [...(RULES.service.burnRates as readonly (typeof PAIR)[])].reverse() });
    fc.assert(
      fc.property(factsFor('service'), (facts) => {
        const { verdict } = judged(facts);
        expect(judged({ ...facts, rules: [{ name: 'errors', rule: turned }] }).verdict).toBe(verdict);
        if (verdict === 'promote') return;
        const worse = facts.measurements.map((each) =>
          each.part === 'bad' && each.measurement.kind === 'value'
            ? { ...each, measurement: value(Number(each.measurement.value) + 5) }
            : each,
        );
        expect(judged({ ...facts, measurements: worse }).verdict).not.toBe('promote');
      }),
      { numRuns: 1000 },
    );
  });
});
