import { describe, expect, it } from 'vitest';
import { windowsBetween } from '../../src/domain/calendar/windows-between.ts';
import type { FreezeDocument } from '../../src/domain/freeze.ts';
import { checkFreeze } from '../../src/domain/freeze-check.ts';
import { freezesFromCalendar, type ImportOptions } from '../../src/domain/ical-import.ts';
import { isName } from '../../src/domain/release.ts';

const OPTIONS: ImportOptions = { kind: 'freeze', scope: { services: ['*'], rings: ['global'] }, prefix: 'ops' };
const BERLIN = ';TZID=Europe/Berlin:';
const DAYS = 'DTSTART;VALUE=DATE:20261224';

function calendar(events: readonly (readonly string[])[], head: readonly string[] = []): string {
  const lines = events.flatMap((event) => ['BEGIN:VEVENT', ...event, 'END:VEVENT']);
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...head, ...lines, 'END:VCALENDAR', ''].join('\r\n');
}

/** The documents of a calendar that is taken. */
function taken(text: string, options: Partial<ImportOptions> = {}): readonly FreezeDocument[] {
  const imported = freezesFromCalendar(text, { ...OPTIONS, ...options });
  if ('errors' in imported) throw new Error(JSON.stringify(imported.errors));
  for (const { name, document } of imported.freezes) {
    expect(isName(name)).toBe(true);
    expect(checkFreeze(document)).toEqual([]);
  }
  return imported.freezes.map(({ document }) => document);
}

function refused(text: string, options: Partial<ImportOptions> = {}): string {
  const imported = freezesFromCalendar(text, { ...OPTIONS, ...options });
  expect(Object.keys(imported)).toEqual(['errors']);
  return 'errors' in imported ? imported.errors.map((error) => `${error.pointer} ${error.message}`).join('\n') : '';
}

function names(events: readonly (readonly string[])[]): readonly string[] {
  const imported = freezesFromCalendar(calendar(events), OPTIONS);
  return 'freezes' in imported ? imported.freezes.map(({ name }) => name) : [];
}

/** The times of one event of these lines. */
function times(...lines: readonly string[]) {
  const [document] = taken(calendar([['UID:1', ...lines]]), { timeZone: 'Europe/Berlin' });
  const { start, end, recurrence, timeZone } = document ?? {};
  return { start, end, ...(recurrence && { recurrence }), ...(timeZone !== 'Europe/Berlin' && { timeZone }) };
}

function mistake(...lines: readonly string[]): string {
  return refused(calendar([['UID:1', 'SUMMARY:Party', ...lines]]), { timeZone: 'Europe/Berlin' });
}

describe('an imported event', () => {
  it('becomes a freeze with what was said for all of them', () => {
    const text = calendar([
      [
        `DTSTART${BERLIN}20260102T180000`,
        `DTEND${BERLIN}20260105T080000`,
        'UID:a@example.com',
        'SUMMARY:Week',
        ' end\\, quiet',
      ],
    ]);
    expect(freezesFromCalendar(text, { ...OPTIONS, exempt: ['security'], reason: 'On the calendar' })).toEqual({
      freezes: [
        {
          name: expect.stringMatching(/^ops-a-example-com-[0-9a-f]{8}$/),
          document: {
            title: 'Weekend, quiet',
            kind: 'freeze',
            scope: OPTIONS.scope,
            timeZone: 'Europe/Berlin',
            start: '2026-01-02T18:00:00',
            end: '2026-01-05T08:00:00',
            exempt: ['security'],
            reason: 'On the calendar',
          },
        },
      ],
    });
  });

  it.each<[string, readonly string[], object]>([
    [
      'UTC',
      ['DTSTART:20260102T170000Z', 'DTEND:20260103T170000Z'],
      { start: '2026-01-02T17:00:00', end: '2026-01-03T17:00:00', timeZone: 'UTC' },
    ],
    [
      'two zones',
      [`DTSTART${BERLIN}20260102T180000`, 'DTEND;TZID=America/New_York:20260102T180000'],
      { start: '2026-01-02T18:00:00', end: { duration: '6h' } },
    ],
    [
      'a duration',
      [`DTSTART${BERLIN}20260102T180000`, 'DURATION:PT62H'],
      { start: '2026-01-02T18:00:00', end: { duration: '2d14h' } },
    ],
    [
      'days of the calendar',
      [`DTSTART${BERLIN}20260328T180000`, 'DURATION:P1D'],
      { start: '2026-03-28T18:00:00', end: '2026-03-29T18:00:00' },
    ],
    [
      'days and hours over a change',
      [`DTSTART${BERLIN}20260328T180000`, 'DURATION:P1DT2H'],
      { start: '2026-03-28T18:00:00', end: { duration: '1d1h' } },
    ],
    ['a day', [DAYS], { start: '2026-12-24T00:00:00', end: '2026-12-25T00:00:00' }],
    ['three days', [DAYS, 'DTEND;VALUE=DATE:20261227'], { start: '2026-12-24T00:00:00', end: '2026-12-27T00:00:00' }],
  ])('may be a single one: %s', (_what, lines, expected) => {
    expect(times(...lines)).toEqual(expected);
  });

  it.each<[string, readonly string[], object]>([
    [
      'an end, which gives every date the same exact length',
      [
        `DTSTART${BERLIN}20260102T180000`,
        `DTEND${BERLIN}20260105T080000`,
        'RRULE:FREQ=WEEKLY;BYDAY=FR;UNTIL=20261231T170000Z',
      ],
      {
        start: '2026-01-02T18:00:00',
        end: { duration: '2d14h' },
        recurrence: { rrule: 'FREQ=WEEKLY;BYDAY=FR;UNTIL=20261231T170000Z' },
      },
    ],
    [
      'a duration of hours',
      [`DTSTART${BERLIN}20260102T180000`, 'DURATION:PT1H30M', 'RRULE:FREQ=DAILY;COUNT=3'],
      { start: '2026-01-02T18:00:00', end: { duration: '1h30m' }, recurrence: { rrule: 'FREQ=DAILY;COUNT=3' } },
    ],
    [
      'a day each week',
      ['DTSTART;VALUE=DATE:20260102', 'RRULE:FREQ=WEEKLY'],
      { start: '2026-01-02T00:00:00', end: { time: '00:00:00' }, recurrence: { rrule: 'FREQ=WEEKLY' } },
    ],
    [
      'a weekend of days',
      ['DTSTART;VALUE=DATE:20260103', 'DTEND;VALUE=DATE:20260105', 'RRULE:FREQ=WEEKLY;BYDAY=SA'],
      {
        start: '2026-01-03T00:00:00',
        end: { weekday: 'MO', time: '00:00:00' },
        recurrence: { rrule: 'FREQ=WEEKLY;BYDAY=SA' },
      },
    ],
    [
      'days in UTC',
      ['DTSTART:20261224T000000Z', 'DURATION:P3D', 'RRULE:FREQ=YEARLY'],
      { start: '2026-12-24T00:00:00', end: { duration: '3d' }, recurrence: { rrule: 'FREQ=YEARLY' }, timeZone: 'UTC' },
    ],
  ])('may recur with %s', (_what, lines, expected) => {
    expect(times(...lines)).toEqual(expected);
  });

  it('has the instants that the calendar meant', () => {
    const [document] = taken(
      calendar(
        [['UID:1', 'DTSTART;VALUE=DATE:20260324', 'RRULE:FREQ=DAILY;UNTIL=20260330']],
        ['X-WR-TIMEZONE:Europe/Berlin'],
      ),
    );
    if (document === undefined) throw new Error('nothing was imported');
    expect(windowsBetween(document, '2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z', 9).windows).toEqual([
      { start: '2026-03-23T23:00:00.000Z', end: '2026-03-30T22:00:00.000Z' },
    ]);
  });

  it('lets the zone of the import come before that of the file, for days only', () => {
    const text = calendar(
      [
        ['UID:1', DAYS],
        ['UID:2', 'DTSTART:20260101T000000Z', 'DURATION:PT1H'],
      ],
      ['X-WR-TIMEZONE:Europe/Berlin'],
    );
    expect(taken(text, { timeZone: 'Asia/Kathmandu' }).map((each) => each.timeZone)).toEqual(['Asia/Kathmandu', 'UTC']);
  });

  it('has a name that hangs on its UID alone and is like no other', () => {
    const event = (uid: string, more = '') => [
      `UID:${uid}`,
      `SUMMARY:${more}`,
      'DTSTART:20260101T000000Z',
      'DURATION:PT1H',
    ];
    const long = 'x'.repeat(200);
    const uids = ['a@b', 'a-b', 'A@B', '@@@', 'é', long, `${long}y`];
    const first = names(uids.map((uid) => event(uid)));
    expect(new Set(first).size).toBe(uids.length);
    expect(names(uids.toReversed().map((uid) => event(uid, 'Renamed')))).toEqual(first.toReversed());
    expect(first.every(isName)).toBe(true);
  });

  it('is named after its SUMMARY when it has no UID', () => {
    const event = ['SUMMARY:Christmas', 'DTSTART:20261224T000000Z', 'DURATION:PT1H'];
    expect(names([event])).toEqual([expect.stringMatching(/^ops-christmas-[0-9a-f]{8}$/)]);
    expect(refused(calendar([event.slice(1)]))).toMatch(/neither a UID nor a SUMMARY/);
  });
});

describe('an event that cannot be told exactly', () => {
  const START = `DTSTART${BERLIN}20260102T180000`;
  const HOUR = 'DURATION:PT1H';

  it.each<[string, readonly string[], RegExp]>([
    [
      'a zone of Windows',
      ['DTSTART;TZID=W. Europe Standard Time:20260102T180000', HOUR],
      /the zone W\. Europe Standard Time/,
    ],
    [
      'a zone that is a path',
      ['DTSTART;TZID=/x.org/Europe/Berlin:20260102T180000', HOUR],
      /the zone \/x\.org\/Europe\/Berlin/,
    ],
    [
      'an end in an unknown zone',
      [START, 'DTEND;TZID=Mars/Olympus:20260102T190000'],
      /its DTEND is in the zone Mars\/Olympus/,
    ],
    ['no zone', ['DTSTART:20260102T180000', HOUR], /its DTSTART is in no zone/],
    ['no start', [HOUR], /it has no DTSTART/],
    ['a start that is none', [`DTSTART${BERLIN}20260230T180000`, HOUR], /is no date or time/],
    ['two starts', [START, START, HOUR], /more than one DTSTART/],
    ['no end', [START], /it has no end/],
    ['two ends', [START, HOUR, `DTEND${BERLIN}20260102T190000`], /both a DTEND and a DURATION/],
    ['an end before the start', [START, `DTEND${BERLIN}20260102T170000`], /must be later than the start/],
    [
      'an end before the start, recurring',
      [START, `DTEND${BERLIN}20260102T170000`, 'RRULE:FREQ=DAILY'],
      /ends before it begins/,
    ],
    ['a length of nothing', [START, 'DURATION:PT0S'], /ends before it begins, or at once/],
    ['a negative length', [START, 'DURATION:-PT1H'], /DURATION, -PT1H, is no length/],
    ['a length that is none', [START, 'DURATION:PT'], /DURATION, PT, is no length/],
    ['a day until a time', [DAYS, `DTEND${BERLIN}20261225T000000`], /both be days, or both be times/],
    ['days and hours that recur', [START, 'DURATION:P2DT14H', 'RRULE:FREQ=WEEKLY'], /write it in hours only/],
    ['several days each year', [DAYS, 'DTEND;VALUE=DATE:20261227', 'RRULE:FREQ=YEARLY'], /lasts 3 days/],
    ['days from several hours', [START, 'DURATION:P1D', 'RRULE:FREQ=DAILY;BYHOUR=6,18'], /lasts 1 days/],
    ['more than a week', [START, 'DURATION:P8D', 'RRULE:FREQ=WEEKLY;INTERVAL=2'], /lasts 8 days/],
    ['two days from several weekdays', [START, 'DURATION:P2D', 'RRULE:FREQ=WEEKLY;BYDAY=FR,MO'], /lasts 2 days/],
    ['an exception', [START, HOUR, 'RRULE:FREQ=DAILY', `EXDATE${BERLIN}20260103T180000`], /EXDATE takes single dates/],
    ['an addition', [START, HOUR, `RDATE${BERLIN}20260103T180000`], /RDATE adds single dates/],
    ['a moved date', [START, HOUR, `RECURRENCE-ID${BERLIN}20260103T180000`], /RECURRENCE-ID moves one date/],
    ['an exception by rule', [START, HOUR, 'EXRULE:FREQ=DAILY'], /EXRULE/],
    ['two rules', [START, HOUR, 'RRULE:FREQ=DAILY', 'RRULE:FREQ=WEEKLY'], /more than one RRULE/],
    ['a rule of nonsense', [START, HOUR, 'RRULE:FREQ=DAILY;BYHOUR=99'], /\/recurrence\/rrule BYHOUR=99 is wrong/],
    ['an interval of nothing', [START, HOUR, 'RRULE:FREQ=DAILY;INTERVAL=0'], /INTERVAL=0 is wrong/],
    ['a rule that says things twice', [START, HOUR, 'RRULE:FREQ=DAILY;FREQ=WEEKLY'], /FREQ is given twice/],
    ['a rule that never begins', [START, HOUR, 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'], /it never begins/],
    ['a rule without end', [START, 'DURATION:PT25H', 'RRULE:FREQ=DAILY'], /run into each other/],
    [
      'a start beside its rule',
      [START, HOUR, 'RRULE:FREQ=WEEKLY;BYDAY=MO'],
      /DTSTART is not one of the dates of its RRULE/,
    ],
    ['a cancellation', [START, HOUR, 'STATUS:CANCELLED'], /it is cancelled/],
  ])('is refused by its name: %s', (_what, lines, expected) => {
    expect(mistake(...lines)).toMatch(expected);
    expect(mistake(...lines)).toMatch(/^\/events\/0 event 1, Party: /);
  });

  it('is refused when it is a day and nobody says where, or when the file names no known zone', () => {
    expect(refused(calendar([['UID:1', DAYS]]))).toMatch(/is a day, and nobody says where/);
    expect(refused(calendar([['UID:1', DAYS]], ['X-WR-TIMEZONE:Romance Standard Time']))).toMatch(
      /the zone Romance Standard Time/,
    );
  });

  it('keeps all others out, and every one of them is told', () => {
    const good = ['UID:1', 'DTSTART:20260101T000000Z', 'DURATION:PT1H'];
    const bad = (uid: string) => [`UID:${uid}`, 'DTSTART:20260101T000000', 'DURATION:PT1H'];
    const errors = refused(calendar([good, bad('2'), good, bad('3')])).split('\n');
    expect(errors.map((error) => error.slice(0, 9))).toEqual(['/events/1', '/events/2', '/events/3']);
    expect(errors[1]).toMatch(/its UID is that of another event/);
  });
});

describe('the text of an import', () => {
  const event = (uid: number) => [`UID:${uid}`, 'DTSTART:20260101T000000Z', 'DURATION:PT1H'];

  it.each<[string, string, RegExp]>([
    ['nothing', '', /no iCalendar text/],
    ['words', 'hello', /it cannot be read/],
    ['another kind of file', 'BEGIN:VCARD\r\nVERSION:4.0\r\nEND:VCARD\r\n', /no iCalendar text/],
    ['a calendar without an end', 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n', /it cannot be read/],
    ['a calendar without events', calendar([]), /no event/],
    [
      'an event within another part',
      calendar([event(1)]).replace('END:VCAL', 'BEGIN:X\r\nBEGIN:VEVENT\r\nUID:2\r\nEND:VEVENT\r\nEND:X\r\nEND:VCAL'),
      /inside another part/,
    ],
    ['a line that is none', calendar([event(1), ['UID:two', 'what is this']]), /in event 2 \(UID:two\)/],
    [
      'parts in parts without end',
      `BEGIN:VCALENDAR\r\n${'BEGIN:X\r\n'.repeat(50_000)}${'END:X\r\n'.repeat(50_000)}END:VCALENDAR`,
      /it cannot be read|no event/,
    ],
  ])('is refused when it is %s', (_what, text, expected) => {
    expect(refused(text)).toMatch(expected);
  });

  it('has at most 1 MiB, counted in octets', () => {
    const padded = (octets: number) => {
      const text = calendar([event(1)]);
      const rest = octets - text.length;
      const lines = 'X-A:ééé\r\n';
      return text.replace(
        'BEGIN:VEVENT',
        `${lines.repeat(Math.floor(rest / 12))}${'\r\n'.repeat((rest % 12) / 2)}BEGIN:VEVENT`,
      );
    };
    const size = 1024 * 1024 - ((1024 * 1024 - calendar([event(1)]).length) % 2);
    expect(taken(padded(size))).toHaveLength(1);
    expect(refused(padded(size + 2))).toMatch(/larger than 1024 KiB/);
  });

  it('has at most 500 events, and no line that would take the parser long', () => {
    const events = Array.from({ length: 500 }, (_, i) => event(i));
    expect(taken(calendar(events))).toHaveLength(500);
    expect(refused(calendar([...events, event(500)]))).toMatch(/501 events, and at most 500/);
    expect(refused(calendar([[...event(1), `ATTACH${';A=B'.repeat(5000)}:x`]]))).toMatch(
      /the line ATTACH;A=B.* has more than 16384 characters/,
    );
  });

  it('may describe zones itself, with rules that a parser must not follow', () => {
    const zone = [
      'BEGIN:VTIMEZONE',
      'TZID:Europe/Berlin',
      'BEGIN:STANDARD',
      'DTSTART:16010101T000000',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=99',
      'END:STANDARD',
      'END:VTIMEZONE',
    ];
    expect(taken(calendar([event(1)], zone))).toHaveLength(1);
  });

  it('may have unix line ends and several calendars in it', () => {
    expect(taken((calendar([event(1)]) + calendar([event(2)])).replaceAll('\r\n', '\n'))).toHaveLength(2);
  });

  it('is given up when it takes too long, and after 20 errors', () => {
    let asked = 0;
    const isLate = () => {
      asked += 1;
      return asked > 3;
    };
    const events = Array.from({ length: 100 }, (_, i) => event(i));
    expect(refused(calendar(events), { isLate })).toMatch(/^\/events\/3 this took too long and nothing was imported/);
    const bad = events.map(([uid]) => [uid ?? '', 'DTSTART:20260101T000000', 'DURATION:PT1H']);
    expect(refused(calendar(bad)).split('\n')).toHaveLength(20);
  });

  it('needs a prefix that names can begin with, and a zone that exists', () => {
    expect(refused(calendar([event(1)]), { prefix: '-A', timeZone: 'X' })).toMatch(
      /^\/prefix .+\n\/timeZone X is no IANA name/,
    );
    expect(refused(calendar([event(1)]), { prefix: 'a'.repeat(41) })).toMatch(/^\/prefix/);
  });
});
