import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { getDecision, getEntry, listDecisions, listEntries } from '../../src/app/audit.ts';
import { putConfig } from '../../src/app/catalogue.ts';
import { decide } from '../../src/app/decide.ts';
import type { DecisionDocument } from '../../src/app/documents.ts';
import { replay, replayEntry } from '../../src/app/replay-decision.ts';
import { canonicalJson, leafHash } from '../../src/domain/audit/canonical.ts';
import { aRule, aService } from '../support/builders.ts';
import { answering, type MemoryPorts, memoryPorts, requestBy, testId } from '../support/memory-ports.ts';

const page = { limit: 10, cursor: null };
const always = { ifMatch: null, ifNoneMatch: null, reason: null };
const identical = { verdictIdentical: true, bytesIdentical: true };

let ports: MemoryPorts;

async function ask(stage: 'enter' | 'exit', build: string | null = null): Promise<DecisionDocument> {
  const release = { service: 'checkout', version: '1.4.2' };
  const rest = { change: 'standard', dryRun: false, artifact: null, actor: 'ada', context: null };
  const question = { release, ring: 'canary', stage, build, ...rest, deadlineMs: 6000, waitMs: 0 };
  const call = { key: null, signal: new AbortController().signal };
  return (await decide(ports, requestBy('pipeline'), question, call)).decision;
}

/** The stored text of an entry as data, changed by the test. */
function rewrite(id: string, change: (body: Record<string, unknown>) => unknown): string {
  const body = ports.store.bodies().find((one) => one.id === id);
  return canonicalJson(change(structuredClone(body ?? {})));
}

beforeEach(async () => {
  ports = memoryPorts({ providers: answering({ kind: 'value', value: '500' }) });
  const by = requestBy('admin');
  await putConfig(ports, by, { kind: 'provider', owner: '', name: 'main' }, { kind: 'recorded' }, always);
  await putConfig(ports, by, { kind: 'service', owner: '', name: 'checkout' }, aService(), always);
  await putConfig(ports, by, { kind: 'rule', owner: 'checkout', name: 'errors' }, aRule(), always);
});

describe('reading decisions', () => {
  it('gives back the answer that the caller got, and the facts it rests on', async () => {
    const answer = await ask('enter', 'https://ci/1');
    const { facts, ...document } = await getDecision(ports, answer.id);
    expect(document).toEqual({ ...answer, repeats: null });
    expect(facts).toMatchObject({ v: 2, question: { service: 'checkout', ring: 'canary' }, at: answer.decidedAt });
  });

  it('finds decisions only, newest first, page by page', async () => {
    const first = await ask('enter');
    const second = await ask('exit');
    const newest = await listDecisions(ports, {}, { limit: 1, cursor: null });
    expect(newest.items).toEqual([second]);
    expect(await listDecisions(ports, {}, { limit: 1, cursor: newest.next })).toEqual({ items: [first], next: null });
    const held = await listDecisions(ports, { verdict: 'hold' }, page);
    expect(held.items.map((one) => one.id)).toEqual(
      [first, second].filter((one) => one.verdict === 'hold').map((one) => one.id),
    );
  });

  it('calls a record of another kind no decision', async () => {
    const { items } = await listEntries(ports, { kind: 'service-put' }, page);
    const id = items[0]?.id ?? '';
    await expect(getDecision(ports, id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(replay(ports, id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(getDecision(ports, testId(999))).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('reading the record', () => {
  it('shows every kind with its body and leaf hash', async () => {
    const { id } = await ask('enter');
    const { items } = await listEntries(ports, {}, page);
    expect(items.map((entry) => entry.kind)).toEqual(['decision', 'rule-put', 'service-put', 'provider-put']);
    const entry = await getEntry(ports, id);
    expect(entry).toEqual(items[0]);
    expect(entry.leafHash).toBe(leafHash(canonicalJson(entry.body)));
    await expect(getEntry(ports, 'nonsense')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('replay', () => {
  it('comes to the same verdict and the same bytes, and says by which versions', async () => {
    for (const stage of ['enter', 'exit'] as const) {
      const { id } = await ask(stage);
      const later = { ...ports, gateVersion: '9.9.9' };
      expect(await replay(later, id)).toEqual({ ...identical, recordedBy: '0.0.0-test', replayedBy: '9.9.9' });
    }
  });

  it('works also for what was scrubbed before it was recorded', async () => {
    const dirty = { kind: 'unavailable', reason: 'connection', detail: 'a\u0000b\ud800\u001b[2J' } as const;
    ports = { ...ports, providers: answering(dirty) };
    await ask('enter', 'https://ci/\u0000');
    const { id } = await ask('exit');
    expect(ports.store.bodies().at(-1)?.facts).toMatchObject({
      measurements: expect.arrayContaining([expect.anything()]),
    });
    expect(await replay(ports, id)).toMatchObject(identical);
  });

  it('finds a verdict that was changed', async () => {
    const { id, verdict } = await ask('exit');
    ports.store.tamper(
      id,
      rewrite(id, (body) => ({ ...body, verdict: verdict === 'promote' ? 'hold' : 'promote' })),
    );
    expect(await replay(ports, id)).toMatchObject({ verdictIdentical: false, bytesIdentical: false });
  });

  it('finds causes that were changed', async () => {
    const { id } = await ask('exit');
    ports.store.tamper(
      id,
      rewrite(id, (body) => ({ ...body, causes: ['frozen'] })),
    );
    expect(await replay(ports, id)).toMatchObject({ verdictIdentical: false, bytesIdentical: false });
  });

  it('finds by its hash what no evaluation could: another asker', async () => {
    const { id } = await ask('enter');
    const text = rewrite(id, (body) => ({ ...body, actor: 'mallory' }));
    expect(replayEntry(text, 'x')).toMatchObject(identical);
    ports.store.tamper(id, text);
    expect(await replay(ports, id)).toMatchObject({ verdictIdentical: true, bytesIdentical: false });
  });

  it('finds facts of a promote that do not lead to it', async () => {
    const { id } = await ask('enter');
    const text = rewrite(id, (body) => ({
      ...body,
      facts: { ...(body.facts as object), at: '2026-11-23T10:00:00.000Z' },
    }));
    expect(replayEntry(text, 'x').bytesIdentical).toBe(false);
  });

  it('takes the same content in another form for the same verdict, but not for the same bytes', async () => {
    const { id } = await ask('enter');
    const pretty = JSON.stringify(JSON.parse(rewrite(id, (body) => body)), null, 2);
    expect(replayEntry(pretty, 'x')).toMatchObject({ verdictIdentical: true, bytesIdentical: false });
  });

  it('never fails on a text that is no decision', () => {
    const nothing = { verdictIdentical: false, bytesIdentical: false, recordedBy: 'unknown', replayedBy: 'x' };
    for (const text of ['', 'null', '[]', '{}', '{"facts":{}}', '{"gateVersion":7}'])
      expect(replayEntry(text, 'x')).toEqual(nothing);
    fc.assert(fc.property(fc.json(), (text) => replayEntry(text, 'x').bytesIdentical === false));
  });

  it('never fails on a decision with any part of it torn out, and never calls it identical', async () => {
    const { id } = await ask('exit');
    const whole = JSON.parse(rewrite(id, (body) => body)) as unknown;
    expect(tornTexts(whole).length).toBeGreaterThan(100);
    for (const text of [...tornTexts(whole), '', 'null', '7']) {
      ports.store.tamper(id, text);
      expect((await replay(ports, id)).bytesIdentical).toBe(false);
    }
  });

  it('finds a decision that was put in the place of another, hash and all', async () => {
    const [first, second] = [await ask('enter'), await ask('exit')];
    const stolen = (await ports.store.entry(second.id))?.body ?? '';
    ports.store.tamper(first.id, stolen, leafHash(stolen));
    expect(await replay(ports, first.id)).toMatchObject({ verdictIdentical: true, bytesIdentical: false });
  });
});

/** The canonical texts of the value with one property or element removed, whichever. */
function tornTexts(value: unknown): readonly string[] {
  return torn(value).map((one) => canonicalJson(one));
}

function torn(value: unknown): readonly unknown[] {
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) {
    return value.flatMap((inner, i) => [value.toSpliced(i, 1), ...torn(inner).map((other) => value.with(i, other))]);
  }
  return Object.entries(value).flatMap(([key, inner]) => {
    const { [key]: _, ...rest } = value as Record<string, unknown>;
    return [rest, ...torn(inner).map((other) => ({ ...rest, [key]: other }))];
  });
}
