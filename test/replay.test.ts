import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Entry, Store } from '../src/app/ports.ts';
import { leafHash } from '../src/domain/audit/canonical.ts';
import { replayAll } from '../src/replay.ts';
import { aRule, aService } from './support/builders.ts';
import { runGate } from './support/gate-process.ts';
import { aWorld } from './support/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringgate-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function recorded(): Promise<readonly Entry[]> {
  const world = await aWorld(aService(), { errors: aRule() });
  await world.ask('1.0.0', 'canary');
  await world.ask('1.0.0', 'early');
  return (await world.ports.store.entries({ kind: 'decision' }, { limit: 500, cursor: null })).items;
}

/** The same entries, one per page, as a long log would come. */
function paged(entries: readonly Entry[]): { readonly store: Pick<Store, 'entries' | 'entry'> } {
  const entriesOf: Store['entries'] = async (_filter, { cursor }) => {
    const at = Number(cursor ?? 0);
    return { items: entries.slice(at, at + 1), next: at + 1 < entries.length ? String(at + 1) : null };
  };
  const entry: Store['entry'] = async (id) => entries.find((each) => each.id === id) ?? null;
  return { store: { entries: entriesOf, entry } };
}

function fileOf(entries: readonly Entry[]): string {
  const file = join(folder, `${entries.length}-${entries.map((entry) => entry.leafHash.slice(0, 8)).join('-')}.ndjson`);
  writeFileSync(file, entries.map((entry) => `${entry.body}\n`).join(''));
  return file;
}

/** Turns the verdict around, as somebody with access to the database might; the hash too, if they think of it. */
function tampered(entry: Entry, withHash: boolean): Entry {
  const body = entry.body.replaceAll('"hold"', '"promote"');
  expect(body).not.toBe(entry.body);
  return { ...entry, body, ...(withHash ? { leafHash: leafHash(body) } : {}) };
}

describe('the replay of a whole log', () => {
  it('finds no difference in what was recorded, over all pages and from a file', async () => {
    const entries = await recorded();
    expect(entries).toHaveLength(2);
    expect(await replayAll(paged(entries))).toEqual({ count: 2, differences: [] });
    expect(await replayAll({ file: fileOf(entries) })).toEqual({ count: 2, differences: [] });
  });

  it('names a decision whose text was changed, whether or not its hash was changed with it', async () => {
    const [early, canary] = await recorded();
    if (early === undefined || canary === undefined) throw new Error('two decisions are expected');
    for (const withHash of [true, false]) {
      const { count, differences } = await replayAll(paged([canary, tampered(early, withHash)]));
      expect(count).toBe(2);
      expect(differences).toEqual([expect.stringContaining(early.id)]);
    }
  });

  it('finds by its hash what no evaluation can contradict, like another name of the asker', async () => {
    const [early] = await recorded();
    if (early === undefined) throw new Error('a decision is expected');
    const body = early.body.replace(/"name":"[^"]+"/, '"name":"somebody else"');
    expect(body).not.toBe(early.body);
    expect((await replayAll(paged([{ ...early, body }]))).differences).toEqual([
      expect.stringContaining('its hash differs'),
    ]);
  });

  it('counts what is not a decision at all as different', async () => {
    const file = join(folder, 'garbage');
    writeFileSync(file, '{}\n\nnot json\n');
    const { count, differences } = await replayAll({ file });
    expect(count).toBe(2);
    expect(differences.map((line) => line.split(':')[0])).toEqual(['line 1', 'line 3']);
  });
});

describe('ringgate replay', () => {
  it('ends with 0 when all is the same and with 1 when something differs', async () => {
    const [early, canary] = await recorded();
    if (early === undefined || canary === undefined) throw new Error('two decisions are expected');
    const same = await runGate(['replay', '--file', fileOf([canary, early])]);
    expect(same).toMatchObject({ code: 0, stdout: expect.stringMatching(/^2 decisions .+ 0 differ\.\n$/) });
    const other = await runGate(['replay', '--file', fileOf([canary, tampered(early, true)])]);
    expect(other).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^line 2: another decision .+\n2 decisions .+ 1 differ\.\n$/),
    });
  });

  it('says that a file is not there', async () => {
    const { code, stderr } = await runGate(['replay', '--file', '/nowhere']);
    expect(code).toBe(1);
    expect(stderr).toBe('ringgate: /nowhere cannot be read.\n');
  });
});
