import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMs, formatDuration, parseDuration, roughDuration } from '../../src/domain/duration.ts';

const anyMs = fc.integer({ min: 0, max: 10 ** 14 });

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['30d', 2_592_000_000],
    ['1w', 604_800_000],
    ['1y', 31_536_000_000],
    ['1m1ms', 60_001],
    ['0s', 0],
  ])('is read as Prometheus reads it: %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '5', 's', '1.5h', '-5m', '5m1h', '5m5m', '5 m', ' 5m', '5M', '999999999999y', '5m\n'])(
    'is not %j',
    (text) => {
      expect(parseDuration(text)).toBeNull();
      expect(() => durationMs(text)).toThrow(RangeError);
    },
  );

  it('comes back from its text', () => {
    fc.assert(fc.property(anyMs, (ms) => parseDuration(formatDuration(ms)) === ms));
  });

  it('has one shortest text', () => {
    fc.assert(fc.property(anyMs, (ms) => formatDuration(durationMs(formatDuration(ms))) === formatDuration(ms)));
  });

  it('is ordered as its milliseconds are', () => {
    fc.assert(
      fc.property(anyMs, anyMs, (a, b) => a < b === durationMs(formatDuration(a)) < durationMs(formatDuration(b))),
    );
  });

  it('is never negative', () => {
    expect(formatDuration(-1)).toBe('0s');
  });

  it('reads roughly in sentences, never longer than it is', () => {
    expect(roughDuration(3_723_000)).toBe('1h2m');
    expect(roughDuration(999)).toBe('0s');
    fc.assert(fc.property(anyMs, (ms) => durationMs(roughDuration(ms)) <= ms));
  });
});
