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

/** Where a tag is: the commit, or null when the repository has no tag of that name. */
export interface FoundTag {
  readonly commit: string | null;
}

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
  | { readonly kind: 'refused'; readonly because: string }
  /** The name may be a branch's or a tag's: GitHub has to be asked where the tag is. */
  | { readonly kind: 'bare'; readonly tag: string };

/**
 * What is asked of the gate. Not knowing is an answer of its own: it is neither approved nor rejected. A branch
 * moves on, so that its name stands for no release; whoever may push one names it like any tag. What is deployed
 * is the commit of the run, whatever its ref is called. `found` is what GitHub said of a bare name.
 */
export function githubTarget(
  app: string,
  environments: readonly GithubEnvironment[],
  question: GithubQuestion,
  found?: FoundTag,
): GithubTarget {
  const { repository, environment, sha } = question;
  const mapped = environments.find((each) => environmentKey(each) === environmentKey(question));
  if (mapped === undefined) {
    const because =
      `the environment ${environment} of ${repository} belongs to no ring yet. ` +
      `An administrator adds it to \`environments\` with \`PUT /github/${app}\``;
    return { kind: 'unknown', cause: 'unmapped', because };
  }
  const { service, ring } = mapped;
  const artifact = commitArtifact(sha);
  if (mapped.version === 'sha')
    return { kind: 'target', release: { service, version: sha }, ring, artifact, ref: question.ref };
  const tag = tagOf(question, found);
  if (tag === 'bare') return { kind: 'bare', tag: question.ref };
  if (tag.kind === 'none')
    return { kind: 'refused', because: `${tag.because}. Start the run from a tag, or ${bySha(app)}` };
  if (isVersion(tag.name))
    return { kind: 'target', release: { service, version: tag.name }, ring, artifact, ref: `refs/tags/${tag.name}` };
  const because = `${tag.name} cannot be the version of a release. Deploy from a tag like 1.4.2, or ${bySha(app)}`;
  return { kind: 'unknown', cause: 'no-version', because };
}

/** The way out of a ref that is no version. */
export function bySha(app: string): string {
  return `an administrator sets \`"version": "sha"\` for this environment with \`PUT /github/${app}\``;
}

type Tag = { readonly kind: 'tag'; readonly name: string } | { readonly kind: 'none'; readonly because: string };

function tagOf({ ref, sha, repository }: GithubQuestion, found: FoundTag | undefined): Tag | 'bare' {
  const [, kind, name = ref] = /^refs\/(heads|tags)\/(.*)$/s.exec(ref) ?? [];
  if (kind === 'tags') return { kind: 'tag', name };
  if (kind === 'heads')
    return { kind: 'none', because: `${name} is a branch, and its name stands for another commit tomorrow` };
  if (found === undefined) return 'bare';
  if (found.commit === sha) return { kind: 'tag', name };
  const where = found.commit === null ? `${repository} has no tag ${name}` : `the tag ${name} is at ${found.commit}`;
  return { kind: 'none', because: `this run is for ${name} at ${sha}, and ${where}` };
}

/** Equal for what GitHub takes for the same environment. */
export function environmentKey({
  repository,
  environment,
}: Pick<GithubEnvironment, 'repository' | 'environment'>): string {
  return `${repository}\n${environment}`.toLowerCase();
}
