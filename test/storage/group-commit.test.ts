import { describe, expect, it } from 'vitest';
import type { Commit } from '../../src/app/ports.ts';
import { writeBatch } from '../../src/storage/batch.ts';
import { CommitInDoubt, type Engine, type Session, type Statement } from '../../src/storage/engine.ts';
import { GroupCommit, type Outcome } from '../../src/storage/group-commit.ts';
import { History } from '../../src/storage/history.ts';
import { aCommit } from './commits.ts';

type Writer = (commits: readonly Commit[]) => Promise<readonly Outcome[]>;
const recorded: Writer = (commits) => Promise.resolve(commits.map(() => 'recorded'));
const commitsTo = (write: Writer, monotonicMs = () => 0) =>
  new GroupCommit({ write, afterBatch: () => Promise.resolve(), monotonicMs });

describe('Group commit', () => {
  it('flies one batch at a time, while the next one forms', async () => {
    const sizes: number[] = [];
    let flying = 0;
    let land = (): void => undefined;
    const group = commitsTo(async (commits) => {
      expect(++flying).toBe(1);
      sizes.push(commits.length);
      if (sizes.length === 1) await new Promise<void>((resolve) => (land = resolve));
      flying -= 1;
      return recorded(commits);
    });
    const first = group.append(aCommit());
    await new Promise(setImmediate);
    const later = Array.from({ length: 300 }, () => group.append(aCommit()));
    land();
    await Promise.all([first, ...later]);
    expect(sizes).toEqual([1, 256, 44]);
  });

  it('gives up what waited for longer than anybody waits for an answer, and does not write it', async () => {
    let now = 0;
    let land = (): void => undefined;
    const written: Commit[] = [];
    const group = commitsTo(
      async (commits) => {
        written.push(...commits);
        await new Promise<void>((resolve) => (land = resolve));
        return recorded(commits);
      },
      () => now,
    );
    const first = group.append(aCommit());
    await new Promise(setImmediate);
    const late = group.append(aCommit());
    now = 2001;
    land();
    await expect(first).resolves.toBe('recorded');
    await expect(late).rejects.toMatchObject({ code: 'unavailable' });
    expect(written).toHaveLength(1);
  });

  it('stops taking a failed batch apart when that lasts too long', async () => {
    let now = 0;
    let calls = 0;
    const group = commitsTo(
      () => {
        calls += 1;
        now += 900;
        return Promise.reject(new Error('down'));
      },
      () => now,
    );
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => group.append(aCommit())));
    expect(results.every((result) => result.status === 'rejected')).toBe(true);
    expect(calls).toBeLessThan(6);
  });

  it('refuses more than it can hold instead of letting callers wait without end', async () => {
    const group = commitsTo(() => new Promise(() => undefined));
    const refused: unknown[] = [];
    for (let i = 0; i < 2500; i++) group.append(aCommit()).catch((error) => refused.push(error));
    await new Promise(setImmediate);
    expect(refused).toHaveLength(2500 - 2048);
  });
});

/** An engine whose COMMIT breaks off, and what is found of the entries afterwards. */
function breakingEngine(found: (ids: string[]) => Promise<{ id: string }[]>): Engine & { transactions: number } {
  const engine = {
    keepsPlans: true,
    transactions: 0,
    read: (statement: Statement) =>
      (statement.name === 'history' ? Promise.resolve([{ n: '1' }]) : found(statement.values[0] as string[])) as never,
    check: () => Promise.resolve([]),
    async transact(work: (session: Session) => Promise<readonly Statement[]>): Promise<void> {
      engine.transactions += 1;
      await work({ run: () => Promise.resolve([{ scope: 'history', n: '1' }] as never), texts: (values) => values });
      throw new CommitInDoubt(new Error('cut'));
    },
    onLost: () => undefined,
    reconnect: () => undefined,
    stats: () => ({ total: 0, idle: 0, waiting: 0 }),
    close: () => Promise.resolve(),
  };
  return engine;
}

const historyOf = (engine: Engine) => new History(engine, () => undefined);

describe('A COMMIT whose outcome is unknown', () => {
  it('counts as recorded where the entry is found, and as unknown where it is not', async () => {
    const commits = [aCommit(), aCommit(), aCommit({ expects: { global: 1 } })];
    const engine = breakingEngine((ids) => Promise.resolve([{ id: ids[1] ?? '' }]));
    expect(await writeBatch(engine, historyOf(engine), commits)).toEqual(['unknown', 'recorded', 'state-changed']);
  });

  it('is never written a second time, not even when the look-up fails', async () => {
    const engine = breakingEngine(() => Promise.reject(new Error('down')));
    const group = commitsTo((commits) => writeBatch(engine, historyOf(engine), commits));
    const results = await Promise.allSettled([group.append(aCommit()), group.append(aCommit())]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    expect(engine.transactions).toBe(1);
  });
});

describe('A connection that died unnoticed', () => {
  const dropped = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

  it.each([
    [dropped, 2],
    [refused, 1],
  ])('is replaced once, where that may help: %s', async (error, attempts) => {
    const engine = breakingEngine(() => Promise.resolve([]));
    let transactions = 0;
    const transact = () => {
      transactions += 1;
      return Promise.reject(error);
    };
    await expect(writeBatch({ ...engine, transact }, historyOf(engine), [aCommit()])).rejects.toBe(error);
    expect(transactions).toBe(attempts);
  });
});
