import { describe, expect, it } from 'vitest';
import { kept } from '../../src/domain/kept.ts';

describe('A kept answer', () => {
  it('is worked out once for as long as it is kept, and no more than so many are', () => {
    const asked: string[] = [];
    const length = kept((text) => {
      asked.push(text);
      return { length: text.length };
    }, 2);
    expect([length('a'), length('bb'), length('a')].map((one) => one.length)).toEqual([1, 2, 1]);
    expect(asked).toEqual(['a', 'bb']);
    for (const text of ['ccc', 'a', 'ccc']) length(text);
    expect(asked).toEqual(['a', 'bb', 'ccc', 'a']);
  });
});
