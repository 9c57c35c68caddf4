import { expect, it } from 'vitest';
import { inTurns } from '../../src/app/in-turns.ts';

it('work in turns is done in order, and others are served in between', async () => {
  const served: string[] = [];
  const other = (async () => {
    for (const turn of ['x', 'y']) {
      await new Promise((resolve) => setImmediate(resolve));
      served.push(turn);
    }
  })();
  const results = await inTurns([1, 2, 3, 4], (item) => {
    served.push(String(item));
    return item * 10;
  });
  await other;
  expect(results).toEqual([10, 20, 30, 40]);
  expect(served.indexOf('y')).toBeLessThan(served.indexOf('4'));
});
