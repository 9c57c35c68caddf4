import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../src/domain/plan-check.ts';
import { planOf, predecessorsOf, type RingDocument, type ServiceDocument } from '../../src/domain/service.ts';

const ring = (name: string, more: Partial<RingDocument> = {}): RingDocument => ({ name, bake: '15m', ...more });
const THREE = [
  ring('canary', { exposure: 0.01 }),
  ring('early', { exposure: 0.09 }),
  ring('global', { exposure: 0.9 }),
];

function pointers(document: Partial<ServiceDocument>): string[] {
  return checkPlan({ rings: THREE, ...document }).map((error) => error.pointer);
}

describe('a ring plan', () => {
  it('is accepted when everything is in order', () => {
    const parallel = [
      ring('canary', { bake: '0s' }),
      ring('eu', { after: ['canary'] }),
      ring('us', { after: ['canary'] }),
    ];
    const all = [...parallel, ring('rest', { after: ['eu', 'us'], labels: { region: 'us-east-1', _x: 'é 💥' } })];
    expect(checkPlan({ labels: { tier: '1' }, rollbackWithin: '1h', rings: all })).toEqual([]);
    expect(pointers({})).toEqual([]);
  });

  it.each<[string, Partial<ServiceDocument>, string[]]>([
    ['no ring', { rings: [] }, ['/rings']],
    ['a ring twice', { rings: [ring('a'), ring('a')] }, ['/rings/1/name']],
    ['a name that is none', { rings: [ring('-a')] }, ['/rings/0/name']],
    ['an unknown ring before it', { rings: [ring('a', { after: ['b'] })] }, ['/rings/0/after/0']],
    ['a ring before itself', { rings: [ring('a', { after: ['a'] })] }, ['/rings/0/after/0']],
    ['a ring before it twice', { rings: [ring('a'), ring('b', { after: ['a', 'a'] })] }, ['/rings/1/after/1']],
    [
      'shares of more than the fleet',
      { rings: [ring('a', { exposure: 0.6 }), ring('b', { exposure: 0.6 })] },
      ['/rings'],
    ],
    ['a share above one', { rings: [ring('a', { exposure: 1.5 })] }, ['/rings/0/exposure', '/rings']],
    ['a share below zero', { rings: [ring('a', { exposure: -0.1 })] }, ['/rings/0/exposure']],
    ['a bake that is no duration', { rings: [ring('a', { bake: '15' })] }, ['/rings/0/bake']],
    ['no time for rolling back', { rollbackWithin: '0s' }, ['/rollbackWithin']],
    ['no time for deploying', { deploymentTimeout: '0s' }, ['/deploymentTimeout']],
    ['a proofFor that is no duration', { proofFor: 'long' }, ['/proofFor']],
    ['a rollbackWithin that is no duration', { rollbackWithin: 'soon' }, ['/rollbackWithin']],
    ['a label name with a slash', { labels: { 'a/b~c': 'x' } }, ['/labels/a~1b~0c']],
    [
      'a label name that begins with a digit',
      { rings: [ring('a', { labels: { '1a': 'x' } })] },
      ['/rings/0/labels/1a'],
    ],
    ['an empty label value', { labels: { a: '' } }, ['/labels/a']],
    ['half a surrogate pair in a label', { labels: { a: '\ud800' } }, ['/labels/a']],
    ['a control character in a label', { labels: { a: 'x\ny' } }, ['/labels/a']],
    ['a label value that is too long', { labels: { a: 'x'.repeat(257) } }, ['/labels/a']],
  ])('is refused with %s', (_what, document, expected) => {
    expect(pointers(document)).toEqual(expected);
  });

  it('may have shares that add up to the whole fleet only but for rounding', () => {
    const shares = [0.05, 0.55, 0.13, 0.19, 0.08];
    expect(pointers({ rings: shares.map((exposure, i) => ring(`r${i}`, { exposure })) })).toEqual([]);
  });

  it('names the rings of a cycle', () => {
    const rings = [ring('a', { after: ['c'] }), ring('b'), ring('c', { after: ['b'] }), ring('d', { after: ['c'] })];
    expect(checkPlan({ rings })).toEqual([
      { pointer: '/rings/0/after', message: 'these rings wait for each other: a after c after b after a' },
    ]);
  });

  it('tells every mistake at once', () => {
    const rings = [ring('A', { bake: 'x' }), ring('b', { after: ['z'], labels: { a: '' } })];
    expect(pointers({ rings, labels: { '': 'x' } })).toHaveLength(5);
  });

  it('has no cycle exactly when no ring is among its own predecessors', () => {
    const names = ['a', 'b', 'c', 'd'];
    const after = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 });
    fc.assert(
      fc.property(fc.tuple(after, after, after, after), (lists) => {
        const rings = names.map((name, i) =>
          ring(name, { after: (lists[i] ?? []).filter((before) => before !== name) }),
        );
        const plan = planOf({ rings });
        const cyclic = names.some((name) => predecessorsOf(plan, name).some((before) => before.name === name));
        expect(checkPlan({ rings }).length > 0).toBe(cyclic);
      }),
    );
  });
});
