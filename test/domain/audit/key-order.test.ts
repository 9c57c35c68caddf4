import { describe, expect, it } from 'vitest';
import { keyOrder } from '../../../src/domain/audit/key-order.ts';

describe('The order of keys', () => {
  it('is that of their UTF-16 code units, for keys it has seen and for those it has not', () => {
    const orderOf = keyOrder((key) => `<${key}>`);
    for (const keys of [['b', 'a'], ['b'], ['b', 'a', '\ud83d\ude00', '\ufffd', 'A', '10', '9'], []]) {
      const sorted = [...keys].sort().map((key) => ({ key, label: `<${key}>` }));
      expect([orderOf(keys), orderOf(keys)]).toEqual([sorted, sorted]);
    }
  });

  it('is still right when more keys have come than it remembers, and then remembers no more', () => {
    const orderOf = keyOrder((key) => key);
    const many = Array.from({ length: 6000 }, (_, i) => [`k${i}`, 'a']);
    expect(many.every((keys) => orderOf(keys)[0]?.key === 'a')).toBe(true);
    const twice = (keys: string[]) => [orderOf(keys), orderOf(keys)] as const;
    const [[known, knownAgain], [late, lateAgain]] = [twice(['k0', 'a']), twice(['k5999', 'a'])];
    expect([known === knownAgain, late === lateAgain]).toEqual([true, false]);
  });
});
