import { invalid } from '../../domain/errors.ts';
import { parseRelease, type Release } from '../../domain/release.ts';

/** The release of a path. The contract's pattern has let it through; the domain has the last word. */
export function releaseIn(path: { readonly release: string }): Release {
  return parsed(path.release, '/path/release');
}

/** The release that a list is narrowed to; null for all. */
export function releaseOf(query: { readonly release?: string }): Release | null {
  return query.release === undefined ? null : parsed(query.release, '/query/release');
}

function parsed(text: string, pointer: string): Release {
  const release = parseRelease(text);
  if (release === null) throw invalid([{ pointer, message: 'must be service@version' }]);
  return release;
}
