import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowsAround } from '../../../src/domain/calendar/windows-around.ts';
import type { FreezeDocument } from '../../../src/domain/freeze.ts';
import { aFreeze } from '../../support/freezes.ts';

const at = (text: string) => `${text}:00.000Z`;
const span = (start: string, end: string) => ({ start: at(start), end: at(end) });

describe('where an instant stands among the windows', () => {
  const weekend = aFreeze({
    start: '2026-01-02T18:00:00',
    recurrence: { rrule: 'FREQ=WEEKLY;BYDAY=FR' },
    end: { weekday: 'MO', time: '08:00' },
  });

  it('is in one from its start until just before its end, and the next one is known', () => {
    const first = span('2026-01-02T18:00', '2026-01-05T08:00');
    const second = span('2026-01-09T18:00', '2026-01-12T08:00');
    expect(windowsAround(weekend, '2026-01-02T17:59:59.999Z')).toEqual({ active: null, next: first, known: true });
    expect(windowsAround(weekend, at('2026-01-02T18:00'))).toEqual({ active: first, next: second, known: true });
    expect(windowsAround(weekend, '2026-01-05T07:59:59.999Z')).toEqual({ active: first, next: second, known: true });
    expect(windowsAround(weekend, at('2026-01-05T08:00'))).toEqual({ active: null, next: second, known: true });
  });

  it('gives the real start and end of windows that run into each other', () => {
    const document = aFreeze({
      start: '2026-01-01T00:00:00',
      recurrence: { rrule: 'FREQ=DAILY;BYMONTH=2,3' },
      end: { duration: '25h' },
    });
    const run = span('2026-02-01T00:00', '2026-04-01T01:00');
    const next = span('2027-02-01T00:00', '2027-04-01T01:00');
    expect(windowsAround(document, at('2026-03-10T12:00'))).toEqual({ active: run, next, known: true });
    expect(windowsAround(document, at('2026-01-31T23:59')).next).toEqual(run);
  });

  it('gives the real start also when the end and the next one are near', () => {
    const days = Array.from({ length: 20 }, (_, i) => i + 1);
    const document = aFreeze({
      start: '2026-01-01T00:00:00',
      recurrence: { rrule: `FREQ=MONTHLY;BYMONTHDAY=${days},22` },
      end: { duration: '24h' },
    });
    expect(windowsAround(document, at('2026-03-20T12:00'))).toEqual({
      active: span('2026-03-01T00:00', '2026-03-21T00:00'),
      next: span('2026-03-22T00:00', '2026-03-23T00:00'),
      known: true,
    });
  });

  it('looks 400 days ahead for the next one and no further', () => {
    const yearly = aFreeze({
      start: '2028-02-29T00:00:00',
      recurrence: { rrule: 'FREQ=YEARLY' },
      end: { duration: '1d' },
    });
    const next = span('2028-02-29T00:00', '2028-03-01T00:00');
    const nothing = { active: null, next: null, known: true };
    expect(windowsAround(yearly, at('2027-01-26T00:00'))).toEqual({ active: null, next, known: true });
    expect(windowsAround(yearly, at('2027-01-24T23:00'))).toEqual(nothing);
    expect(windowsAround(yearly, at('2028-03-01T00:00'))).toEqual(nothing);
    expect(windowsAround(yearly, at('2031-06-01T00:00')).next?.start).toBe(at('2032-02-29T00:00'));
  });

  it('knows one window as a whole, however long it is and however far away', () => {
    const decade = aFreeze({ start: '2020-01-01T00:00:00', end: '2030-01-01T00:00:00' });
    const active = span('2020-01-01T00:00', '2030-01-01T00:00');
    expect(windowsAround(decade, at('2026-01-01T00:00'))).toEqual({ active, next: null, known: true });
    expect(windowsAround(decade, at('2019-12-31T00:00'))).toEqual({ active: null, next: active, known: true });
    expect(windowsAround(decade, at('2400-01-01T00:00'))).toEqual({ active: null, next: null, known: true });
  });

  it('is not known, but never outside, in windows that run into each other for ever', () => {
    const always = aFreeze({ recurrence: { cron: '0 0 * * *' }, end: { duration: '25h' } });
    const found = windowsAround(always, at('2026-06-01T12:00'));
    expect(found).toMatchObject({ known: false, next: null });
    expect(found.active?.start).toMatch(/^2025-0[34]/);
  });

  it('never throws, whatever the fields hold', () => {
    const field = fc.oneof(
      fc.anything(),
      fc.constantFrom('UTC', 'freeze', '2026-01-01T00:00:00', '0 0 * * *', 'FREQ=DAILY'),
    );
    const document = fc.record(
      {
        kind: field,
        timeZone: field,
        start: field,
        recurrence: fc.oneof(field, fc.record({ rrule: field }), fc.record({ cron: field })),
        end: fc.oneof(field, fc.record({ duration: field }), fc.record({ time: field, weekday: field })),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(document, (anything) => {
        const found = windowsAround(anything as unknown as FreezeDocument, at('2026-01-01T00:30'));
        expect(Object.keys(found)).toEqual(['active', 'next', 'known']);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, unknown]>([
    ['no document', null],
    ['an empty one', {}],
    ['an unknown zone', aFreeze({ timeZone: 'Mars/Olympus', start: '2026-01-01T00:00:00', end: { duration: '1h' } })],
    ['an unknown kind', { ...aFreeze({ start: '2026-01-01T00:00:00', end: { duration: '1h' } }), kind: 'perhaps' }],
    ['no start', aFreeze({ end: { duration: '1h' } })],
    [
      'a rule of another day',
      aFreeze({ start: '2026-01-01T00:00:00', recurrence: { rrule: 'X=1' }, end: { time: '9:00' } }),
    ],
    ['a cron nickname', aFreeze({ recurrence: { cron: '@daily' }, end: { duration: '1h' } })],
    ['an end that is none', aFreeze({ start: '2026-01-01T00:00:00', end: { time: '25:00' } })],
    [
      'a recurrence until one date',
      aFreeze({ start: '2026-01-01T00:00:00', recurrence: { rrule: 'FREQ=DAILY' }, end: '2026-02-01T00:00:00' }),
    ],
  ])('is not known for what an older version may have stored: %s', (_what, document) => {
    const nothing = { active: null, next: null, known: false };
    expect(windowsAround(document as FreezeDocument, at('2026-01-01T00:30'))).toEqual(nothing);
  });
});
