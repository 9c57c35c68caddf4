import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rememberWindows, type WindowsAt, windowsAt } from '../../src/app/freeze-windows.ts';
import type { FreezeDocument } from '../../src/domain/freeze.ts';
import { instant } from '../../src/domain/instant.ts';
import { anHourOff, aWeekend } from '../support/builders.ts';

/** Counts how often it is worked out. */
function counted(most: number): { readonly at: WindowsAt; calls(): number } {
  let calls = 0;
  const at = rememberWindows((document, instantAt) => {
    calls += 1;
    return windowsAt(document, instantAt);
  }, most);
  return { at, calls: () => calls };
}

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-22T10:00:00Z');
const { start: _, ...mornings } = anHourOff({ recurrence: { cron: '0 9 * * *' }, end: { time: '11:00' } });
const documents: readonly FreezeDocument[] = [
  anHourOff(),
  anHourOff({ start: '2028-06-01T00:00:00', end: '2028-06-02T00:00:00' }),
  anHourOff({ timeZone: 'Pacific/Kiritimati', start: '2026-11-20T00:00', end: '2026-11-26T00:00' }),
  anHourOff({
    kind: 'allow',
    timeZone: 'Australia/Lord_Howe',
    start: '2026-11-22T12:00:00',
    end: '2026-11-29T12:00:00',
  }),
  aWeekend(),
  aWeekend({ kind: 'allow', timeZone: 'America/New_York' }),
  mornings,
  anHourOff({ recurrence: { rrule: 'FREQ=DAILY;COUNT=3' }, end: { duration: '30m' } }),
  anHourOff({ start: '2026-11-22T11:00:00', recurrence: { rrule: 'FREQ=YEARLY;INTERVAL=2' }, end: { duration: '1h' } }),
  anHourOff({ timeZone: 'Mars/Olympus' }),
];

describe('remembered windows', () => {
  it('are those that would be worked out, in whatever order freezes and instants come', () => {
    const hours = fc.oneof(fc.integer({ min: -48, max: 240 }), fc.integer({ min: 0, max: 24 * 900 }));
    const asks = fc.array(fc.tuple(fc.nat({ max: documents.length - 1 }), hours), { maxLength: 25 });
    fc.assert(
      fc.property(asks, (sequence) => {
        const remembered = rememberWindows(windowsAt, 4);
        for (const [which, hour] of sequence) {
          const document = documents[which] as FreezeDocument;
          const at = instant(NOW + hour * HOUR);
          expect(remembered(document, at)).toEqual(windowsAt(document, at));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are worked out anew exactly when a window ends or the next begins', () => {
    const { at, calls } = counted(10);
    const asked = (text: string) => {
      at(aWeekend(), text);
      return calls();
    };
    expect([asked('2026-11-22T10:00:00.000Z'), asked('2026-11-23T06:59:59.999Z')]).toEqual([1, 1]);
    expect([asked('2026-11-23T07:00:00.000Z'), asked('2026-11-27T16:59:59.999Z')]).toEqual([2, 2]);
    expect(asked('2026-11-27T17:00:00.000Z')).toBe(3);
    expect(asked('2026-11-27T16:59:59.999Z')).toBe(4);
  });

  it('are shared by freezes with the same calendar, and by no others', () => {
    const { at, calls } = counted(10);
    const now = instant(NOW);
    at(aWeekend({ title: 'one' }), now);
    at(aWeekend({ title: 'another', reason: 'why', exempt: ['security'] }), now);
    expect(calls()).toBe(1);
    at(aWeekend({ kind: 'allow' }), now);
    at(aWeekend({ timeZone: 'Europe/London' }), now);
    at(aWeekend({ end: { weekday: 'MO', time: '09:00' } }), now);
    expect(calls()).toBe(4);
  });

  it('are no more than they may be: the oldest makes room', () => {
    const { at, calls } = counted(2);
    const of = (minute: number) => at(aWeekend({ end: { time: `08:0${minute}` } }), instant(NOW));
    for (const minute of [1, 2, 3, 2, 3]) of(minute);
    expect(calls()).toBe(3);
    of(1);
    expect(calls()).toBe(4);
  });

  it('of something that is over are never worked out again', () => {
    const { at, calls } = counted(10);
    for (const month of ['05', '06', '11'])
      at(anHourOff({ start: '2026-01-01T00:00:00', end: '2026-01-02T00:00:00' }), `2026-${month}-22T10:00:00.000Z`);
    expect(calls()).toBe(1);
  });

  it('of something that is too far ahead to be seen are seen once it comes nearer', () => {
    const { at } = counted(10);
    const far = anHourOff({ start: '2028-06-01T00:00:00', end: '2028-06-02T00:00:00' });
    expect(at(far, '2026-11-22T10:00:00.000Z').next).toBeNull();
    expect(at(far, '2027-11-22T10:00:00.000Z').next?.start).toBe('2028-06-01T00:00:00.000Z');
  });

  it('are worked out every time while they are not known', () => {
    const { at, calls } = counted(10);
    const broken = anHourOff({ timeZone: 'Mars/Olympus' });
    expect([at(broken, instant(NOW)).known, at(broken, instant(NOW)).known, calls()]).toEqual([false, false, 2]);
  });
});
