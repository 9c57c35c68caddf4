import type { Evidence, Finding, Words } from './finding.ts';
import { parseRelease } from './release.ts';

/** Where what was counted came from: ` in canary`, or of several rings that the queries do not tell apart. */
export function whereCounted({ across }: Evidence, ring: string): string {
  return Array.isArray(across) ? ` in ${listed(across as string[])} together` : ` in ${ring}`;
}

/** Words for a ring about which no rule speaks by itself; `because` says that it is not proven. */
export function sharedWords({ evidence, ring = '' }: Finding, because: string, release: string): Words {
  const shared = evidence.shared as { rule: string; across: string[] }[];
  const [first] = shared;
  const rules = shared.map(({ rule }) => rule);
  const counts = rules.length === 1 ? 'counts' : 'count';
  const does = `${listed(rules)} ${counts} ${release} in ${listed(first?.across ?? [])} together, which proves none of them.`;
  return {
    because: `${because.replace(/\.$/, '')}: ${does}`,
    needs: `Select the ring with \${ring} in every query, or say "attribution": "release" if what ${release} does elsewhere may prove ${ring}.`,
    action: { who: 'configurator', do: `PUT /services/${parseRelease(release)?.service ?? ''}/rules/${first?.rule}` },
  };
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
