import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControlRow } from '../../src/app/ports.ts';
import type { Halt } from '../../src/domain/controls.ts';
import { samePerson } from '../../src/domain/person.ts';
import type { OpenedStore } from '../../src/storage/store.ts';
import { engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { aCommit } from './commits.ts';

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const anHourAgo = () => new Date(Date.now() - 3_600_000).toISOString();

/** For the store a document is what has an id and an instant. */
function row(parts: Partial<ControlRow> = {}, at = '2026-01-01T00:00:00.000Z'): ControlRow {
  const document: Halt = {
    id: randomUUID(),
    at,
    by: { id: null, name: 'ada' },
    scope: { everything: true },
    reason: 'wait',
    lifted: null,
  };
  return { kind: 'halt', service: null, version: null, document, expiresAt: null, endedAt: null, ...parts };
}

describe.each(engineKinds)('Halts, approvals and overrides on %s', (kind) => {
  let engine: TestEngine;
  let store: OpenedStore;
  const put = async (...rows: readonly ControlRow[]) => {
    for (const control of rows) await store.append(aCommit({ writes: [{ kind: 'put-control', control }] }));
  };
  const idsIn = (rows: readonly ControlRow[]) => rows.map(({ document }) => document.id);
  const standingFor = async (service: string, version: string) =>
    idsIn((await store.gateState(service, version)).controls);

  beforeAll(async () => {
    engine = await openEngine(kind);
    store = await engine.open();
  });
  afterAll(() => engine.destroy());

  it('are given back as they were put, with what must still hold when they are changed', async () => {
    const own = row({ service: 'a', version: '1', expiresAt: inAnHour() });
    const whole = row();
    await put(own, whole);
    expect(await store.control('halt', own.document.id)).toEqual({
      row: own,
      revisions: { history: expect.any(Number), global: 0, 'service/a': 0 },
    });
    expect(await store.control('halt', whole.document.id)).toEqual({
      row: whole,
      revisions: { history: expect.any(Number), global: 0 },
    });
    expect(await store.control('approval', own.document.id)).toBeNull();
    expect(await store.control('halt', randomUUID())).toBeNull();
    expect(await store.control('halt', "'; drop table control; --")).toBeNull();
  });

  it('end and stay', async () => {
    const before = row({ service: 'b' });
    await put(before);
    const ended = { ...before, endedAt: anHourAgo() };
    await put(ended);
    expect((await store.control('halt', ended.document.id))?.row).toEqual(ended);
    const filter = { kind: 'halt', service: 'b' } as const;
    expect((await store.controls(filter, { limit: 10, cursor: null })).items).toEqual([ended]);
    expect((await store.controls({ ...filter, standing: true }, { limit: 10, cursor: null })).items).toEqual([]);
    expect(await standingFor('b', '1')).not.toContain(ended.document.id);
  });

  it('are part of the state of what they are about, the oldest first, as long as they stand', async () => {
    const about = [
      row({ service: 'c', version: '1' }, '2026-01-03T00:00:00.000Z'),
      row({ service: 'c' }, '2026-01-02T00:00:00.000Z'),
      row({ kind: 'override', service: 'c', version: '1', expiresAt: inAnHour() }, '2026-01-04T00:00:00.000Z'),
    ] as const;
    const others = [
      row({ service: 'c', version: '2' }),
      row({ service: 'd' }),
      row({ service: 'c', version: '1', endedAt: anHourAgo() }),
      row({ kind: 'override', service: 'c', version: '1', expiresAt: anHourAgo() }),
    ];
    await put(...about, ...others);
    const found = await standingFor('c', '1');
    const [release, service, override] = idsIn(about);
    expect(found.filter((id) => idsIn(about).includes(id))).toEqual([service, release, override]);
    expect(found.filter((id) => idsIn(others).includes(id))).toEqual([]);
  });

  it('are listed newest first, page by page, by kind, service and version', async () => {
    const rows = ['01', '02', '03'].map((day) =>
      row({ kind: 'approval', service: 'e', version: '1' }, `2026-02-${day}T00:00:00.000Z`),
    );
    await put(...rows, row({ kind: 'approval', service: 'e', version: '2' }), row({ service: 'e', version: '1' }));
    const filter = { kind: 'approval', service: 'e', version: '1' } as const;
    const first = await store.controls(filter, { limit: 2, cursor: null });
    const second = await store.controls(filter, { limit: 2, cursor: first.next });
    expect([...first.items, ...second.items]).toEqual([...rows].reverse());
    expect(second.next).toBeNull();
  });

  it('find the decisions of a person however the name is written', async () => {
    const names = [
      'Ada',
      '\u00a0ÄDA\t',
      'grace',
      'ΟΔΥΣΣΕΥΣ',
      'οδυσσευς',
      'İnci',
      'inci',
      'Straße',
      'STRASSE',
      'Ǆ\u3000',
      'ǆ',
      'José',
      'Jose\u0301',
      'ｊｏｓé',
    ];
    for (const actor of names) await store.append(aCommit({ body: { kind: 'asked', actor } }));
    const by = async (actor: string) => {
      const { items } = await store.entries({ kind: 'asked', actor }, { limit: 20, cursor: null });
      return items.map(({ body }) => JSON.parse(body).actor as string);
    };
    expect(await by('ADA ')).toEqual(['Ada']);
    expect(await by('äda')).toEqual(['\u00a0ÄDA\t']);
    expect(await by('%')).toEqual([]);
    expect((await by('JOSÉ')).sort()).toEqual(['Jose\u0301', 'José', 'ｊｏｓé']);
    for (const person of names) {
      expect((await by(person)).sort()).toEqual(names.filter((name) => samePerson(name, person)).sort());
    }
  });

  it('find the decisions that were recorded before there were keys of people, by case and outer space', async () => {
    for (const actor of ['\u00a0ÄDA\t', 'grace']) {
      const { entry, ...rest } = aCommit({ body: { kind: 'asked-before', actor } });
      await store.append({ ...rest, entry: { ...entry, person: null } });
    }
    const { items } = await store.entries({ kind: 'asked-before', actor: 'äda' }, { limit: 20, cursor: null });
    expect(items.map(({ body }) => JSON.parse(body).actor)).toEqual(['\u00a0ÄDA\t']);
  });
});
