import type { Asked, Revisions } from '../app/ports.ts';
import type { Engine } from './engine.ts';

/** Without the history: that of the state decides, and comes along with it. */
const ONE = `select json_build_object('asked/' || $1::text,
    coalesce((select n from revision where scope = 'asked/' || $1), 0))::text as revisions,
  (select json_build_object('id', id, 'fingerprint', fingerprint, 'decision', decision) from asked where id = $1)::text as row`;

/** Writes what was answered; the later answer takes the place of the earlier one. */
export const PUT_ASKED = `insert into asked (id, fingerprint, decision)
  select id, fingerprint, decision from jsonb_to_recordset($1::jsonb) as put (id text, fingerprint text, decision uuid)
  on conflict (id) do update set fingerprint = excluded.fingerprint, decision = excluded.decision, at = excluded.at`;

/** What was answered under a key, and the revision that must still hold when something else is. */
export async function readAsked(
  engine: Engine,
  id: string,
): Promise<{ readonly row: Asked | null; readonly revisions: Revisions }> {
  const rows = await engine.read<{ row: string | null; revisions: string }>({ name: 'asked', text: ONE, values: [id] });
  const { row, revisions } = (rows as [{ row: string | null; revisions: string }])[0];
  return { row: row === null ? null : (JSON.parse(row) as Asked), revisions: JSON.parse(revisions) as Revisions };
}

/** Answers under a key are kept for a day; that a failure leaves them longer is no harm. */
export async function forgetAsked(engine: Engine): Promise<void> {
  await engine.transact(async () => [{ text: 'select forget_asked()', values: [] }]).catch(() => undefined);
}
