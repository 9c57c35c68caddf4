import type { PGlite, Results, Transaction } from '@electric-sql/pglite';

/** Begins a text of several statements. */
export const SCRIPT = '-- script';

type Query = <T>(text: string, values?: unknown[], options?: Parameters<PGlite['query']>[2]) => Promise<Results<T>>;

/**
 * PGlite takes several statements only through `exec`, and its `exec` waits for ever inside a
 * transaction that is not its own. This is as much of PGlite as Kysely uses, with texts that are
 * marked as scripts sent to the `exec` of whatever they belong to; it does not own the database.
 */
export function manyStatements(lite: PGlite) {
  return {
    closed: false,
    ready: true,
    waitReady: lite.waitReady,
    close: () => Promise.resolve(),
    query: queryOf(lite),
    transaction: <T>(work: (transaction: { query: Query; rollback(): Promise<void> }) => Promise<T>): Promise<T> =>
      lite.transaction((tx) => work({ query: queryOf(tx), rollback: () => tx.rollback() })),
  };
}

function queryOf(on: PGlite | Transaction): Query {
  return async <T>(text: string, values?: unknown[], options?: Parameters<PGlite['query']>[2]) => {
    if (!text.startsWith(SCRIPT)) return await on.query<T>(text, values, options);
    await on.exec(text);
    return { rows: [], fields: [] };
  };
}
