import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/domain/decision.ts';
import type { Question } from '../../src/domain/facts.ts';
import type { Evidence } from '../../src/domain/finding.ts';
import { type Finding, holds } from '../../src/domain/finding.ts';
import { areAlike, type Comparable } from '../../src/domain/likeness.ts';

const question: Question = {
  service: 'checkout',
  version: '1',
  ring: 'early',
  stage: 'enter',
  change: 'standard',
  dryRun: false,
  artifact: null,
  mayDeploy: true,
};

function told(evidence: Evidence, clearsAt?: string): Comparable {
  const findings = [holds({ check: 'rule', rule: 'errors', ring: 'canary' }, 'no-data', 'by-data', evidence, clearsAt)];
  const decision = { verdict: 'hold', findings, live: ['canary'], rollback: null } as unknown as Decision;
  return { question, decision, policyVersion: 'sha256:0' };
}

describe('two holds', () => {
  it.each([
    ['counts', { total: '12', list: ['1.5e-7', '-3'] }, { total: '13', list: ['0', '4'] }],
    ['instants', { at: '2026-11-22T10:00:00.000Z' }, { at: '2026-11-22T10:00:10.000Z' }],
    ['durations', { served: '3m' }, { served: '1h3m' }],
    ['filled queries', { queries: { bad: 'x[3m]' } }, { queries: { bad: 'x[4m]' } }],
  ])('are alike when only %s differ', (_, one, other) => {
    expect(areAlike(told(one), told(other))).toBe(true);
  });

  it.each([
    ['a word', { reason: 'empty' }, { reason: 'zero' }],
    ['a name that looks like a number', { occupant: '7' }, { occupant: '8' }],
    ['a name in a list', { askers: ['1'] }, { askers: ['2'] }],
    ['whether there is a number at all', { total: '12' }, { total: null }],
    ['how many there are', { list: ['1'] }, { list: ['1', '2'] }],
    ['a truth', { reachable: true }, { reachable: false }],
  ])('are not when %s differs', (_, one, other) => {
    expect(areAlike(told(one), told(other))).toBe(false);
  });

  it('are not alike under another policy, for another question, verdict, ring or finding', () => {
    const one = told({});
    const { decision } = one;
    const finding = decision.findings[0] as Finding;
    const others: Comparable[] = [
      { ...one, policyVersion: 'sha256:1' },
      { ...one, question: { ...question, version: '2' } },
      { ...one, question: { ...question, artifact: 'sha256:2' } },
      { ...one, decision: { ...decision, verdict: 'rollback' } },
      { ...one, decision: { ...decision, live: ['early'] } },
      { ...one, decision: { ...decision, rollback: { rings: ['early'], to: {} } } },
      { ...one, decision: { ...decision, findings: [] } },
      { ...one, decision: { ...decision, findings: [{ ...finding, cause: 'stale-data' }] } },
      { ...one, decision: { ...decision, findings: [{ ...finding, clears: 'by-person' }] } },
    ];
    expect(others.map((other) => [areAlike(one, other), areAlike(other, one)])).toEqual(
      others.map(() => [false, false]),
    );
    expect(areAlike(one, structuredClone(one))).toBe(true);
  });

  it('are alike whenever they clear, but not when only one is known to', () => {
    expect(areAlike(told({}, '2026-11-22T10:00:00.000Z'), told({}, '2026-11-22T11:00:00.000Z'))).toBe(true);
    expect(areAlike(told({}, '2026-11-22T10:00:00.000Z'), told({}))).toBe(false);
  });
});
