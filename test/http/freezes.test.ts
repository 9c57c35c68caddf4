import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createToken } from '../../src/app/tokens.ts';
import { anHourOff, aService, aWeekend } from '../support/builders.ts';
import { type TestApp, testApp, tokenOf } from './http-context.ts';

/** Its clock stands on Sunday, 22 November 2026, 10:00 UTC. */
async function configured(): Promise<TestApp> {
  const test = testApp();
  await test.request().put('/services/checkout').send(aService()).expect(201);
  await put(test, 'weekend', aWeekend({ scope: { services: ['*'], rings: ['global'] }, exempt: ['security'] }));
  await put(test, 'hour', anHourOff({ scope: { services: ['check*'], rings: ['*'], labels: { region: 'eu' } } }));
  await put(test, 'cart', anHourOff({ kind: 'allow', scope: { services: ['cart'], rings: ['early'] } }));
  return test;
}

async function put(test: TestApp, name: string, document: object): Promise<readonly string[]> {
  const answer = await test.request().put(`/freezes/${name}`).send(document);
  expect(answer.body.warnings).toBeDefined();
  return answer.body.warnings;
}

async function get(test: TestApp, path: string) {
  const { status, body } = await test.request().get(path);
  return { status, body, pointers: body.errors?.map(({ pointer }: { pointer: string }) => pointer) };
}

const namesAt = async (test: TestApp, query: string) =>
  (await get(test, `/freezes?${query}`)).body.items?.map(({ name }: { name: string }) => name);

describe('GET /freezes with an instant', () => {
  it('tells what is open then, until when in local time, and what comes next', async () => {
    const { body } = await get(await configured(), '/freezes?at=2026-11-22T11:00:00%2B01:00&ring=global');
    expect(body.at).toBe('2026-11-22T10:00:00.000Z');
    expect(body.items.map(({ name, open }: { name: string; open: boolean }) => [name, open])).toEqual([
      ['hour', false],
      ['weekend', true],
    ]);
    expect(body.items[1]).toEqual({
      name: 'weekend',
      title: 'Weekend',
      kind: 'freeze',
      scope: { services: ['*'], rings: ['global'] },
      timeZone: 'Europe/Berlin',
      exempt: ['security'],
      known: true,
      open: true,
      window: {
        start: '2026-11-20T17:00:00.000Z',
        end: '2026-11-23T07:00:00.000Z',
        localStart: '2026-11-20T18:00:00+01:00[Europe/Berlin]',
        localEnd: '2026-11-23T08:00:00+01:00[Europe/Berlin]',
      },
      next: {
        start: '2026-11-27T17:00:00.000Z',
        end: '2026-11-30T07:00:00.000Z',
        localStart: '2026-11-27T18:00:00+01:00[Europe/Berlin]',
        localEnd: '2026-11-30T08:00:00+01:00[Europe/Berlin]',
      },
    });
  });

  it('means now, by the clock of the store, when only a service or ring is named', async () => {
    const test = await configured();
    test.ports.store.advance(3_600_000);
    const { body } = await get(test, '/freezes?service=checkout&ring=canary');
    expect(body.at).toBe('2026-11-22T11:00:00.000Z');
    expect(body.items).toMatchObject([{ name: 'hour', open: true, next: null }]);
  });

  it.each([
    ['at=2026-11-22T10:00:00Z', ['cart', 'hour', 'weekend']],
    ['service=checkout', ['hour', 'weekend']],
    ['service=checkout&ring=canary', ['hour']],
    ['service=checkout&ring=early', []],
    ['service=checkout&ring=global', ['weekend']],
    ['ring=early', ['cart', 'hour']],
  ])('asked with %s names what concerns it', async (query, names) => {
    expect(await namesAt(await configured(), query)).toEqual(names);
  });

  it('is a 404 for a service or ring that is not there, because an empty answer would hide a typing error', async () => {
    const test = await configured();
    expect((await get(test, '/freezes?service=chekout')).status).toBe(404);
    const answer = await get(test, '/freezes?service=checkout&ring=canry');
    expect([answer.status, answer.body.detail]).toEqual([404, 'the service checkout has no ring canry']);
  });

  it('lists page by page', async () => {
    const test = await configured();
    const first = await get(test, '/freezes?at=2026-11-22T10:00:00Z&limit=2');
    const second = await get(test, `/freezes?at=2026-11-22T10:00:00Z&limit=2&cursor=${first.body.next}`);
    const names = [...first.body.items, ...second.body.items].map(({ name }) => name);
    expect([names, second.body.next]).toEqual([['cart', 'hour', 'weekend'], null]);
  });
});

describe('GET /freezes/{freeze}/windows', () => {
  it('lists the real instants over a change of the clocks, each with its local time', async () => {
    const { body } = await get(
      await configured(),
      '/freezes/weekend/windows?from=2026-10-19T00:00:00Z&to=2026-11-01T00:00:00Z',
    );
    expect(body).toEqual({
      from: '2026-10-19T00:00:00.000Z',
      to: '2026-11-01T00:00:00.000Z',
      complete: true,
      items: [
        {
          start: '2026-10-16T16:00:00.000Z',
          end: '2026-10-19T06:00:00.000Z',
          localStart: '2026-10-16T18:00:00+02:00[Europe/Berlin]',
          localEnd: '2026-10-19T08:00:00+02:00[Europe/Berlin]',
        },
        {
          start: '2026-10-23T16:00:00.000Z',
          end: '2026-10-26T07:00:00.000Z',
          localStart: '2026-10-23T18:00:00+02:00[Europe/Berlin]',
          localEnd: '2026-10-26T08:00:00+01:00[Europe/Berlin]',
        },
        {
          start: '2026-10-30T17:00:00.000Z',
          end: '2026-11-02T07:00:00.000Z',
          localStart: '2026-10-30T18:00:00+01:00[Europe/Berlin]',
          localEnd: '2026-11-02T08:00:00+01:00[Europe/Berlin]',
        },
      ],
    });
  });

  it('goes from now and for 90 days unless it is told otherwise', async () => {
    const test = await configured();
    const usual = await get(test, '/freezes/weekend/windows');
    expect([usual.body.from, usual.body.to]).toEqual(['2026-11-22T10:00:00.000Z', '2027-02-20T10:00:00.000Z']);
    expect([usual.body.items.length, usual.body.complete]).toEqual([14, true]);
    const few = await get(test, '/freezes/weekend/windows?limit=3');
    expect([few.body.items.length, few.body.complete]).toEqual([3, false]);
    const from = await get(test, '/freezes/weekend/windows?from=2027-01-01T00:00:00Z');
    expect(from.body.to).toBe('2027-04-01T00:00:00.000Z');
  });

  it.each([
    ['from=2026-11-22T10:00:00Z&to=2026-11-22T10:00:00Z', '/query/to'],
    ['to=2026-11-22T09:00:00Z', '/query/to'],
    ['from=2026-01-01T00:00:00Z&to=2027-02-05T00:00:00.001Z', '/query/to'],
    ['from=2026-02-30T00:00:00Z', '/query/from'],
  ])('refuses %s', async (query, pointer) => {
    const answer = await get(await configured(), `/freezes/weekend/windows?${query}`);
    expect([answer.status, answer.pointers]).toEqual([400, [pointer]]);
  });

  it('takes 400 days at once, and is a 404 without the freeze', async () => {
    const test = await configured();
    const year = await get(test, '/freezes/weekend/windows?from=2026-01-01T00:00:00Z&to=2027-02-05T00:00:00Z');
    expect([year.status, year.body.items.length, year.body.complete]).toEqual([200, 57, true]);
    expect((await get(test, '/freezes/nothing/windows')).status).toBe(404);
  });
});

describe('a freeze that is hardly meant so', () => {
  it.each<[string, object, readonly string[]]>([
    ['names no service there is', { scope: { services: ['chekout'], rings: ['*'] } }, ['there is no service chekout']],
    [
      'names no ring of its services',
      { scope: { services: ['checkout'], rings: ['glob', 'global'] } },
      ['none of the services it names has a ring glob'],
    ],
    ['names patterns', { scope: { services: ['c*'], rings: ['gl*', 'nowhere'] } }, []],
    [
      'exempts what nobody may claim',
      { exempt: ['emergency', 'security'] },
      ['nobody may claim the change class emergency: no valid token has it'],
    ],
    [
      'is over',
      { start: '2025-01-01T00:00:00', end: '2025-01-02T00:00:00' },
      ['it has no window within the next 400 days, so it stops nothing'],
    ],
    [
      'allows nothing soon',
      { kind: 'allow', start: '2026-12-30T00:00:00', end: '2026-12-31T00:00:00' },
      ['it has no window within the next 30 days, so it leaves what it covers closed'],
    ],
  ])('because it %s is saved with a warning', async (_, fields, warnings) => {
    const test = testApp();
    await test.request().put('/services/checkout').send(aService()).expect(201);
    const ci = { name: 'ci', role: 'pipeline' } as const;
    await createToken(test.ports, null, { ...ci, changes: ['security'] });
    await createToken(test.ports, null, { ...ci, changes: ['emergency'], expires: '1s' });
    test.ports.store.advance(1000);
    const answer = await test
      .request()
      .put('/freezes/doubtful')
      .set(await tokenOf(test, 'configurator'))
      .send(anHourOff(fields));
    expect([answer.status, answer.body.warnings]).toEqual([201, warnings]);
  });
});

describe('a freeze that is wrong', () => {
  it('is refused with every field at once, and nothing is kept', async () => {
    const test = testApp();
    const wrong = { ...anHourOff({ timeZone: 'Berlin', start: '2026-02-30T00:00:00' }), exempt: ['standard'] };
    const schema = await test.request().put('/freezes/wrong').send(wrong);
    expect([schema.status, schema.body.errors.map(({ pointer }: { pointer: string }) => pointer)]).toEqual([
      400,
      ['/exempt/0'],
    ]);
    const { exempt: _, ...rest } = wrong;
    const domain = await test.request().put('/freezes/wrong').send(rest);
    expect([domain.status, domain.body.errors.map(({ pointer }: { pointer: string }) => pointer)]).toEqual([
      400,
      ['/timeZone', '/start'],
    ]);
    expect((await test.request().get('/freezes/wrong')).status).toBe(404);
  });

  it('cannot be named like the import', async () => {
    const answer = await testApp().request().put('/freezes/import').send(anHourOff());
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
  });
});

const company = readFileSync(new URL('../fixtures/calendars/company.ics', import.meta.url), 'utf8');
const IMPORT = '/freezes/import?prefix=company&services=*&rings=canary,early';

function send(test: TestApp, path: string, text: string, type = 'text/calendar') {
  return test.request().post(path).set('Content-Type', type).send(text);
}

describe('POST /freezes/import', () => {
  it('takes a calendar file and tells what became of each event', async () => {
    const test = await configured();
    const query = 'labels=tier=1,team=*&exempt=security&kind=allow&reason=holidays&timeZone=Europe/Paris';
    const answer = await send(test, `${IMPORT}&${query}`, company, 'Text/Calendar; charset=UTF-8; method=PUBLISH');
    expect([answer.status, answer.body.dryRun, answer.body.items.length]).toEqual([200, false, 3]);
    const { name, change, freeze } = answer.body.items[0];
    expect(change).toBe('created');
    expect(freeze).toEqual({
      title: 'Weihnachten',
      kind: 'allow',
      scope: { services: ['*'], rings: ['canary', 'early'], labels: { tier: '1', team: '*' } },
      timeZone: 'Europe/Paris',
      start: '2026-12-24T00:00:00',
      end: '2026-12-27T00:00:00',
      exempt: ['security'],
      reason: 'holidays',
    });
    expect((await get(test, `/freezes/${name}`)).body).toEqual(freeze);
    expect((await get(test, '/freezes')).body.items).toHaveLength(6);
  });

  it('shows with dryRun what it would do, and does nothing', async () => {
    const test = await configured();
    const before = test.ports.store.commits.length;
    const answer = await send(test, `${IMPORT}&dryRun=true`, company);
    expect([answer.status, answer.body.dryRun, answer.body.items.length]).toEqual([200, true, 3]);
    expect([test.ports.store.commits.length, (await get(test, '/freezes')).body.items.length]).toEqual([before, 3]);
  });

  it.each([
    ['an unknown class', '&exempt=standard', '/query/exempt/0'],
    ['a class twice', '&exempt=security,security', '/query/exempt'],
    ['no class', '&exempt=', '/query/exempt/0'],
    ['a label without a value', '&labels=tier', '/query/labels/0'],
    ['a label twice', '&labels=tier=1,tier=2', '/query/labels'],
    ['__proto__ for a label', '&labels=__proto__=1', '/query/labels/0'],
    ['a zone that is none', '&timeZone=Berlin', '/query/timeZone'],
    ['another kind', '&kind=thaw', '/query/kind'],
    ['a parameter twice', '&prefix=b', '/query/prefix'],
  ])('refuses %s, naming it', async (_, query, pointer) => {
    const answer = await send(await configured(), IMPORT + query, company);
    expect([answer.status, answer.body.errors.map((each: { pointer: string }) => each.pointer)]).toEqual([
      400,
      [pointer],
    ]);
  });

  it.each([
    'prefix=company&services=*',
    'prefix=company&rings=*',
    'services=*&rings=*',
    'prefix=a-b&services=*&rings=*',
  ])('needs a prefix of one word, services and rings: not only %s', async (query) => {
    const answer = await send(await configured(), `/freezes/import?${query}`, company);
    expect([answer.status, answer.body.errors.length]).toEqual([400, 1]);
  });

  it.each([
    ['windows-zone.ics', '/events/1', 'W. Europe Standard Time'],
    ['floating.ics', '/events/1', 'Somewhere at six'],
    ['endless.ics', '/events/1', 'Every day without an end'],
  ])('refuses %s for the one event that is wrong in it, and imports nothing', async (file, pointer, named) => {
    const test = await configured();
    const before = await get(test, '/freezes');
    const text = readFileSync(new URL(`../fixtures/calendars/${file}`, import.meta.url), 'utf8');
    const answer = await send(test, IMPORT, text);
    expect(answer.status).toBe(400);
    for (const error of answer.body.errors) expect(error).toEqual({ pointer, message: expect.stringContaining(named) });
    expect(await get(test, '/freezes')).toEqual(before);
  });

  it.each([
    ['no calendar', 'text/calendar', 'hello', 400],
    ['an empty one', 'text/calendar', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n', 400],
    ['JSON', 'application/json', '{}', 415],
    ['another coding', 'text/calendar; charset=latin1', company, 415],
  ])('refuses %s', async (_, type, text, status) => {
    expect((await send(await configured(), IMPORT, text, type)).status).toBe(status);
  });
});

const basic = (user: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

describe('GET /freezes.ics', () => {
  const readAs = async (test: TestApp, query: string, headers: Record<string, string> = {}) =>
    test.request().get(`/freezes.ics${query}`).set(headers);
  const uids = (text: string) => [...text.matchAll(/^UID:(\w+)/gm)].map(([, name]) => name);

  it('is a calendar with every window from 30 days ago to 400 days ahead', async () => {
    const answer = await readAs(await configured(), '');
    expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
      200,
      'text/calendar; charset=utf-8',
      'private, max-age=300',
    ]);
    expect(uids(answer.text).filter((name) => name === 'weekend')).toHaveLength(62);
    expect(answer.text).toContain('DTSTART:20261023T160000Z');
    expect(answer.text).not.toContain('DTSTART:20261016T160000Z');
    expect(answer.text).toContain('DTSTAMP:20261122T100000Z');
  });

  it('keeps its text and tag while its windows are the same', async () => {
    const test = await configured();
    const tag = async () => (await readAs(test, '')).headers.etag;
    const first = await tag();
    expect(first).toMatch(/^"[0-9a-f]{64}"$/);
    test.ports.store.advance(13 * 3_600_000);
    expect(await tag()).toBe(first);
    test.ports.store.advance(7 * 24 * 3_600_000);
    const nextWeek = await tag();
    expect(nextWeek).not.toBe(first);
    await put(test, 'hour', anHourOff({ title: 'Longer', end: '2026-11-22T13:00:00' }));
    expect(await tag()).not.toBe(nextWeek);
  });

  it('holds only what concerns the service and ring that are asked for', async () => {
    const test = await configured();
    expect(new Set(uids((await readAs(test, '?service=checkout&ring=canary')).text))).toEqual(new Set(['hour']));
    expect(new Set(uids((await readAs(test, '?ring=early')).text))).toEqual(new Set(['cart', 'hour']));
    expect((await readAs(test, '?service=nothing')).status).toBe(404);
  });

  it('takes the token as the password of HTTP Basic under any user name, and asks for it', async () => {
    const test = await configured();
    const { Authorization } = await tokenOf(test, 'auditor');
    const token = Authorization.slice('Bearer '.length);
    expect((await readAs(test, '', basic('calendar', token))).status).toBe(200);
    expect((await readAs(test, '', basic('', token))).status).toBe(200);
    expect((await readAs(test, '', { Authorization })).status).toBe(200);
    for (const wrong of [basic(token, ''), basic('calendar', 'secret'), { Authorization: 'Basic !!!' }, {}]) {
      const answer = await readAs(test, '', wrong as Record<string, string>);
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([
        401,
        'Basic realm="ringgate", charset="UTF-8", Bearer realm="ringgate"',
      ]);
    }
    const inAddress = await readAs(test, `?token=${token}`, basic('calendar', token));
    expect(inAddress.status).toBe(400);
  });

  it('is the only thing for which Basic is taken', async () => {
    const test = await configured();
    const { Authorization } = await tokenOf(test, 'auditor');
    const answer = await test
      .request()
      .get('/freezes')
      .set(basic('calendar', Authorization.slice('Bearer '.length)));
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="ringgate"']);
  });
});
