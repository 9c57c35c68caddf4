import { describe, expect, it } from 'vitest';
import { isTimeZone, localTime } from '../../../src/domain/calendar/zone.ts';

describe('a time zone', () => {
  it('is every one that this machine knows, by its name', () => {
    expect(
      [...Intl.supportedValuesOf('timeZone'), 'UTC', 'US/Eastern', 'Asia/Calcutta'].filter((z) => !isTimeZone(z)),
    ).toEqual([]);
  });

  it.each([
    '',
    'Z',
    '+01:00',
    'UTC+1',
    'Mars/Olympus',
    'W. Europe Standard Time',
    'Europe/Berlin ',
    '2026-01-01T00:00[UTC]',
  ])('is not %j', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});

describe('a local time for people', () => {
  it.each([
    ['2026-01-02T17:00:00.000Z', 'Europe/Berlin', '2026-01-02T18:00:00+01:00[Europe/Berlin]'],
    ['2026-10-25T00:30:00.000Z', 'Europe/Berlin', '2026-10-25T02:30:00+02:00[Europe/Berlin]'],
    ['2026-10-25T01:30:00.000Z', 'Europe/Berlin', '2026-10-25T02:30:00+01:00[Europe/Berlin]'],
    ['2026-01-01T00:00:00.999Z', 'UTC', '2026-01-01T00:00:00+00:00[UTC]'],
    ['2026-01-01T00:00:00.000Z', 'Asia/Kathmandu', '2026-01-01T05:45:00+05:45[Asia/Kathmandu]'],
    ['2026-01-01T00:00:00.000Z', 'Mars/Olympus', '2026-01-01T00:00:00.000Z'],
  ])('%s in %s is %s', (at, zone, expected) => {
    expect(localTime(at, zone)).toBe(expected);
  });
});
