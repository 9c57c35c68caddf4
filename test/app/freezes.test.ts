import { describe, expect, it } from 'vitest';
import { getDecision } from '../../src/app/audit.ts';
import type { DecisionDocument } from '../../src/app/documents.ts';
import { newEntry } from '../../src/app/record.ts';
import type { FreezeDocument } from '../../src/domain/freeze.ts';
import { anHourOff, aService, aWeekend } from '../support/builders.ts';
import { requestBy } from '../support/memory-ports.ts';
import { aWorld, type World } from '../support/world.ts';

/** Begins on Sunday, 22 November 2026, at 10:00 UTC. */
const MINUTE = 60_000;

async function frozen(freezes: Readonly<Record<string, FreezeDocument>>): Promise<World> {
  const world = await aWorld(aService({ allowUnmeasured: true }), {});
  for (const [name, document] of Object.entries(freezes)) await world.put('freeze', name, document);
  return world;
}

const freezeFindings = ({ findings }: DecisionDocument) => findings.filter(({ check }) => check === 'freeze');
const told = (decision: DecisionDocument) =>
  freezeFindings(decision).map(({ verdict, cause, clearsAt }) => [verdict, cause, clearsAt]);

describe('a freeze', () => {
  it('holds from its first instant until just before its last, and a promise ends where it begins', async () => {
    const world = await frozen({ release: anHourOff() });
    world.minutes(59);
    expect(await world.ask('1', 'canary')).toMatchObject({
      verdict: 'promote',
      validUntil: '2026-11-22T11:00:00.000Z',
    });
    world.ports.store.advance(MINUTE - 1);
    expect((await world.ask('1', 'canary')).validUntil).toBe('2026-11-22T11:00:00.000Z');
    world.ports.store.advance(1);
    const first = await world.ask('1', 'canary');
    expect([first.verdict, ...told(first)]).toEqual(['hold', ['hold', 'frozen', '2026-11-22T12:00:00.000Z']]);
    world.ports.store.advance(60 * MINUTE - 1);
    expect((await world.ask('1', 'canary')).verdict).toBe('hold');
    world.ports.store.advance(1);
    expect(await world.ask('1', 'canary')).toMatchObject({
      verdict: 'promote',
      validUntil: '2026-11-22T12:15:00.000Z',
    });
  });

  it.each<[string, FreezeDocument['scope'], boolean]>([
    ['everything', { services: ['*'], rings: ['*'] }, true],
    ['the service by its name', { services: ['cart', 'checkout'], rings: ['*'] }, true],
    ['another service', { services: ['cart'], rings: ['*'] }, false],
    ['services that begin alike', { services: ['check*'], rings: ['*'] }, true],
    ['the ring', { services: ['*'], rings: ['canary'] }, true],
    ['another ring', { services: ['*'], rings: ['early', 'global'] }, false],
    ['a label of the service', { services: ['*'], rings: ['*'], labels: { tier: '1' } }, true],
    ['a label of the ring', { services: ['*'], rings: ['*'], labels: { tier: '1', region: 'eu' } }, true],
    ['another value of a label', { services: ['*'], rings: ['*'], labels: { tier: '1', region: 'us' } }, false],
    ['any value of a label', { services: ['*'], rings: ['*'], labels: { region: '*' } }, true],
    ['any value of a label that is not there', { services: ['*'], rings: ['*'], labels: { team: '*' } }, false],
  ])('of %s covers what it says', async (_, scope, covers) => {
    const world = await frozen({ now: anHourOff({ scope, start: '2026-11-22T09:00:00' }) });
    expect((await world.ask('1', 'canary')).verdict).toBe(covers ? 'hold' : 'promote');
  });

  it('does not stop a release from proving itself where it is', async () => {
    const world = await frozen({ release: anHourOff() });
    await world.ask('1', 'canary');
    await world.report('1', 'canary', { state: 'deployed' });
    world.minutes(75);
    expect((await world.ask('1', 'canary', 'exit')).verdict).toBe('promote');
    expect(told(await world.ask('1', 'early'))).toEqual([['hold', 'frozen', '2026-11-22T12:00:00.000Z']]);
  });

  it('is told with the local time of its zone', async () => {
    const world = await frozen({ weekend: aWeekend({ reason: 'nobody is on call' }) });
    const [finding] = freezeFindings(await world.ask('1', 'canary'));
    expect(finding?.because).toBe(
      'weekend freezes checkout in canary until 2026-11-23T07:00:00.000Z (Mon 08:00 Europe/Berlin): nobody is on call.',
    );
    world.minutes(24 * 60);
    const [open] = freezeFindings(await world.ask('1', 'canary'));
    expect(open?.because).toBe(
      'No freeze covers checkout in canary; the next one, weekend, begins at 2026-11-27T17:00:00.000Z (Fri 18:00 Europe/Berlin).',
    );
  });

  it('moves the earliest promote behind it when a bake ends within it', async () => {
    const world = await frozen({ release: anHourOff() });
    world.minutes(50);
    await world.ask('1', 'canary');
    await world.report('1', 'canary', { state: 'deployed' });
    const decision = await world.ask('1', 'early');
    const bake = decision.findings.find(({ check, ring }) => check === 'bake' && ring === 'canary');
    expect([bake?.clearsAt, decision.earliestPromoteAt]).toEqual([
      '2026-11-22T11:05:00.000Z',
      '2026-11-22T12:00:00.000Z',
    ]);
  });

  it('that is put while a decision is being taken counts in it', async () => {
    const world = await frozen({});
    world.ports.store.beforeAppend = () => world.put('freeze', 'now', anHourOff({ start: '2026-11-22T10:00:00' }));
    const decision = await world.ask('1', 'canary');
    expect([decision.verdict, ...told(decision)]).toEqual(['hold', ['hold', 'frozen', '2026-11-22T12:00:00.000Z']]);
  });

  it('that is deleted while a decision is being taken counts no more', async () => {
    const world = await frozen({ now: anHourOff({ start: '2026-11-22T10:00:00' }) });
    world.ports.store.beforeAppend = () => remove(world, 'now');
    expect((await world.ask('1', 'canary')).verdict).toBe('promote');
  });

  it('that is over is not carried along in the record, an allow window that is over is', async () => {
    const past = { start: '2026-11-01T00:00:00', end: '2026-11-02T00:00:00' };
    const world = await frozen({
      later: anHourOff(),
      over: anHourOff(past),
      closed: anHourOff({ ...past, kind: 'allow' }),
    });
    const { id } = await world.ask('1', 'canary');
    const { facts } = await getDecision(world.ports, id as string);
    expect(facts?.controls?.freezes.map(({ name }) => name)).toEqual(['closed', 'later']);
  });

  it('whose windows cannot be worked out counts as frozen until somebody mends it', async () => {
    const world = await frozen({});
    await store(world, 'broken', anHourOff({ timeZone: 'Mars/Olympus' }));
    const decision = await world.ask('1', 'canary');
    const [finding] = freezeFindings(decision);
    expect(decision).toMatchObject({ verdict: 'hold', earliestPromoteAt: null });
    expect(finding).toMatchObject({ cause: 'frozen', clears: 'by-person', action: { who: 'configurator' } });
    expect(finding?.because).toBe('The windows of broken cannot be worked out, so it counts as frozen.');
  });
});

describe('an allow window', () => {
  const hours = anHourOff({ kind: 'allow', recurrence: { cron: '0 9 * * *' }, end: { time: '11:00' } });
  const { start: _, ...everyMorning } = hours;

  it('is the only time at which what it covers is open, and a promise ends with it', async () => {
    const world = await frozen({ mornings: everyMorning });
    expect(await world.ask('1', 'canary')).toMatchObject({ verdict: 'promote' });
    world.minutes(50);
    expect((await world.ask('2', 'canary', 'enter', { dryRun: true })).validUntil).toBeNull();
    expect((await world.ask('1', 'canary')).validUntil).toBe('2026-11-22T11:00:00.000Z');
    world.minutes(10);
    const outside = await world.ask('1', 'canary');
    expect(told(outside)).toEqual([['hold', 'outside-allowed-window', '2026-11-23T09:00:00.000Z']]);
    expect(freezeFindings(outside)[0]).toMatchObject({
      because: 'checkout may enter canary only within mornings, and now is outside.',
      needs: 'mornings opens at 2026-11-23T09:00:00.000Z (Mon 09:00 UTC).',
    });
  });

  it('says nothing about what it does not cover', async () => {
    const world = await frozen({ mornings: { ...everyMorning, scope: { services: ['*'], rings: ['global'] } } });
    world.minutes(120);
    expect((await world.ask('1', 'canary')).verdict).toBe('promote');
  });

  it('is beaten by a freeze', async () => {
    const world = await frozen({ mornings: everyMorning, now: anHourOff({ start: '2026-11-22T09:30:00' }) });
    expect(told(await world.ask('1', 'canary'))).toEqual([['hold', 'frozen', '2026-11-23T09:00:00.000Z']]);
  });

  it('is enough where another one is closed', async () => {
    const evenings = { ...everyMorning, recurrence: { cron: '0 18 * * *' }, end: { time: '20:00' } };
    const world = await frozen({ mornings: everyMorning, evenings });
    expect((await world.ask('1', 'canary')).verdict).toBe('promote');
    world.minutes(120);
    expect(told(await world.ask('1', 'canary'))).toEqual([
      ['hold', 'outside-allowed-window', '2026-11-22T18:00:00.000Z'],
    ]);
  });

  it('whose next time lies within a freeze is waited for, though nobody knows yet until when', async () => {
    const christmas = anHourOff({ start: '2026-11-22T23:00:00', end: '2026-11-25T23:00:00' });
    const world = await frozen({ mornings: everyMorning, christmas });
    world.minutes(120);
    const [outside] = freezeFindings(await world.ask('1', 'canary'));
    expect(outside).toMatchObject({ cause: 'outside-allowed-window', clears: 'by-time' });
    expect(outside?.clearsAt).toBeUndefined();
  });

  it('that never comes back needs somebody', async () => {
    const world = await frozen({ once: anHourOff({ kind: 'allow', start: '2026-11-22T09:00:00' }) });
    world.minutes(180);
    const [finding] = freezeFindings(await world.ask('1', 'canary'));
    expect(finding).toMatchObject({ clears: 'by-person', needs: 'No window is coming within the next 400 days.' });
  });
});

describe('an exempt class of changes', () => {
  const securityBy = { by: requestBy('pipeline', ['standard', 'security']), change: 'security' };
  const now = anHourOff({ start: '2026-11-22T09:00:00', exempt: ['security'] });

  it('passes the freeze with a finding that says so', async () => {
    const world = await frozen({ now });
    const decision = await world.ask('1', 'canary', 'enter', securityBy);
    expect(decision.verdict).toBe('promote');
    expect(freezeFindings(decision)[0]).toMatchObject({
      cause: 'not-applicable',
      because: 'The freeze now does not stop the change class security.',
      evidence: { freeze: 'now', exempt: 'security' },
    });
  });

  it('is passed by no other class, and by no freeze that does not name it', async () => {
    const world = await frozen({ now });
    expect((await world.ask('1', 'canary')).verdict).toBe('hold');
    await world.put('freeze', 'strict', anHourOff({ start: '2026-11-22T09:00:00' }));
    expect((await world.ask('1', 'canary', 'enter', securityBy)).verdict).toBe('hold');
  });

  it('is not shortened by what does not stop it', async () => {
    const world = await frozen({ later: anHourOff({ start: '2026-11-22T10:05:00', exempt: ['security'] }) });
    expect((await world.ask('1', 'canary', 'enter', securityBy)).validUntil).toBe('2026-11-22T10:15:00.000Z');
    expect((await world.ask('2', 'canary')).verdict).toBe('hold');
  });

  it('may only be claimed by those who may', async () => {
    const world = await frozen({ now });
    await expect(world.ask('1', 'canary', 'enter', { change: 'security' })).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('"security"'),
    });
  });

  it('passes outside of allow windows that name it', async () => {
    const world = await frozen({ once: anHourOff({ kind: 'allow', exempt: ['security'] }) });
    expect((await world.ask('1', 'canary')).verdict).toBe('hold');
    expect((await world.ask('1', 'canary', 'enter', securityBy)).verdict).toBe('promote');
  });
});

/** Puts it past every check, as an older version or another program might have. */
async function store(world: World, name: string, document: FreezeDocument): Promise<void> {
  const key = { kind: 'freeze', owner: '', name } as const;
  await append(world, { kind: 'put-config', key, document, etag: '0' });
}

async function remove(world: World, name: string): Promise<void> {
  await append(world, { kind: 'delete-config', key: { kind: 'freeze', owner: '', name } });
}

async function append({ ports }: World, write: Parameters<typeof ports.store.append>[0]['writes'][number]) {
  const entry = newEntry(ports, null, { kind: 'test', at: await ports.store.now() });
  await ports.store.append({ entry, expects: {}, raises: ['global'], writes: [write] });
}
