import { describe, expect, it } from 'vitest';
import { countDoubts } from '../../src/domain/count-doubts.ts';
import { evaluateGate } from '../../src/domain/gate.ts';
import { questionsFor } from '../../src/domain/questions.ts';
import type { RuleDocument } from '../../src/domain/rule.ts';
import { aRule } from '../support/builders.ts';
import { aSituation } from '../support/situation.ts';

const X = 'sum(increase(x{version="${version}"}[${window}]))';
const Y = 'sum(increase(y{version="${version}"}[${window}]))';
const ratio = (parts: { readonly bad?: string; readonly good?: string }): RuleDocument =>
  aRule({ indicator: { kind: 'ratio', provider: 'main', total: X, ...parts } });

describe('A warning about a count', () => {
  it.each([
    ['a difference', ratio({ bad: `${X} - ${Y}` }), 'state good instead'],
    [
      'what is empty for other reasons',
      ratio({ bad: 'sum by (a) (increase(x[${window}])) + sum by (a) (increase(y[${window}]))' }),
      'write it as a sum',
    ],
    [
      'series that are paired',
      ratio({ bad: 'sum(increase(x[${window}]) + increase(y[${window}]))' }),
      'sum(a) + sum(b)',
    ],
    ['a whole bucket', ratio({ bad: 'sum(increase(x_bucket{le="1"}[${window}]))' }), 'le=~"1|1.0"'],
    ['counters that begin above 0', ratio({ good: Y }), 'export every counter at 0'],
  ])('is given of %s', (_what, rule, text) => {
    expect(countDoubts(rule, 'release').join('\n')).toContain(text);
  });

  it('is not given of a plain sum, nor of a bucket that is written in one way', () => {
    expect(countDoubts(ratio({ bad: `${X} + ${Y}` }), 'release')).toEqual([]);
    const buckets = 'sum(increase(x_bucket{le="0.5"}[${window}])) + sum(increase(x_bucket{le=~"1|1.0"}[${window}]))';
    expect(countDoubts(ratio({ bad: buckets }), 'release')).toEqual([]);
  });
});

describe('A rule that was saved before its query was refused', () => {
  const findingOf = (rule: RuleDocument, v: 1 | 2) => {
    const situation = {
      ...aSituation({ rule, at: '2026-11-22T10:00:00.000Z', liveAt: '2026-11-22T08:00:00.000Z' }),
      v,
    };
    const measurements = questionsFor(situation).ask.map((question) => {
      const value = question.part === 'total' ? '10260' : question.part === 'bad' ? '0.088' : '1';
      return { ...question, measurement: { kind: 'value' as const, value }, infos: [] };
    });
    return evaluateGate({ ...situation, measurements }).findings.find(({ check }) => check === 'rule');
  };

  it.each([
    ratio({ bad: `${X} / ${Y}` }),
    ratio({ bad: 'sum(increase(x{version="${version}",pod="{{ pod }}"}[${window}]))' }),
  ])('holds until somebody writes it anew, and is judged as it was in what was recorded before', (rule) => {
    expect(findingOf(rule, 2)).toMatchObject({ verdict: 'hold', cause: 'invalid-rule', clears: 'by-person' });
    expect(findingOf(rule, 1)).toMatchObject({ verdict: 'promote', cause: 'objective-met' });
  });
});
