import { describe, expect, it } from 'vitest';
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
    const body = { name: 'ci', role: 'pipeline', changes: ['security'] };
    await test.request().put('/services/checkout').send(aService()).expect(201);
    const { token } = (await test.request().post('/tokens').send({ name: 'ops', role: 'admin' })).body;
    await test.request().post('/tokens').set('Authorization', `Bearer ${token}`).send(body).expect(201);
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
});
