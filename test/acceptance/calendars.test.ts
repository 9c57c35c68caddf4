/** Calendar files in and out: what a team keeps in its own calendar, and what its calendar program subscribes to. */
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import ICAL from 'ical.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instant, after as later } from '../../src/domain/instant.ts';
import { aService } from '../support/builders.ts';
import { runLine } from '../support/curl.ts';
import { type EngineKind, engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { type Observer, observePostgres, observeStore } from '../support/hostile-state.ts';

const DAY = 86_400_000;
const IMPORT = '/freezes/import?prefix=company&services=*&rings=global&exempt=security&reason=the%20calendar';
const file = (name: string) => readFileSync(new URL(`../fixtures/calendars/${name}`, import.meta.url), 'utf8');
const company = file('company.ics');

describe.each(engineKinds)('calendars on %s', (kind: EngineKind) => {
  let engine: TestEngine;
  let gate: Gate;
  let observer: Observer;

  beforeAll(async () => {
    engine = await openEngine(kind);
    gate = await startGate(engine);
    await gate.call('PUT', '/services/checkout', { as: 'configurator', body: aService({ allowUnmeasured: true }) });
    observer =
      engine.databaseUrl === null
        ? observeStore(gate.context.ports.store, ['checkout'])
        : await observePostgres(engine.databaseUrl);
  });
  afterAll(async () => {
    await observer.close();
    await gate.stop();
    await engine.destroy();
  });

  const send = (path: string, body: string) =>
    gate.call('POST', path, { as: 'configurator', body, headers: { 'content-type': 'text/calendar' } });
  const changes = (body: { items: readonly { change: string }[] }) => body.items.map(({ change }) => change);

  it.each<[string, () => string, number, RegExp]>([
    ['a zone that only Windows knows', () => file('windows-zone.ics'), 400, /W\. Europe Standard Time/],
    ['a time in no zone', () => file('floating.ics'), 400, /no zone/],
    ['a rule whose windows never end', () => file('endless.ics'), 400, /Every day without an end/],
    ['501 events', () => calendarOf(501), 400, /501 events.*at most 500/],
    ['more than a mebibyte', () => calendarOf(1, 'x'.repeat(1024 * 1024)), 413, /1048576 bytes/],
    ['a day, and nobody says where', () => company.replace('X-WR-TIMEZONE:Europe/Berlin\r\n', ''), 400, /Weihnachten/],
    ['half a file', () => company.slice(0, company.length / 2), 400, /cannot be read|END/],
  ])('with %s are refused, and nothing of them is imported', async (_, text, status, why) => {
    const before = await observer.look();
    const answer = await send(IMPORT, text());
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([status, expect.stringMatching(why)]);
    expect(await observer.look()).toEqual(before);
  });

  it('show with dryRun what they would do, then do it at once, in one record', async () => {
    const before = await observer.look();
    const shown = await send(`${IMPORT}&dryRun=true`, company);
    expect([shown.status, changes(shown.body)]).toEqual([200, ['created', 'created', 'created']]);
    expect(await observer.look()).toEqual(before);
    const done = await send(IMPORT, company);
    expect(done.body).toEqual({ ...shown.body, dryRun: false });
    expect((await observer.look()).entries).toBe(before.entries + 1);
    const { items } = (await gate.call('GET', '/audit/entries?kind=freeze-import', { as: 'auditor' })).body;
    expect(items[0].body).toMatchObject({ reason: 'the calendar', caller: { name: 'a-configurator' } });
    expect(items[0].body.changes.map(({ after: document }: { after: object }) => document)).toEqual(
      done.body.items.map(({ freeze }: { freeze: object }) => freeze),
    );
    expect(changes((await send(IMPORT, company)).body)).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });

  it('become windows with the instants that the file means, over both changes of the clocks', async () => {
    const [, , batch] = (await send(`${IMPORT}&dryRun=true`, company)).body.items;
    const list = async (from: string, to: string) =>
      (await gate.call('GET', `/freezes/${batch.name}/windows?from=${from}&to=${to}`)).body.items;
    expect(await list('2026-03-25T12:00:00Z', '2026-04-03T00:00:00Z')).toMatchObject([
      { start: '2026-03-25T21:00:00.000Z', localStart: '2026-03-25T22:00:00+01:00[Europe/Berlin]' },
      { start: '2026-04-01T20:00:00.000Z', localEnd: '2026-04-02T06:00:00+02:00[Europe/Berlin]' },
    ]);
    expect(await list('2026-10-21T12:00:00Z', '2026-10-30T00:00:00Z')).toMatchObject([
      { start: '2026-10-21T20:00:00.000Z', end: '2026-10-22T04:00:00.000Z' },
      { start: '2026-10-28T21:00:00.000Z', end: '2026-10-29T05:00:00.000Z' },
    ]);
  });

  it('freeze what they cover', async () => {
    const standing = await gate.call('GET', '/freezes?at=2026-12-25T12:00:00Z&service=checkout&ring=global');
    const open = standing.body.items.filter((item: { open: boolean }) => item.open);
    expect(open).toMatchObject([
      { title: 'Weihnachten', window: { localEnd: '2026-12-27T00:00:00+01:00[Europe/Berlin]' } },
    ]);
    expect((await gate.call('GET', '/freezes?service=checkout&ring=canary')).body.items).toEqual([]);
  });

  it('can be subscribed to with a user name and a token for the password, and hold exactly the windows', async () => {
    const line = 'curl -q -sS --fail-with-body -u "calendar:$TOKEN" "$GATE/freezes.ics?service=checkout"';
    const curl = runLine(line, tmpdir(), { GATE: gate.url, TOKEN: gate.tokens.auditor });
    let text = '';
    curl.child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    expect([await curl.ended, curl.stderr()]).toEqual([0, '']);
    expect(spansIn(text)).toEqual(await listedWindows());
  });

  it('are told apart by their ETag, and are never given to nobody', async () => {
    const headers = { authorization: `Basic ${Buffer.from(`x:${gate.tokens.auditor}`).toString('base64')}` };
    const read = () => fetch(`${gate.url}/freezes.ics`, { headers });
    const [first, second] = [await read(), await read()];
    expect(first.headers.get('etag')).toBe(second.headers.get('etag'));
    expect((await fetch(`${gate.url}/freezes.ics`)).status).toBe(401);
  });

  it('that no longer have an event take its freeze along only when they replace', async () => {
    const shorter = company.replace(/BEGIN:VEVENT\r\nUID:20261224[\s\S]*?END:VEVENT\r\n/, '');
    expect(changes((await send(IMPORT, shorter)).body)).toEqual(['unchanged', 'unchanged']);
    expect(changes((await send(`${IMPORT}&replace=true`, shorter)).body)).toEqual([
      'deleted',
      'unchanged',
      'unchanged',
    ]);
    expect((await gate.call('GET', '/freezes')).body.items).toHaveLength(2);
  });

  /** What the service itself lists for the time that the feed is about. */
  async function listedWindows(): Promise<readonly string[]> {
    const today = `${(await gate.context.ports.store.now()).slice(0, 10)}T00:00:00.000Z`;
    const parts = [
      [later(today, -30 * DAY), today],
      [today, later(today, 400 * DAY)],
    ] as const;
    const { items } = (await gate.call('GET', '/freezes')).body;
    const spans = new Set<string>();
    for (const { name } of items) {
      for (const [from, to] of parts) {
        const windows = (await gate.call('GET', `/freezes/${name}/windows?from=${from}&to=${to}&limit=500`)).body;
        expect(windows.complete).toBe(true);
        for (const { start, end } of windows.items) spans.add(`${start} ${end}`);
      }
    }
    expect(spans.size).toBeGreaterThan(60);
    return [...spans].sort();
  }
});

/** As a calendar program reads them. */
function spansIn(text: string): readonly string[] {
  const events = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent').map((each) => new ICAL.Event(each));
  return events
    .map(
      ({ startDate, endDate }) => `${instant(startDate.toUnixTime() * 1000)} ${instant(endDate.toUnixTime() * 1000)}`,
    )
    .sort();
}

function calendarOf(count: number, summary = 'Closed'): string {
  const event = (i: number) =>
    `BEGIN:VEVENT\r\nUID:${i}@example.org\r\nDTSTART:20261224T000000Z\r\nDTEND:20261225T000000Z\r\nSUMMARY:${summary}\r\nEND:VEVENT\r\n`;
  return `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${Array.from({ length: count }, (_, i) => event(i)).join('')}END:VCALENDAR\r\n`;
}
