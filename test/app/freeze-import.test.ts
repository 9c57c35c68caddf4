import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { listConfigs, putConfig } from '../../src/app/catalogue.ts';
import { type ImportRequest, importFreezes } from '../../src/app/freeze-import.ts';
import { anHourOff } from '../support/builders.ts';
import { type MemoryPorts, memoryPorts, requestBy } from '../support/memory-ports.ts';

const company = readFileSync(new URL('../fixtures/calendars/company.ics', import.meta.url), 'utf8');
const by = requestBy('configurator');
const always = { ifMatch: null, ifNoneMatch: null, reason: null };
const BATCH = 'company-release-night-example-org-';
const CHRISTMAS = 'company-20261224-christmas-example-org-';
const FRIDAY = 'company-b7a2c0f4-4a9f-4a6e-9c35-2d1b8e3f7a11-';

let ports: MemoryPorts;
beforeEach(() => {
  ports = memoryPorts();
});

function imported(text: string, more: Partial<ImportRequest> = {}) {
  const scope = { services: ['*'], rings: ['global'], labels: { tier: '1' } };
  const usual = { kind: 'freeze', exempt: [], timeZone: null, reason: null, replace: false, dryRun: false } as const;
  return importFreezes(ports, by, text, { ...usual, scope, prefix: 'company', ...more });
}

async function stored() {
  const { items } = await listConfigs(ports, 'freeze', null, { limit: 500, cursor: null });
  return items.map(({ name, document }) => ({ name, document }));
}

/** The calendar without the event that has this UID. */
function without(uid: string): string {
  return company.replace(new RegExp(`BEGIN:VEVENT\\r\\nUID:${uid}[^]*?END:VEVENT\\r\\n`), '');
}

const changes = ({ items }: Awaited<ReturnType<typeof imported>>) =>
  items.map(({ name, change }) => [name.replace(/[0-9a-f]{8}$/, ''), change]);

describe('importing a calendar', () => {
  it('makes a freeze of every event, with what the request says of all of them', async () => {
    const result = await imported(company, { exempt: ['security'], reason: 'the calendar of the company' });
    expect(changes(result)).toEqual([
      [CHRISTMAS, 'created'],
      [FRIDAY, 'created'],
      [BATCH, 'created'],
    ]);
    const common = {
      kind: 'freeze',
      scope: { services: ['*'], rings: ['global'], labels: { tier: '1' } },
      exempt: ['security'],
      reason: 'the calendar of the company',
    };
    expect((await stored()).map(({ document }) => document)).toEqual([
      {
        ...common,
        title: 'Weihnachten',
        timeZone: 'Europe/Berlin',
        start: '2026-12-24T00:00:00',
        end: '2026-12-27T00:00:00',
      },
      { ...common, title: 'Black Friday', timeZone: 'UTC', start: '2026-11-27T05:00:00', end: { duration: '20h' } },
      {
        ...common,
        title: 'Batch run of the bank',
        timeZone: 'Europe/Berlin',
        start: '2026-01-07T22:00:00',
        recurrence: { rrule: 'FREQ=WEEKLY;BYDAY=WE' },
        end: { duration: '8h' },
      },
    ]);
  });

  it('is one record and one change of the state, with everything as it was and is', async () => {
    await imported(company, { reason: 'the calendar of the company' });
    expect(ports.store.commits).toHaveLength(1);
    expect(ports.store.commits[0]?.writes).toHaveLength(3);
    expect(ports.store.revision('global')).toBe(1);
    expect(ports.changes).toEqual([{ kind: 'freeze-import', subject: 'company' }]);
    const body = ports.store.bodies().at(-1);
    expect(body).toMatchObject({ kind: 'freeze-import', reason: 'the calendar of the company', unchanged: [] });
    expect(body?.changes).toMatchObject([
      { change: 'created', before: null, beforeHash: null, after: { title: 'Weihnachten' } },
      {
        change: 'created',
        before: null,
        after: { title: 'Black Friday' },
        afterHash: expect.stringMatching(/^\w{64}$/),
      },
      { change: 'created', before: null, after: { title: 'Batch run of the bank' } },
    ]);
  });

  it('again changes nothing, and says so on record', async () => {
    await imported(company);
    const before = await stored();
    expect(changes(await imported(company)).map(([, change]) => change)).toEqual(Array(3).fill('unchanged'));
    expect(await stored()).toEqual(before);
    expect(ports.store.bodies().at(-1)).toMatchObject({
      changes: [],
      unchanged: expect.toSatisfy((all) => all.length === 3),
    });
  });

  it('changes what is new in the file, and leaves what it no longer has', async () => {
    await imported(company);
    const newer = without('20261224').replace('DURATION:PT20H', 'DURATION:PT21H');
    expect(changes(await imported(newer))).toEqual([
      [FRIDAY, 'updated'],
      [BATCH, 'unchanged'],
    ]);
    expect(await stored()).toHaveLength(3);
    expect(ports.store.bodies().at(-1)?.changes).toMatchObject([
      { change: 'updated', before: { end: { duration: '20h' } }, after: { end: { duration: '21h' } } },
    ]);
  });

  it('deletes what an earlier one has made when it replaces, and nothing that somebody else has', async () => {
    const key = (name: string) => ({ kind: 'freeze', owner: '', name }) as const;
    await imported(company);
    await imported(company, { prefix: 'companyb' });
    for (const name of ['company', 'company-picnic', 'other-company-12345678']) {
      await putConfig(ports, by, key(name), anHourOff(), always);
    }
    const result = await imported(without('20261224'), { replace: true });
    expect(changes(result)).toEqual([
      [CHRISTMAS, 'deleted'],
      [FRIDAY, 'unchanged'],
      [BATCH, 'unchanged'],
    ]);
    expect(await stored()).toHaveLength(2 + 3 + 3);
    expect(ports.store.bodies().at(-1)?.changes).toMatchObject([{ before: { title: 'Weihnachten' }, after: null }]);
  });

  it('as a dry run shows the same and does nothing', async () => {
    const shown = await imported(company, { dryRun: true });
    expect([shown.dryRun, ports.store.commits.length, ports.changes.length]).toEqual([true, 0, 0]);
    const done = await imported(company);
    expect(done.items).toEqual(shown.items);
  });

  it('is compared again when somebody changes a freeze meanwhile', async () => {
    const [first] = (await imported(company, { dryRun: true })).items;
    ports.store.beforeAppend = () =>
      putConfig(ports, by, { kind: 'freeze', owner: '', name: String(first?.name) }, anHourOff(), always);
    expect(changes(await imported(company))[0]).toEqual([CHRISTMAS, 'updated']);
    expect(ports.store.bodies().at(-1)?.changes).toMatchObject([{ before: anHourOff() }, {}, {}]);
  });

  it('leaves nothing behind when the record cannot be written', async () => {
    ports.store.fault = 'lost-before';
    await expect(imported(company)).rejects.toMatchObject({ code: 'unavailable' });
    expect([await stored(), ports.changes]).toEqual([[], []]);
  });

  it('warns once of what is doubtful for all of them', async () => {
    const scope = { services: ['chekout'], rings: ['*'] };
    expect((await imported(company, { scope, exempt: ['security'] })).warnings).toEqual([
      'there is no service chekout',
      'nobody may claim the change class security: no valid token has it',
    ]);
  });

  it('stops when it takes too long, and imports nothing', async () => {
    let now = 0;
    ports = memoryPorts({ runtime: { ...ports.runtime, monotonicMs: () => (now += 2000) } });
    await expect(imported(company)).rejects.toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '/events/2', message: expect.stringContaining('too long') }],
    });
    expect(await stored()).toEqual([]);
  });
});
