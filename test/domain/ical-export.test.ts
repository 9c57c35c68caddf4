import ICAL from 'ical.js';
import { describe, expect, it } from 'vitest';
import { windowsBetween } from '../../src/domain/calendar/windows-between.ts';
import { calendarFrom, calendarPart } from '../../src/domain/ical-export.ts';
import { freezesFromCalendar } from '../../src/domain/ical-import.ts';
import { aFreeze } from '../support/freezes.ts';

const FROM = '2026-03-01T00:00:00.000Z';
const TO = '2026-05-01T00:00:00.000Z';
const STAMP = '2026-02-03T04:05:06.789Z';

const WEEKEND = aFreeze({
  title: 'Weekend; "Ruhe", Käse \\ 💥'.repeat(6),
  scope: { services: ['pay-*', 'checkout'], rings: ['global'], labels: { tier: '1' } },
  timeZone: 'Europe/Berlin',
  start: '2026-01-02T18:00:00',
  recurrence: { rrule: 'FREQ=WEEKLY;BYDAY=FR' },
  end: { weekday: 'MO', time: '08:00' },
  exempt: ['security'],
  reason: 'Nobody is on call,\r\nsee the handbook\u0007',
});
const HOURS = aFreeze({ kind: 'allow', recurrence: { cron: '0 9 * * 1-5' }, end: { time: '17:00' } });
const FREEZES = [
  { name: 'weekend', document: WEEKEND },
  { name: 'office-hours', document: HOURS },
];

function exported(freezes = FREEZES, from = FROM, to = TO): { text: string; events: ICAL.Component[] } {
  const text = calendarFrom(freezes.map((freeze) => calendarPart(freeze, from, to, STAMP)));
  return { text, events: new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent') };
}

describe('a calendar of freezes', () => {
  it('has an event for every window, between the same instants', () => {
    const { events } = exported();
    const instants = events.map((event) => {
      const { startDate, endDate } = new ICAL.Event(event);
      return { start: startDate.toJSDate().toISOString(), end: endDate.toJSDate().toISOString() };
    });
    const windows = [WEEKEND, HOURS].flatMap((document) => windowsBetween(document, FROM, TO, 500).windows);
    expect(instants).toEqual(windows);
    expect(windows).toContainEqual({ start: '2026-03-27T17:00:00.000Z', end: '2026-03-30T06:00:00.000Z' });
  });

  it('says what it is, unharmed by what has to be escaped', () => {
    const [event] = exported().events;
    expect(event?.getFirstPropertyValue('summary')).toBe(`Freeze: ${WEEKEND.title}`);
    expect(event?.getFirstPropertyValue('description')).toBe(
      'Nobody is on call,\nsee the handbook\nServices: pay-*, checkout\nRings: global\nLabels: tier=1\nExempt: security\nConfigured as weekend',
    );
    expect(exported().events.at(-1)?.getFirstPropertyValue('summary')).toBe('Deployments allowed: office-hours');
  });

  it('has lines of at most 75 octets that end in CR LF, as RFC 5545 wants them', () => {
    const { text } = exported();
    expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    for (const line of text.split('\r\n')) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
    for (const needed of ['VERSION:2.0', 'PRODID:-//ringgate//freezes//EN', 'METHOD:PUBLISH'])
      expect(text.split('\r\n')).toContain(needed);
    expect(text).toContain('\r\nDTSTAMP:20260203T040506Z\r\nDTSTART:20260306T170000Z\r\nDTEND:20260309T070000Z\r\n');
  });

  it('gives an event the same UID each time, and no two the same', () => {
    const uids = (from: string) =>
      exported(FREEZES, from).events.map((event) => String(event.getFirstPropertyValue('uid')));
    expect(uids(FROM)).toContain('weekend-20260327T170000Z@ringgate');
    expect(new Set(uids(FROM)).size).toBe(uids(FROM).length);
    expect(uids('2026-03-28T00:00:00.000Z').every((uid) => uids(FROM).includes(uid))).toBe(true);
  });

  it('names the freezes that it does not list whole', () => {
    const old = { name: 'old', document: aFreeze({ recurrence: { cron: '@daily' }, end: { duration: '1h' } }) };
    const many = { name: 'many', document: aFreeze({ recurrence: { cron: '0 * * * *' }, end: { duration: '5m' } }) };
    const { text, events } = exported([...FREEZES, old, many]);
    expect(text.match(/X-RINGGATE-INCOMPLETE:.+/g)).toEqual([
      'X-RINGGATE-INCOMPLETE:old',
      'X-RINGGATE-INCOMPLETE:many',
    ]);
    expect(events.filter((event) => String(event.getFirstPropertyValue('uid')).startsWith('many-'))).toHaveLength(500);
  });

  it('is a calendar also when there is nothing in it', () => {
    expect(exported([]).events).toEqual([]);
  });

  it('comes back through the import with the same windows', () => {
    const scope = { services: ['*'], rings: ['*'] };
    const imported = freezesFromCalendar(exported().text, { kind: 'freeze', scope, prefix: 'back' });
    if ('errors' in imported) throw new Error(JSON.stringify(imported.errors));
    const back = imported.freezes.flatMap(
      ({ document }) => windowsBetween(document, '2020-01-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z', 9).windows,
    );
    expect(back).toEqual([WEEKEND, HOURS].flatMap((document) => windowsBetween(document, FROM, TO, 500).windows));
  });
});
