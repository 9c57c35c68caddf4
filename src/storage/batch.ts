import type { Commit, CommitOutcome } from '../app/ports.ts';
import { CommitInDoubt, type Engine, wasDropped } from './engine.ts';
import type { Outcome } from './group-commit.ts';
import { HISTORY, type History } from './history.ts';
import { judge, lockRevisions, raising } from './revisions.ts';
import { writing } from './writes.ts';

/** Writes a batch in one transaction. Rejects when nothing of it was written. */
export async function writeBatch(
  engine: Engine,
  history: History,
  commits: readonly Commit[],
): Promise<readonly Outcome[]> {
  let outcomes: readonly CommitOutcome[] = [];
  const transaction = async (): Promise<readonly CommitOutcome[]> => {
    await engine.transact(async (session) => {
      const standing = await lockRevisions(session, commits);
      history.require(standing[HISTORY] ?? 0);
      const judged = judge(commits, standing);
      outcomes = judged.outcomes;
      return [...writing(judged.accepted, session.texts), ...raising(judged.raised)];
    });
    return outcomes;
  };
  try {
    return await history.within(async () => {
      await history.look();
      return await onceMore(transaction);
    });
  } catch (error) {
    if (error instanceof CommitInDoubt) return await lookUp(engine, commits, outcomes);
    throw error;
  }
}

/** A pooled connection may have died unnoticed since its last use: then the work is done again, once, on another. */
async function onceMore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommitInDoubt || !wasDropped(error)) throw error;
    return await work();
  }
}

/**
 * An entry that is found was committed, and with it all that belongs to it. One that is not, or a
 * look-up that fails, proves nothing: writing it again could record it twice.
 */
async function lookUp(
  engine: Engine,
  commits: readonly Commit[],
  outcomes: readonly CommitOutcome[],
): Promise<readonly Outcome[]> {
  const text = 'select id from audit.entry where id = any($1::uuid[])';
  const values = [commits.map((commit) => commit.entry.id)];
  const rows = await engine.read<{ id: string }>({ text, values }).catch(() => []);
  const found = new Set(rows.map((row) => row.id));
  return commits.map((commit, i) => {
    const outcome = outcomes[i] ?? 'state-changed';
    return outcome === 'recorded' && !found.has(commit.entry.id.toLowerCase()) ? 'unknown' : outcome;
  });
}
