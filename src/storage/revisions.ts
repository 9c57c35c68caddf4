import type { Commit, CommitOutcome, Revisions } from '../app/ports.ts';
import type { Engine, Session, Statement } from './engine.ts';
import { HISTORY, HISTORY_NOW } from './history.ts';

/** What a batch comes to, given the numbers that stand. */
export interface Judged {
  readonly outcomes: readonly CommitOutcome[];
  readonly accepted: readonly Commit[];
  /** The new numbers of the scopes that were raised. */
  readonly raised: Revisions;
}

/**
 * Optimistic concurrency (law 5): whoever decided on a state that is no longer there must not be
 * recorded. Commits of a batch are judged in order, each against what the ones before it raised,
 * as if every one had a transaction of its own.
 */
export function judge(commits: readonly Commit[], standing: Revisions): Judged {
  const numbers = new Map(Object.entries(standing));
  const raised: Record<string, number> = {};
  const accepted: Commit[] = [];
  const outcomes = commits.map((commit): CommitOutcome => {
    const holds = Object.entries(commit.expects).every(([scope, n]) => (numbers.get(scope) ?? 0) === n);
    if (!holds) return 'state-changed';
    for (const scope of new Set(commit.raises)) {
      raised[scope] = (numbers.get(scope) ?? 0) + 1;
      numbers.set(scope, raised[scope]);
    }
    accepted.push(commit);
    return 'recorded';
  });
  return { outcomes, accepted, raised };
}

/**
 * Makes the transaction one that waits for the disk, and locks every scope that the commits name until it ends:
 * exclusively where one raises it, else shared. Gives their numbers, and that of the history.
 */
export async function lockRevisions(session: Session, commits: readonly Commit[]): Promise<Revisions> {
  const raised = new Set(commits.flatMap((commit) => commit.raises));
  const named = new Set([...raised, ...commits.flatMap((commit) => Object.keys(commit.expects))]);
  named.delete(HISTORY);
  const scopes = [...named].sort();
  const rows = await session.run<{ scope: string; n: string | null }>({
    name: 'lock-revisions',
    text: 'select scope, n from lock_revisions($1::text[], $2::boolean[])',
    values: [scopes, scopes.map((scope) => raised.has(scope))],
  });
  return Object.fromEntries(rows.map((row) => [row.scope, Number(row.n)]));
}

/** What raises them; nothing where nothing is raised. */
export function raising(raised: Revisions): readonly Statement[] {
  if (Object.keys(raised).length === 0) return [];
  const text = `update revision set n = r.n from unnest($1::text[], $2::bigint[]) as r (scope, n)
      where revision.scope = r.scope`;
  return [{ name: 'raise-revisions', text, values: [Object.keys(raised), Object.values(raised)] }];
}

/** The numbers of the scopes and of the history; 0 where nothing was written yet. */
export async function readRevisions(engine: Engine, scopes: readonly string[]): Promise<Revisions> {
  const rows = await engine.read<{ revisions: string }>({
    name: 'revisions',
    text: `select ${revisionsJson('$1')}::text as revisions`,
    values: [scopes],
  });
  return JSON.parse((rows as [{ revisions: string }])[0].revisions) as Revisions;
}

/** The scopes on which anything about this service depends. */
export function scopesOf(service: string | null): readonly string[] {
  return service === null ? ['global'] : ['global', `service/${service}`];
}

/** SQL for the numbers of a text[] of scopes and of the history as one JSON object; 0 where nothing was written yet. */
export function revisionsJson(scopes: string): string {
  return `(select json_object_agg(s.scope, case s.scope when '${HISTORY}' then ${HISTORY_NOW} else coalesce(r.n, 0) end)
    from unnest(array['${HISTORY}'] || array_remove(${scopes}::text[], '${HISTORY}')) as s (scope)
    left join revision r on r.scope = s.scope)`;
}
