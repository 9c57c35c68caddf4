import { describe, expect, it } from 'vitest';
import { EarlierAnswers } from '../../src/app/earlier-answers.ts';
import type { Measured, MetricQuestion } from '../../src/domain/measurement.ts';

const QUESTION: MetricQuestion = {
  id: 'health/canary/good/0',
  provider: 'main',
  query: '/api/v1/slo/0123456789abcdef0123456789abcdef/history',
  windowMs: 600_000,
  part: 'good',
  at: '2026-11-22T10:00:00.000Z',
};
const MEASURED: Measured = { ...QUESTION, measurement: { kind: 'value', value: '990' }, infos: [] };
const configured = (url: string) => [{ name: 'main', provider: { kind: 'prometheus', url } as const }];
const MAIN = configured('http://one');

describe('An answer from before', () => {
  const earlier = new EarlierAnswers(MAIN, [MEASURED]);

  it('is given again under the id of whoever asks the same', () => {
    expect(earlier.to(MAIN, { ...QUESTION, id: 'other' })).toEqual({ ...MEASURED, id: 'other' });
  });

  it.each<[string, Partial<MetricQuestion>]>([
    ['query', { query: 'up' }],
    ['instant', { at: '2026-11-22T10:00:10.000Z' }],
    ['window', { windowMs: 300_000 }],
    ['provider', { provider: 'other' }],
    // Good and all events of an SLO, and their age, are told by one request.
    ['part', { part: 'total' }],
    ['part again', { part: 'age' }],
  ])('is none for another %s', (_title, change) => {
    expect(earlier.to(MAIN, { ...QUESTION, ...change })).toBeUndefined();
  });

  it('is none when the provider is configured differently by now', () => {
    expect(earlier.to(configured('http://two'), QUESTION)).toBeUndefined();
  });
});
