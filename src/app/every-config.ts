import type { ConfigKind, ConfigRow, Store } from './ports.ts';

/** Every document of a kind, of every owner, read page by page. */
export async function everyConfig<T>(store: Store, kind: ConfigKind): Promise<readonly ConfigRow<T>[]> {
  const rows: ConfigRow<T>[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Store['configs']>> = await store.configs(kind, null, { limit: 500, cursor });
    rows.push(...(page.items as readonly ConfigRow<T>[]));
    cursor = page.next;
  } while (cursor !== null);
  return rows;
}
