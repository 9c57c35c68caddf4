import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClaimedGithub, GithubRequest } from '../../src/app/ports.ts';
import { newEntry } from '../../src/app/record.ts';
import type { OpenedStore } from '../../src/storage/store.ts';
import { engineKinds, openEngine, type TestEngine } from '../support/engines.ts';
import { testId } from '../support/memory-ports.ts';

const AT = '2026-11-22T10:00:00.000Z';
const LATER = '2026-11-22T10:01:00.000Z';

describe.each(engineKinds)('deployments that wait at GitHub, on %s', (kind) => {
  let engine: TestEngine;
  let store: OpenedStore;
  let ids = 0;

  beforeAll(async () => {
    engine = await openEngine(kind);
    store = await engine.open();
  });
  afterAll(() => engine.destroy());

  const aRequest = (id: string, more: Partial<GithubRequest> = {}): GithubRequest => ({
    id,
    app: 'octo',
    delivery: '72d3162e',
    repository: 'octo/checkout',
    environment: 'größer 💥',
    run: '812',
    ref: '1.4.2',
    sha: '6dcb09b5b57875f334f61aebed695e2e4193db5e',
    installation: 99,
    sender: 'ada',
    build: null,
    receivedAt: AT,
    dueAt: AT,
    failures: 0,
    reports: 0,
    reported: '',
    endedAt: null,
    ...more,
  });
  const put = (request: GithubRequest, expected: number) => {
    const runtime = { newId: () => testId(++ids) };
    const ports = { origin: 'test', gateVersion: '0', runtime } as unknown as Parameters<typeof newEntry>[0];
    const entry = newEntry(ports, null, { kind: 'github-request', at: AT });
    const scope = `github/${request.id}`;
    const write = { kind: 'put-github', request } as const;
    return store.append({ entry, expects: { [scope]: expected }, raises: [scope], writes: [write] });
  };
  const claim = (now: string, limit = 10): Promise<readonly ClaimedGithub[]> =>
    store.claimGithub({ now, until: LATER, limit });

  it('are given to one caller each, whole, until the time is over', async () => {
    expect(await put(aRequest('a'), 0)).toBe('recorded');
    expect(await put(aRequest('a', { sender: 'eve' }), 0)).toBe('state-changed');
    const both = await Promise.all([claim(AT), claim(AT)]);
    expect(both.flat()).toEqual([
      { request: { ...aRequest('a'), dueAt: LATER }, revisions: { history: expect.any(Number), 'github/a': 1 } },
    ]);
    expect(await claim(AT)).toEqual([]);
    expect(await claim(LATER)).toMatchObject([{ request: { id: 'a', sender: 'ada' } }]);
  });

  it('are looked at again when it was said, until they have ended', async () => {
    await store.postponeGithub('a', { dueAt: AT, failures: 3 });
    expect(await claim(AT)).toMatchObject([{ request: { id: 'a', failures: 3 } }]);
    const told = aRequest('a', { dueAt: AT, reports: 2, reported: 'baking' });
    expect(await put(told, 1)).toBe('recorded');
    expect(await claim(AT)).toMatchObject([
      { request: { reports: 2, reported: 'baking' }, revisions: { 'github/a': 2 } },
    ]);
    expect(await put(aRequest('a', { endedAt: AT }), 2)).toBe('recorded');
    await store.postponeGithub('a', { dueAt: AT, failures: 0 });
    expect(await claim(LATER)).toEqual([]);
  });

  it('are taken in the order in which they are due, and not too many at once', async () => {
    await put(aRequest('late', { dueAt: LATER }), 0);
    await put(aRequest('second', { dueAt: '2026-11-22T09:59:59.000Z' }), 0);
    await put(aRequest('first', { dueAt: '2026-11-22T09:00:00.000Z' }), 0);
    expect((await claim(AT, 1)).map(({ request }) => request.id)).toEqual(['first']);
    expect((await claim(AT)).map(({ request }) => request.id)).toEqual(['second']);
  });
});
