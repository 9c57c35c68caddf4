import type { ClaimedGithub, GithubRequest } from '../app/ports.ts';
import { type Engine, type Statement, unavailable } from './engine.ts';
import { HISTORY, HISTORY_NOW } from './history.ts';

/** Writes what GitHub asked once, and how far the answer is. */
export const PUT_GITHUB = `insert into github_request (id, document, due_at, failures, reports, reported, ended_at)
  select id, document, "dueAt", failures, reports, reported, "endedAt"
  from jsonb_to_recordset($1::jsonb) as put
    (id text, document jsonb, "dueAt" timestamptz, failures integer, reports integer, reported text, "endedAt" timestamptz)
  on conflict (id) do update set due_at = excluded.due_at, failures = excluded.failures, reports = excluded.reports,
    reported = excluded.reported, ended_at = excluded.ended_at`;

/** The row of a request: what changes stands in columns of its own. */
export function githubRow(request: GithubRequest): object {
  const { id, dueAt, failures, reports, reported, endedAt, ...document } = request;
  return { id, document, dueAt, failures, reports, reported, endedAt };
}

const CLAIM = `with due as (
    select id from github_request where ended_at is null and due_at <= $1::timestamptz
    order by due_at limit $3::integer for update skip locked
  )
  update github_request as g set due_at = $2::timestamptz from due where g.id = due.id
  returning json_build_object('request', g.document::jsonb || jsonb_build_object('id', g.id, 'dueAt', rfc3339(g.due_at),
      'failures', g.failures, 'reports', g.reports, 'reported', g.reported, 'endedAt', null),
    'revisions', json_build_object('${HISTORY}', ${HISTORY_NOW}, 'github/' || g.id,
      coalesce((select n from revision where scope = 'github/' || g.id), 0)))::text as claimed`;

/** Requests that are due, each to one caller only. */
export async function claimGithub(
  engine: Engine,
  { now, until, limit }: { readonly now: string; readonly until: string; readonly limit: number },
): Promise<readonly ClaimedGithub[]> {
  const rows = await write<{ claimed: string }>(engine, {
    name: 'claim-github',
    text: CLAIM,
    values: [now, until, limit],
  });
  return rows.map(({ claimed }) => JSON.parse(claimed) as ClaimedGithub);
}

const POSTPONE = `update github_request set due_at = $2::timestamptz, failures = $3::integer
  where id = $1 and ended_at is null`;

export async function postponeGithub(
  engine: Engine,
  id: string,
  { dueAt, failures }: { readonly dueAt: string; readonly failures: number },
): Promise<void> {
  await write(engine, { name: 'postpone-github', text: POSTPONE, values: [id, dueAt, failures] });
}

/** What is over is kept for a month; that a failure leaves it longer is no harm. */
export async function forgetGithub(engine: Engine): Promise<void> {
  await write(engine, { text: 'select forget_github()', values: [] }).catch(() => undefined);
}

async function write<T>(engine: Engine, statement: Statement): Promise<readonly T[]> {
  let rows: readonly T[] = [];
  try {
    await engine.transact(async (session) => {
      rows = await session.run<T>(statement);
      return [];
    });
    return rows;
  } catch (error) {
    throw unavailable(error);
  }
}
