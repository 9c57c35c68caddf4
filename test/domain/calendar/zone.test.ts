import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { isTimeZone, localTime, resolverOf } from '../../../src/domain/calendar/zone.ts';

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
    'Europe/Atlantis',
    'W. Europe Standard Time',
    'Europe/Berlin ',
    '2026-01-01T00:00[UTC]',
  ])('is not %j', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});

describe('the instant of a local time', () => {
  const CHANGES = [
    ['Europe/Berlin', '2026-03-29T02:00:00'],
    ['Europe/Berlin', '2026-10-25T03:00:00'],
    ['Australia/Lord_Howe', '2026-04-05T02:00:00'],
    ['America/Santiago', '2026-09-06T00:00:00'],
    ['Pacific/Apia', '2011-12-30T12:00:00'],
    ['America/Juneau', '1867-10-18T12:00:00'],
    ['Asia/Kathmandu', '1986-01-01T00:00:00'],
  ] as const;

  it('is what Temporal says, whatever was asked before and however near a change is', () => {
    const minutes = fc.array(fc.integer({ min: -6000, max: 6000 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(...CHANGES), minutes, ([zone, change], offsets) => {
        const resolve = resolverOf(zone);
        for (const disambiguation of ['earlier', 'later'] as const) {
          for (const minute of offsets) {
            const local = Temporal.PlainDateTime.from(change).add({ minutes: minute });
            const asked = resolve(Date.parse(`${local}Z`), disambiguation);
            expect(asked).toBe(local.toZonedDateTime(zone, { disambiguation }).epochMilliseconds);
          }
        }
      }),
    );
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
