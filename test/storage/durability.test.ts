import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openEngine, type TestEngine } from '../support/engines.ts';
import { readAll } from './read-all.ts';

const CHILD = new URL('appending-child.ts', import.meta.url).pathname;
/** Each start of the embedded engine takes a second or more, on a busy machine many. */
const SLOW = 120_000;
const UUID = /^[0-9a-f-]{36}$/;

describe('The embedded database', () => {
  const engines: TestEngine[] = [];
  const children: ChildProcess[] = [];
  let engine: TestEngine;

  beforeEach(async () => {
    engine = await openEngine('embedded');
    engines.push(engine);
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    for (const one of engines) await one.destroy();
  });

  /** Starts a child and gives its lines as they come; `until` resolves when so many were acknowledged. */
  function start(callers: number) {
    const child = spawn(process.execPath, [CHILD, engine.dataDir, String(callers)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    let text = '';
    const lines = () => text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    const until = (enough: () => boolean) =>
      new Promise<void>((resolve, reject) => {
        child.once('close', () => reject(new Error('the child ended by itself')));
        child.stdout.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (enough()) resolve();
        });
      });
    const kill = async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
    };
    return { lines, acknowledged: () => lines().filter((line) => UUID.test(line)), until, kill };
  }

  it(
    'loses no acknowledged entry when its process is killed while it writes, again and again',
    async () => {
      const acknowledged: string[] = [];
      for (const enough of [20, 80, 160]) {
        const child = start(8);
        await child.until(() => child.acknowledged().length >= enough);
        await child.kill();
        acknowledged.push(...child.acknowledged());
      }
      const store = await engine.open();
      const stored = (await readAll(500, (page) => store.entries({}, page))).map((entry) => entry.id);
      const known = new Set(stored);
      expect(acknowledged.filter((id) => !known.has(id))).toEqual([]);
      expect(known.size).toBe(stored.length);
      // What was written and never acknowledged may be there, the batch that was under way at each kill.
      expect(stored.length - acknowledged.length).toBeLessThanOrEqual(3 * 8);
      expect((await store.gateState('any', '1')).revisions.global).toBe(stored.length);
      await store.close();
    },
    SLOW,
  );

  it(
    'waits for the disk at least once for every batch',
    async () => {
      const traces = mkdtempSync(join(tmpdir(), 'ringgate-trace-'));
      const trace = join(traces, 'trace');
      const options = [
        '-f',
        '--seccomp-bpf',
        '-e',
        'trace=fsync,fdatasync,access,stat,statx,faccessat,faccessat2,newfstatat',
      ];
      const output = execFileSync('strace', [
        ...options,
        '-o',
        trace,
        process.execPath,
        CHILD,
        engine.dataDir,
        '1',
        '20',
      ]);
      const calls = readFileSync(trace, 'utf8');
      rmSync(traces, { recursive: true });
      const between = calls.slice(calls.indexOf('marker-begin'), calls.indexOf('marker-end'));
      expect(calls).toContain('marker-begin');
      expect(calls).toContain('marker-end');
      const syncs = between.match(/ (fsync|fdatasync)\(\d+\) += 0/g) ?? [];
      const batches = Number(/batches (\d+)/.exec(output.toString())?.[1]);
      expect(batches).toBe(20);
      expect(syncs.length).toBeGreaterThanOrEqual(batches);
    },
    SLOW,
  );

  it(
    'is refused to a second process, and free again once the first was killed',
    async () => {
      const child = start(1);
      await child.until(() => child.lines().includes('open'));
      await expect(engine.open()).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringMatching(
          /^DATA_DIR .+ is in use by another ringgate process: stop it, or set DATABASE_URL/,
        ),
      });
      await child.kill();
      const store = await engine.open();
      expect(await store.ready()).toEqual({ ready: true });
      await expect(engine.open()).rejects.toMatchObject({ code: 'conflict' });
      await store.close();
    },
    SLOW,
  );
});
