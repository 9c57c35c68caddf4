import type { GithubQuestion } from './github-request.ts';
import { isVersion, type Release } from './release.ts';

/** Which release and ring a deployment to an environment of a repository is about. */
export interface GithubEnvironment {
  /** `owner/name`; case does not matter, as at GitHub. */
  readonly repository: string;
  readonly environment: string;
  readonly service: string;
  readonly ring: string;
  /** What the version is: the branch or tag, or the commit. */
  readonly version: 'ref' | 'sha';
}

export type GithubTarget =
  | { readonly kind: 'target'; readonly release: Release; readonly ring: string }
  /** Nobody can say which release it is. `because` says what somebody has to do. */
  | { readonly kind: 'unknown'; readonly cause: string; readonly because: string };

/** What is asked of the gate. Not knowing is an answer of its own: it is neither approved nor rejected. */
export function githubTarget(
  app: string,
  environments: readonly GithubEnvironment[],
  question: GithubQuestion,
): GithubTarget {
  const { repository, environment } = question;
  const found = environments.find((each) => environmentKey(each) === environmentKey(question));
  if (found === undefined) {
    const because =
      `the environment ${environment} of ${repository} belongs to no ring yet. ` +
      `An administrator adds it to \`environments\` with \`PUT /github/${app}\``;
    return { kind: 'unknown', cause: 'unmapped', because };
  }
  const version = question[found.version];
  if (!isVersion(version)) {
    const because =
      `${version} cannot be the version of a release. Deploy from a tag like 1.4.2, or an administrator sets ` +
      `\`"version": "sha"\` for this environment with \`PUT /github/${app}\``;
    return { kind: 'unknown', cause: 'no-version', because };
  }
  return { kind: 'target', release: { service: found.service, version }, ring: found.ring };
}

/** Equal for what GitHub takes for the same environment. */
export function environmentKey({
  repository,
  environment,
}: Pick<GithubEnvironment, 'repository' | 'environment'>): string {
  return `${repository}\n${environment}`.toLowerCase();
}
