import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedStore } from '../../src/storage/store.ts';
import { engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { aCommit } from './commits.ts';

const KIND = { kind: 'decision', release: 'checkout@1' };
const CALLER = { kind: 'token', id: '0190a000-0000-7000-8000-000000000f00' };
const asked = (dryRun = false) => ({ facts: { question: { dryRun } } });

describe.each(engineKinds)('When somebody last asked about a release, on %s', (kind) => {
  let engine: TestEngine;
  let store: OpenedStore;

  beforeAll(async () => {
    engine = await openEngine(kind);
    store = await engine.open();
  });
  afterAll(() => engine.destroy());

  const record = (body: object) => store.append(aCommit({ body: { ...KIND, caller: CALLER, ...asked(), ...body } }));

  it('is not known of a release that nobody has asked about', async () => {
    await record({ release: 'checkout@10', at: '2026-11-22T10:00:00.000Z' });
    expect(await store.lastAsked('checkout@1')).toBeNull();
  });

  it('is the instant of the newest question, whoever asked it and however it was recorded', async () => {
    await record({ at: '2026-11-22T10:00:00.000Z' });
    expect(await store.lastAsked('checkout@1')).toBe('2026-11-22T10:00:00.000Z');
    await record({ at: '2026-11-22T10:01:00.000Z', caller: { kind: 'anonymous', id: null } });
    const repeated = { kind: 'decision', release: 'checkout@1', caller: CALLER, question: { dryRun: false } };
    await store.append(aCommit({ body: { ...repeated, at: '2026-11-22T10:02:00.000Z' } }));
    expect(await store.lastAsked('checkout@1')).toBe('2026-11-22T10:02:00.000Z');
  });

  it('is no look of the gate itself, no dry run and nothing but a decision', async () => {
    await record({ at: '2026-11-22T10:03:00.000Z', caller: { kind: 'system', id: null } });
    await record({ at: '2026-11-22T10:04:00.000Z', ...asked(true) });
    await record({ at: '2026-11-22T10:05:00.000Z', kind: 'report' });
    expect(await store.lastAsked('checkout@1')).toBe('2026-11-22T10:02:00.000Z');
  });
});
