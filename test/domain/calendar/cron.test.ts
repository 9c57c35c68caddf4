import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronMistakes, cronStarts } from '../../../src/domain/calendar/cron.ts';

const FROM = Date.UTC(2027, 11, 30, 11, 59);

describe('the starts of a cron expression', () => {
  it('are those that croner would run at where no clock changes', () => {
    const list = (min: number, max: number) =>
      fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 4 }).map(String);
    const field = (min: number, max: number) =>
      fc.oneof(
        fc.constant('*'),
        list(min, max),
        fc
          .tuple(fc.integer({ min, max }), fc.integer({ min, max }), fc.integer({ min: 1, max: 5 }))
          .map(([a, b, step]) => `${Math.min(a, b)}-${Math.max(a, b)}/${step}`),
      );
    fc.assert(
      fc.property(fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7)), (fields) => {
        const text = fields.join(' ');
        fc.pre(cronMistakes(text).length === 0);
        const to = FROM + 90 * 86_400_000;
        const runs = new Cron(text, { timezone: 'UTC', paused: true }).nextRuns(200, new Date(FROM - 1000));
        const expected = runs.map(Number).filter((at) => at < to);
        const starts = cronStarts(text, null).between(FROM, to) ?? [];
        expect(starts.slice(0, expected.length)).toEqual(expected);
        if (expected.length < 200) expect(starts).toHaveLength(expected.length);
      }),
    );
  });
});
