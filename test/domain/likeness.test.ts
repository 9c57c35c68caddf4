import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/domain/decision.ts';
import type { Question } from '../../src/domain/facts.ts';
import type { Evidence } from '../../src/domain/finding.ts';
import { holds } from '../../src/domain/finding.ts';
import { likenessOf } from '../../src/domain/likeness.ts';

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

function likeness(evidence: Evidence, clearsAt?: string): string {
  const findings = [holds({ check: 'rule', rule: 'errors', ring: 'canary' }, 'no-data', 'by-data', evidence, clearsAt)];
  const decision = { verdict: 'hold', findings, live: ['canary'], rollback: null } as unknown as Decision;
  return likenessOf({ question, decision, policyVersion: 'sha256:0' });
}

describe('two holds', () => {
  it.each([
    ['counts', { total: '12', list: ['1.5e-7', '-3'] }, { total: '13', list: ['0', '4'] }],
    ['instants', { at: '2026-11-22T10:00:00.000Z' }, { at: '2026-11-22T10:00:10.000Z' }],
    ['durations', { served: '3m' }, { served: '1h3m' }],
    ['filled queries', { queries: { bad: 'x[3m]' } }, { queries: { bad: 'x[4m]' } }],
  ])('are alike when only %s differ', (_, one, other) => {
    expect(likeness(one)).toBe(likeness(other));
  });

  it.each([
    ['a word', { reason: 'empty' }, { reason: 'zero' }],
    ['a name that looks like a number', { occupant: '7' }, { occupant: '8' }],
    ['a name in a list', { askers: ['1'] }, { askers: ['2'] }],
    ['whether there is a number at all', { total: '12' }, { total: null }],
    ['how many there are', { list: ['1'] }, { list: ['1', '2'] }],
    ['a truth', { reachable: true }, { reachable: false }],
  ])('are not when %s differs', (_, one, other) => {
    expect(likeness(one)).not.toBe(likeness(other));
  });

  it('are alike whenever they clear, but not when only one is known to', () => {
    expect(likeness({}, '2026-11-22T10:00:00.000Z')).toBe(likeness({}, '2026-11-22T11:00:00.000Z'));
    expect(likeness({}, '2026-11-22T10:00:00.000Z')).not.toBe(likeness({}));
  });
});
