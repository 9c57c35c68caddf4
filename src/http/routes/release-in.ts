import { invalid } from '../../domain/errors.ts';
import { parseRelease, type Release } from '../../domain/release.ts';

/** The release of a path. The contract's pattern has let it through; the domain has the last word. */
export function releaseIn(path: { readonly release: string }): Release {
  const release = parseRelease(path.release);
  if (release === null) throw invalid([{ pointer: '/path/release', message: 'must be service@version' }]);
  return release;
}
