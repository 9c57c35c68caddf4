import { describe, expect, it } from 'vitest';
import { merged } from '../../../src/domain/calendar/window.ts';

const spans = (...pairs: readonly (readonly [number, number])[]) => pairs.map(([start, end]) => ({ start, end }));

describe('spans that are merged', () => {
  it.each([
    [spans(), spans()],
    [spans([1, 2], [3, 4]), spans([1, 2], [3, 4])],
    [spans([3, 4], [1, 2]), spans([1, 2], [3, 4])],
    [spans([1, 2], [2, 3]), spans([1, 3])],
    [spans([1, 3], [2, 4]), spans([1, 4])],
    [spans([1, 9], [2, 3], [8, 10]), spans([1, 10])],
    [spans([1, 9], [2, 3]), spans([1, 9])],
  ])('%j become %j', (given, expected) => {
    expect(merged(given)).toEqual(expected);
  });
});
