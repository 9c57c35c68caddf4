import { commitArtifact } from './artifact.ts';
import type { GithubQuestion } from './github-request.ts';
import { isVersion, type Release } from './release.ts';

/** Which release and ring a deployment to an environment of a repository is about. */
export interface GithubEnvironment {
  /** `owner/name`; case does not matter, as at GitHub. */
  readonly repository: string;
  readonly environment: string;
  readonly service: string;
  readonly ring: string;
  /** What the version is: the tag, or the commit. */
  readonly version: 'ref' | 'sha';
}

/** What GitHub said about a tag: the commit where it is, null when there is no such tag, or why it is not known. */
export type TagAnswer = { readonly commit: string | null } | { readonly detail: string };

export type GithubTarget =
  /** `ref` is in full wherever it is known to be a tag. */
  | {
      readonly kind: 'target';
      readonly release: Release;
      readonly ring: string;
      readonly artifact: string;
      readonly ref: string;
    }
  /** Nobody can say which release it is. `because` says what somebody has to do. */
  | { readonly kind: 'unknown'; readonly cause: string; readonly because: string }
  /** It will never be a release. `because` says what to do instead. */
  | { readonly kind: 'refused'; readonly because: string };

/** The tag that GitHub has to be asked for, because a bare name may be a branch's as well; null where nobody has to ask. */
export function tagToFind(environments: readonly GithubEnvironment[], question: GithubQuestion): string | null {
  const isVersion = environmentOf(environments, question)?.version === 'ref';
  return isVersion && !/^refs\/(heads|tags)\//.test(question.ref) ? question.ref : null;
}

/**
 * What is asked of the gate. Not knowing is an answer of its own: it is neither approved nor rejected. A branch
 * moves on, so that its name stands for no release, and whoever may push one may name it like a tag. What is
 * deployed is the commit of the run, whatever its ref is called. `found` is what GitHub said of `tagToFind`.
 */
export function githubTarget(
  app: string,
  environments: readonly GithubEnvironment[],
  question: GithubQuestion,
  found: TagAnswer | null,
): GithubTarget {
  const { repository, environment, sha } = question;
  const mapped = environmentOf(environments, question);
  if (mapped === undefined) {
    const because =
      `the environment ${environment} of ${repository} belongs to no ring yet. ` +
      `An administrator adds it to \`environments\` with \`PUT /github/${app}\``;
    return { kind: 'unknown', cause: 'unmapped', because };
  }
  const { service, ring } = mapped;
  const target = { kind: 'target', ring, artifact: commitArtifact(sha) } as const;
  if (mapped.version === 'sha') return { ...target, release: { service, version: sha }, ref: question.ref };
  const wayOut = `an administrator sets \`"version": "sha"\` for this environment with \`PUT /github/${app}\``;
  const tag = tagOf(question, found);
  if (tag.kind === 'none')
    return { kind: 'refused', because: `${tag.because}. Start the run from a tag, or ${wayOut}` };
  if (tag.kind === 'unknown')
    return { kind: 'unknown', cause: 'tag-unknown', because: `${tag.because}. If that stays so, ${wayOut}` };
  if (isVersion(tag.name)) return { ...target, release: { service, version: tag.name }, ref: `refs/tags/${tag.name}` };
  const because = `${tag.name} cannot be the version of a release. Deploy from a tag like 1.4.2, or ${wayOut}`;
  return { kind: 'unknown', cause: 'no-version', because };
}

type Tag =
  | { readonly kind: 'tag'; readonly name: string }
  | { readonly kind: 'none'; readonly because: string }
  | { readonly kind: 'unknown'; readonly because: string };

function tagOf({ ref, sha, repository }: GithubQuestion, found: TagAnswer | null): Tag {
  const [, kind, name = ref] = /^refs\/(heads|tags)\/(.*)$/s.exec(ref) ?? [];
  if (kind === 'tags') return { kind: 'tag', name };
  if (kind === 'heads')
    return { kind: 'none', because: `${name} is a branch, and its name stands for another commit tomorrow` };
  if (found === null || 'detail' in found) {
    const why = found?.detail ?? 'GitHub was not asked';
    return { kind: 'unknown', because: `whether ${name} is a tag is not known: ${why}` };
  }
  if (found.commit === sha) return { kind: 'tag', name };
  const where = found.commit === null ? `${repository} has no tag ${name}` : `the tag ${name} is at ${found.commit}`;
  return { kind: 'none', because: `this run is for ${name} at ${sha}, and ${where}` };
}

function environmentOf(
  environments: readonly GithubEnvironment[],
  question: GithubQuestion,
): GithubEnvironment | undefined {
  return environments.find((each) => environmentKey(each) === environmentKey(question));
}

/** Equal for what GitHub takes for the same environment. */
export function environmentKey({
  repository,
  environment,
}: Pick<GithubEnvironment, 'repository' | 'environment'>): string {
  return `${repository}\n${environment}`.toLowerCase();
}
