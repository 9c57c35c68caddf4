import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FreezeScope } from '../../src/domain/freeze.ts';
import { covers } from '../../src/domain/freeze-scope.ts';
import { aFreeze } from '../support/freezes.ts';

const TARGET = { service: 'pay-api', ring: 'global', labels: { tier: '1', region: 'eu' } };

function isCovered(scope: Partial<FreezeScope>): boolean {
  return covers(aFreeze({ end: '', scope: { services: ['*'], rings: ['*'], ...scope } }), TARGET);
}

describe('the scope of a freeze', () => {
  it.each<[boolean, Partial<FreezeScope>]>([
    [true, {}],
    [true, { services: ['pay-api'], rings: ['canary', 'global'] }],
    [false, { services: ['pay'] }],
    [false, { services: ['pay-api-2'] }],
    [false, { services: [] }],
    [false, { rings: ['canary'] }],
    [true, { services: ['pay-*'] }],
    [true, { services: ['*-api'] }],
    [true, { services: ['p*y*i'] }],
    [true, { services: ['pay-api*'] }],
    [false, { services: ['pay-api-*'] }],
    [false, { services: ['*-api-*api'] }],
    [false, { services: ['p.y-api'] }],
    [true, { labels: { tier: '1' } }],
    [true, { labels: { tier: '1', region: '*' } }],
    [false, { labels: { tier: '2' } }],
    [false, { labels: { tier: '1', team: '*' } }],
    [false, { labels: { constructor: '*' } }],
    [false, { labels: { tier: '*1' } }],
  ])('covers %s for %j', (expected, scope) => {
    expect(isCovered(scope)).toBe(expected);
  });

  it('matches a pattern exactly as a regular expression would', () => {
    const text = (characters: string, maxLength: number) =>
      fc.string({ unit: fc.constantFrom(...characters), maxLength });
    fc.assert(
      fc.property(text('ab*', 6), text('ab', 8), (pattern, service) => {
        const document = aFreeze({ end: '', scope: { services: [pattern], rings: ['*'] } });
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(service);
        expect(covers(document, { ...TARGET, service })).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});
