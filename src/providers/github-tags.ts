/**
 * Where a tag is, from GitHub's list of a repository's tags: it comes page by page, in no order that is promised,
 * and needs no permission that an App may lack. Only a list that was read to its end shows that there is no such tag.
 */
import type { GithubFailure, GithubSession } from '../app/ports.ts';

/** A page as long as GitHub allows. */
export const TAGS_OF_PAGE = 100;
const MOST_PAGES = 30;

export type TagPage = readonly { readonly name: string; readonly commit: string }[];

/** Reads page after page until the tag is found or the list is over. */
export async function findTag(
  page: (number: number) => Promise<TagPage | GithubFailure>,
  name: string,
): ReturnType<GithubSession['findTag']> {
  for (let number = 1; number <= MOST_PAGES; number += 1) {
    const tags = await page(number);
    if ('detail' in tags) return tags;
    const tag = tags.find((each) => each.name === name);
    if (tag !== undefined) return { kind: 'found', commit: tag.commit };
    if (tags.length < TAGS_OF_PAGE) return { kind: 'found', commit: null };
  }
  const detail = `it is not among the first ${MOST_PAGES * TAGS_OF_PAGE} tags of the repository`;
  return { kind: 'failed', status: 200, detail, pauseMs: 0 };
}

/** The tags of an answer; null when it is something else. */
export function tagsIn(body: string): TagPage | null {
  try {
    const rows: unknown = JSON.parse(body);
    if (!Array.isArray(rows)) return null;
    const tags = rows.map((row) => ({ name: row?.name, commit: row?.commit?.sha }));
    return tags.every(({ name, commit }) => typeof name === 'string' && typeof commit === 'string') ? tags : null;
  } catch {
    return null;
  }
}
