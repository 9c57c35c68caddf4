import { expect } from 'vitest';
import type { Page, PageRequest } from '../../src/app/ports.ts';

/** Every item of a list, read page by page. */
export async function readAll<T>(limit: number, read: (page: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await read({ limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return items;
}
