import type { Commit, CommitOutcome, Revisions } from '../app/ports.ts';
import type { Engine, Session, Statement } from './engine.ts';

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

/** Locks every scope that the commits name until the transaction ends: exclusively where one raises it, else shared. */
export async function lockRevisions(session: Session, commits: readonly Commit[]): Promise<Revisions> {
  const raised = new Set(commits.flatMap((commit) => commit.raises));
  const scopes = [...new Set([...raised, ...commits.flatMap((commit) => Object.keys(commit.expects))])].sort();
  if (scopes.length === 0) return {};
  const rows = await session.run<{ scope: string; n: string }>({
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

/** The numbers of the scopes; 0 where nothing was written yet. */
export async function readRevisions(engine: Engine, scopes: readonly string[]): Promise<Revisions> {
  const rows = await engine.read<{ scope: string; n: string }>({
    name: 'revisions',
    text: 'select scope, n from revision where scope = any($1::text[])',
    values: [scopes],
  });
  const found = new Map(rows.map(({ scope, n }) => [scope, Number(n)]));
  return Object.fromEntries(scopes.map((scope) => [scope, found.get(scope) ?? 0]));
}

/** The scopes on which anything about this service depends. */
export function scopesOf(service: string | null): readonly string[] {
  return service === null ? ['global'] : ['global', `service/${service}`];
}

/** SQL for the numbers of a text[] of scopes as one JSON object; 0 where nothing was written yet. */
export function revisionsJson(scopes: string): string {
  return `(select json_object_agg(s.scope, coalesce(r.n, 0))
    from unnest(${scopes}::text[]) as s (scope) left join revision r on r.scope = s.scope)`;
}
